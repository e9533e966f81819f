"""The tests of telling formats by their first bytes."""

import pytest

from handlers.documents.formats import format_of_bytes, format_of_text, mismatch

MAIL = "Received: from a\n\tby b\nFrom: a@b.c\nSubject: x\nDate: now\n\nbody"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("<!DOCTYPE html><p>x", "html"),
        ("\n <!-- made by x -->\n<html lang=de>", "html"),
        ('<?xml version="1.0"?><!DOCTYPE html PUBLIC "x">', "html"),
        ("<div align=center># Readme", "text"),
        ("<svg><text>x</text></svg>", "text"),
        (MAIL, "mail"),
        ("From ada Mon Nov 23\n" + MAIL, "mail"),
        ("Subject: lunch\nWe should meet.", "text"),
        ("From: the team\nWe should meet.", "text"),
        ("name: x\nversion: 1\n\n", "text"),
        ("", "text"),
    ],
)
def test_web_pages_and_mails_are_told_from_other_text(text, found):
    assert format_of_text(text) == found


def test_a_pdf_may_start_after_some_rubbish():
    assert format_of_bytes(b"HTTP rubbish\r\n\r\n%PDF-1.4") == "pdf"
    assert format_of_bytes(b"\xef\xbb\xbf%PDF-1.4") == "pdf"
    assert format_of_bytes(b"# Notes\nA PDF starts with %PDF-1.4") is None


def test_text_that_starts_like_a_bitmap_is_no_bitmap():
    assert format_of_bytes(b"BMW is a maker of cars") is None


def test_text_that_starts_like_a_program_is_no_program():
    assert format_of_bytes(b"MZ is not a program here") is None


@pytest.mark.parametrize(
    ("name", "found", "said"),
    [
        ("a.DOCX", "pdf", "The name says .docx, but it is a PDF."),
        ("photo.jpeg", "png", "The name says .jpeg, but it is a PNG picture."),
        ("photo.jpg", "jpeg", None),
        ("a.docm", "docx", None),
        ("fragment.html", "text", None),
        ("a.unknown", "pdf", None),
        ("pdf", "text", None),
    ],
)
def test_a_name_that_promises_something_else_is_mentioned(name, found, said):
    assert mismatch(name, found) == said
