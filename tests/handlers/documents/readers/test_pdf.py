"""The tests of checking PDFs before they are sent."""

import pytest

from bot.errors import Refused
from handlers.documents.limits import Limits
from handlers.documents.readers.pdf import check_pdf
from tests.handlers.documents.samples import locked_pdf, pdf_with

LIMITS = Limits()


def check(folder, data, limits=LIMITS):
    path = folder / "file.pdf"
    path.write_bytes(data)
    return check_pdf(path, limits)


def test_pages_are_counted(tmp_path):
    assert check(tmp_path, pdf_with(pages=7)) == 7


def test_a_pdf_with_some_rubbish_around_it_is_taken(tmp_path):
    assert check(tmp_path, b"\n\n" + pdf_with() + b"\n<!-- appended by a web server -->\n") == 1


def test_a_count_that_lies_is_not_believed(tmp_path):
    with pytest.raises(Refused, match="101 pages"):
        check(tmp_path, pdf_with(pages=101).replace(b"/Count 101", b"/Count 1  "))


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.9, 0.99])
def test_a_pdf_cut_anywhere_is_refused(tmp_path, share):
    data = pdf_with(["some words"], pages=2)
    with pytest.raises(Refused, match="cut short"):
        check(tmp_path, data[: int(len(data) * share)])


def test_a_pdf_without_pages_is_refused(tmp_path):
    with pytest.raises(Refused, match="cut short or damaged"):
        check(tmp_path, pdf_with(pages=0))


@pytest.mark.parametrize("algorithm", ["RC4-40", "RC4-128", "AES-128", "AES-256"])
def test_a_password_and_a_protection_are_told_apart(tmp_path, algorithm):
    with pytest.raises(Refused, match="locked with a password"):
        check(tmp_path, locked_pdf("secret", algorithm))
    with pytest.raises(Refused, match="Print it to a new PDF"):
        check(tmp_path, locked_pdf("", algorithm))


def test_a_lock_of_an_unknown_kind_is_a_lock(tmp_path):
    with pytest.raises(Refused, match="locked with a password"):
        check(tmp_path, locked_pdf().replace(b"/Filter /Standard", b"/Filter /Nonsense"))


def test_page_trees_that_go_round_in_circles_end(tmp_path):
    with pytest.raises((Refused, RecursionError)):
        check(tmp_path, pdf_with(pages=2).replace(b"/Kids [5 0 R 6 0 R]", b"/Kids [2 0 R 2 0 R]"))
