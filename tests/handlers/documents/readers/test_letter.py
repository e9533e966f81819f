"""A mail that came to us: its own text, and each file apart; any bytes are a mail or a named failure."""

import asyncio
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import Refused
from handlers.documents.child import read_content
from handlers.documents.letter import PLAIN_BYTES, read_letter
from handlers.documents.limits import Limits
from handlers.documents.source import Held

TYPES = ("text/plain", "text/html", "multipart/mixed", "multipart/alternative", "message/rfc822", "image/png", "x", "")
HEADERS = ("Content-Type", "Content-Disposition", "Content-Transfer-Encoding", "Subject", "MIME-Version")
values = st.sampled_from([*TYPES, "attachment; filename=a.txt", "base64", "quoted-printable"]) | st.text(max_size=20)
parts = st.lists(st.tuples(st.lists(st.tuples(st.sampled_from(HEADERS), values), max_size=4), st.binary(max_size=80)))


def assembled(pieces):
    """Parts behind a boundary, whatever they are."""
    body = b""
    for headers, content in pieces:
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
        body += b"--b\r\n" + lines.encode("utf-8", "surrogatepass") + b"\r\n" + content + b"\r\n"
    return b"Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" + body


def is_read_or_named(data):
    try:
        found = read_content("letter", Held(data), Limits(), [])
    except Refused as refusal:
        return bool(refusal.reason)
    return isinstance(found["text"], str) and all(file["name"] for file in found["files"])


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=600))
def test_any_bytes_are_a_letter_or_a_named_failure(data):
    assert is_read_or_named(data)


@settings(deadline=None, max_examples=60)
@given(parts)
def test_any_parts_are_a_letter_or_a_named_failure(pieces):
    assert is_read_or_named(assembled(pieces))


def test_a_forwarded_mail_whose_encoding_is_no_ascii_is_read():
    headers = [("Content-Type", "message/rfc822"), ("Content-Transfer-Encoding", "é")]
    assert is_read_or_named(assembled([(headers, b"Subject: y\r\n\r\nhello")]))


def read(folder, content):
    (folder / "mail.eml").write_bytes(content)
    return asyncio.run(read_letter(folder / "mail.eml"))


def test_plain_mails_and_those_with_parts_are_read_alike(tmp_path):
    plain = EmailMessage()
    plain.set_content("How much is a box? größer\n")
    whole = EmailMessage()
    whole.set_content("How much is a box? größer\n")
    whole.add_alternative("<p>How much is a box? größer</p>", subtype="html")
    long = EmailMessage()
    long.set_content("How much is a box? größer\n" + " \n" * PLAIN_BYTES)
    assert {read(tmp_path, mail.as_bytes()).text.strip() for mail in (plain, whole, long)} == {
        "How much is a box? größer"
    }


def test_what_cannot_be_read_of_the_files_is_said_and_the_text_stays(tmp_path):
    mail = EmailMessage()
    mail.set_content("See the archive.\n")
    mail.add_attachment(b"PK\x05\x06" + b"\0" * 18, maintype="application", subtype="zip", filename="all.zip")
    found = read(tmp_path, mail.as_bytes())
    assert found.text == "See the archive."
    assert found.documents == ()
    assert found.notes[0].startswith("Of the mail this was not read: all.zip (")


def test_a_page_nested_without_end_is_refused_and_not_tried(tmp_path):
    with pytest.raises(Refused, match="nested too deeply"):
        read_content("html", Held(b"<div>" * 21_000), Limits(), [])
    found = read_content("html", Held(b"<p>a" * 1_000 + b"<div>b</div>" * 21_000), Limits(), [])
    assert str(found["text"]).count("b") == 21_000
