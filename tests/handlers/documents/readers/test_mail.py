"""The tests of reading saved mails, hostile ones among them."""

import pytest

from bot.errors import Refused
from handlers.documents.limits import Limits
from handlers.documents.readers.mail import read_mail
from tests.handlers.documents.readers.reading_lines import text_of_file
from tests.handlers.documents.samples import mail_with

HEAD = b"From: a@example.com\nTo: b@example.com\nSubject: x\nMIME-Version: 1.0\n"


def test_headers_text_and_names_of_attachments_are_read(tmp_path):
    data = mail_with("Dear Bob,\n12 chairs.", "<p>Dear Bob", {"../../plan\u202efdp.docx": b"x"})
    assert text_of_file(read_mail, data, tmp_path) == (
        "From: Ada <ada@example.com>\nTo: bob@example.com\nDate: Mon, 23 Nov 2026 09:00:00 +0000\n"
        "Subject: Offer für Bob\n\nDear Bob,\n12 chairs.\n\n[Attached: planfdp.docx]"
    )


def test_a_mail_in_html_only_is_read(tmp_path):
    data = HEAD + b"Content-Type: text/html; charset=utf-8\n\n<p>Hello<p style='display:none'>secret"
    text = text_of_file(read_mail, data, tmp_path)
    assert "Hello" in text
    assert "secret" not in text


def test_a_text_part_that_is_no_text_spoils_only_itself(tmp_path):
    body = b"--x\n\nHello\n--x\nContent-Type: text/plain\n\n" + bytes(range(1, 256)) * 3 + b"\n--x--\n"
    text = text_of_file(read_mail, HEAD + b"Content-Type: multipart/mixed; boundary=x\n\n" + body, tmp_path)
    assert "Hello" in text
    assert "[A part of this mail is not text and was not read.]" in text


def test_a_forwarded_mail_is_read(tmp_path):
    inner = b"From: c@example.com\nSubject: inner\n\ninner text"
    data = HEAD + b'Content-Type: multipart/mixed; boundary="x"\n\n--x\n\nouter\n--x\nContent-Type: message/rfc822\n\n'
    text = text_of_file(read_mail, data + inner + b"\n--x--\n", tmp_path)
    assert "outer" in text
    assert "[Forwarded mail]\nFrom: c@example.com\nSubject: inner\n\ninner text" in text


@pytest.mark.parametrize("charset", [b"rot13", b"zlib", b"no-such", b'"a\\0b"', b"utf-8", b""])
def test_any_charset_is_survived(tmp_path, charset):
    data = HEAD + b"Content-Type: text/plain; charset=" + charset + b"\n\nHello"
    assert "Hello" in text_of_file(read_mail, data, tmp_path)


@pytest.mark.parametrize(
    "header",
    [
        b"Message-ID: <[",
        b'Cc: "',
        b"From: " + b"(" * 3000 + b"a@b.c",
        b"Subject: " + b"=?utf-8?q?a?= " * 20_000,
        b"Cc: " + b"a@example.com, " * 4000,
        b"Subject: =?no-such-charset?q?=ff?=",
        b"Subject: =?utf-8?b?!!!?=",
    ],
)
def test_headers_that_break_parsers_do_not_break_this_one(tmp_path, header):
    data = header + b"\n" + HEAD + b"\nHello"
    if len(data) > 65_536:
        with pytest.raises(Refused, match="more headers"):
            text_of_file(read_mail, data, tmp_path)
    else:
        assert "Hello" in text_of_file(read_mail, data, tmp_path)


def test_parts_within_parts_without_end_are_refused(tmp_path):
    nest = b"".join(b"--b%d\nContent-Type: multipart/mixed; boundary=b%d\n\n" % (n, n + 1) for n in range(2000))
    data = HEAD + b"Content-Type: multipart/mixed; boundary=b0\n\n" + nest
    with pytest.raises(Refused, match="parts within parts"):
        text_of_file(read_mail, data, tmp_path)


def test_nesting_below_the_count_is_still_bounded(tmp_path):
    nest = b"".join(b"--b%d\nContent-Type: multipart/mixed; boundary=b%d\n\n" % (n, n + 1) for n in range(40))
    data = HEAD + b"Content-Type: multipart/mixed; boundary=b0\n\n" + nest + b"--b40\n\nx\n"
    with pytest.raises(Refused, match="parts within parts"):
        text_of_file(read_mail, data, tmp_path, Limits(mail_nesting=20))


def test_a_hundred_thousand_parts_are_refused_before_parsing(tmp_path):
    data = HEAD + b"Content-Type: multipart/mixed; boundary=x\n\n" + b"--x\n\na\n" * 100_000
    with pytest.raises(Refused, match="parts within parts"):
        text_of_file(read_mail, data, tmp_path)
