"""The tests of reading Word documents: nothing in them is lost, and the order is kept."""

import docx

from handlers.documents.readers.word import read_word
from tests.handlers.documents.readers.reading_lines import notes_of, text_of
from tests.handlers.documents.samples import docx_of, docx_with, saved, word_p


def cell(xml):
    return f"<w:tc><w:p/>{xml}</w:tc>"


def box(text):
    return f"<w:txbxContent>{word_p(text)}</w:txbxContent>"


def test_paragraphs_and_tables_come_in_the_order_of_the_document():
    document = docx.Document()
    document.add_paragraph("before")
    document.add_table(1, 2).rows[0].cells[1].text = "in the table"
    document.add_paragraph("after")
    assert text_of(read_word, saved(document)) == "before\n\tin the table\nafter"


def test_headings_and_lists_are_marked():
    document = docx.Document()
    document.add_heading("Plan", 0)
    document.add_heading("Goals", 2)
    document.add_paragraph("first", style="List Bullet")
    assert text_of(read_word, saved(document)) == "# Plan\n## Goals\n- first"


def test_nested_tables_stand_in_their_cell():
    inner = f"<w:tbl><w:tr>{cell(word_p('x'))}{cell(word_p('y'))}</w:tr></w:tbl>"
    body = f"<w:tbl><w:tr>{cell(word_p('a') + word_p('b') + inner)}{cell(word_p('c'))}</w:tr></w:tbl>"
    assert text_of(read_word, docx_of(body)) == "a / b / x | y\tc"


def test_headers_and_footers_are_read_once():
    document = docx.Document()
    document.add_paragraph("body")
    section = document.sections[0]
    section.header.paragraphs[0].text = "Confidential"
    section.footer.paragraphs[0].text = "Page of ACME"
    text = text_of(read_word, saved(document))
    assert text == "[Header] Confidential\nbody\n[Footer] Page of ACME"


def test_comments_are_read_with_who_wrote_them():
    document = docx.Document()
    paragraph = document.add_paragraph("Price is 10")
    document.add_comment(paragraph.runs, text="Should be 12", author="Ada", initials="A")
    text = text_of(read_word, saved(document))
    assert "Price is 10[comment 0]" in text
    assert "[Comment 0, Ada] Should be 12" in text


def test_footnotes_and_endnotes_are_marked_where_they_stand_and_read_at_the_end():
    run = '<w:p><w:r><w:t>See</w:t></w:r><w:r><w:{0}Reference w:id="2"/></w:r></w:p>'
    part = (
        '<w:root><w:{0} w:id="0" w:type="separator"><w:p><w:r><w:t>-</w:t></w:r></w:p></w:{0}>'
        '<w:{0} w:id="2">' + word_p("small print of the {0}") + "</w:{0}></w:root>"
    )
    parts = {f"{kind}s": (f"{kind}s", part.format(kind)) for kind in ("footnote", "endnote")}
    text = text_of(read_word, docx_of(run.format("footnote") + run.format("endnote"), parts))
    assert text.splitlines() == [
        "See[note 2]",
        "See[endnote 2]",
        "[Note 2] small print of the footnote",
        "[Endnote 2] small print of the endnote",
    ]


def test_text_boxes_are_read_once_though_they_are_stored_twice():
    drawing = (
        "<w:p><w:r><w:t>around</w:t></w:r><w:r><mc:AlternateContent>"
        f"<mc:Choice Requires='wps'><w:drawing><wps:txbx>{box('in the box')}</wps:txbx></w:drawing></mc:Choice>"
        f"<mc:Fallback><w:pict><v:textbox>{box('in the box')}</v:textbox></w:pict></mc:Fallback>"
        "</mc:AlternateContent></w:r></w:p>"
    )
    assert text_of(read_word, docx_of(drawing)) == "around\nin the box"


def test_an_old_text_box_is_read_too():
    assert "old box" in text_of(
        read_word, docx_of(f"<w:p><w:r><w:pict><v:textbox>{box('old box')}</v:textbox></w:pict></w:r></w:p>")
    )


def test_content_controls_links_and_insertions_are_read_and_deletions_are_not():
    body = (
        f"<w:sdt><w:sdtPr/><w:sdtContent>{word_p('in a control')}</w:sdtContent></w:sdt>"
        "<w:p><w:hyperlink><w:r><w:t>a link</w:t></w:r></w:hyperlink>"
        "<w:ins><w:r><w:t> inserted</w:t></w:r></w:ins><w:del><w:r><w:delText> deleted</w:delText></w:r></w:del></w:p>"
    )
    assert text_of(read_word, docx_of(body)) == "in a control\na link inserted"
    assert notes_of(read_word, docx_of(body)) == ["It has tracked changes; they were read as accepted."]


def test_tabs_and_line_breaks_stay_and_field_codes_go():
    body = (
        "<w:p><w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t></w:r>"
        "<w:r><w:instrText>PAGE</w:instrText></w:r><w:r><w:t>1</w:t></w:r></w:p>"
    )
    assert text_of(read_word, docx_of(body)) == "a\tb\nc1"


def test_a_plain_document_has_no_notes():
    assert notes_of(read_word, docx_with(["Hello"])) == []
