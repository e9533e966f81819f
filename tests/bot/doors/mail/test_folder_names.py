import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.doors.mail.folder_names import from_utf7, quoted_folder, to_utf7
from playground.mail.names import to_wire


@pytest.mark.parametrize(
    ("name", "wire"),
    [
        ("INBOX", "INBOX"),
        ("Größe & Maß", "Gr&APYA3w-e &- Ma&AN8-"),
        ("台北", "&U,BTFw-"),
        ("~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"),  # the example of RFC 3501, 5.1.3
        ("📬", "&2D3c7A-"),
    ],
)
def test_names_are_written_as_the_rfc_says(name, wire):
    assert to_utf7(name) == wire
    assert from_utf7(wire) == name


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_every_name_comes_back(name):
    assert from_utf7(to_utf7(name)) == name
    assert to_utf7(name) == to_wire(name).decode()


def test_a_quoted_name_cannot_end_its_quotes():
    assert quoted_folder('a"b\\c') == r'"a\"b\\c"'


@pytest.mark.parametrize("wire", ["&A-", "&////-", "R&D", "&%-"])
def test_what_is_no_modified_utf7_stays_as_it_stands(wire):
    assert from_utf7(wire) == wire
