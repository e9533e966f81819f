"""The tests of the name a document is shown under."""

import pytest

from handlers.documents.document import display_name


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("report.pdf", "report.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\ada\\plan.docx", "plan.docx"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("a\x00b\nc\td.txt", "ab c d.txt"),
        ("zero\u200bwidth.txt", "zerowidth.txt"),
        ("half\udcff.txt", "half.txt"),
        ("U\u0308ber.txt", "Über.txt"),
        ("", "file"),
        ("\u202e", "file"),
    ],
)
def test_a_name_is_shown_without_anything_invisible(name, shown):
    assert display_name(name) == shown


def test_a_long_name_is_shortened_and_keeps_its_ending():
    shown = display_name("x" * 300 + ".docx")
    assert len(shown) == 120
    assert shown.endswith("x….docx")
