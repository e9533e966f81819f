"""The tests of reading OpenDocument texts."""

from handlers.documents.readers.odt import read_odt
from tests.handlers.documents.readers.reading_lines import notes_of, text_of
from tests.handlers.documents.samples import odt_with


def test_headings_paragraphs_lists_and_tables_come_in_order():
    body = (
        '<t:h xmlns:t="t" t:outline-level="2">Goals</t:h>'
        '<t:p xmlns:t="t">one<t:s t:c="2"/>two<t:tab/>three<t:line-break/>four <t:span>bold</t:span> tail</t:p>'
        '<t:list xmlns:t="t"><t:list-item><t:p>item</t:p></t:list-item></t:list>'
        '<table:table xmlns:t="t"><table:table-row><table:table-cell><t:p>a</t:p></table:table-cell>'
        "<table:table-cell><t:p>b</t:p><t:p>c</t:p></table:table-cell></table:table-row></table:table>"
    )
    assert text_of(read_odt, odt_with(body)) == "## Goals\none  two\tthree\nfour bold tail\n- item\na\tb / c"


def test_notes_comments_and_boxes_are_read():
    body = (
        '<t:p xmlns:t="t">claim<t:note><t:note-citation>1</t:note-citation><t:note-body><t:p>proof</t:p></t:note-body>'
        "</t:note> and<office:annotation><dc:creator>Ada</dc:creator><t:p>really?</t:p></office:annotation>"
        "<draw:frame><draw:text-box><t:p>boxed</t:p></draw:text-box></draw:frame></t:p>"
    )
    assert text_of(read_odt, odt_with(body)) == "claim [Note: proof] and [Comment: really?]\nboxed"


def test_headers_and_footers_are_read():
    styles = (
        '<style:header><t:p xmlns:t="t">top</t:p></style:header><style:footer><t:p xmlns:t="t">low</t:p></style:footer>'
    )
    assert text_of(read_odt, odt_with('<t:p xmlns:t="t">x</t:p>', styles)) == "[Header] top\nx\n[Footer] low"


def test_what_was_deleted_is_left_out_and_said():
    gone = '<t:tracked-changes xmlns:t="t"><t:deletion><t:p>gone</t:p></t:deletion></t:tracked-changes>'
    body = gone + '<t:p xmlns:t="t">kept</t:p>'
    assert text_of(read_odt, odt_with(body)) == "kept"
    assert notes_of(read_odt, odt_with(body)) == ["It has tracked changes; they were read as accepted."]


def test_cells_repeated_without_end_do_not_fill_the_memory():
    cell = '<table:table-cell table:number-columns-repeated="999999999"/>'
    body = f"<table:table><table:table-row>{cell}</table:table-row></table:table>"
    assert len(text_of(read_odt, odt_with(body))) < 10
