"""Any bytes are a mail or a named failure; a mail's event, conversation and people are read from its headers alone."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.doors.mail.headers import UNREADABLE
from bot.errors import Refused
from tests.triggers.mail.kept import OURS, mail
from triggers.mail.reading import Mail, read_mail

NAMES = ("From", "To", "Subject", "Date", "Message-ID", "References", "Content-Type", "Authentication-Results", "X")
PIECES = (
    "=?utf-8?q?",
    "=?rot13?b?YQ==?=",
    "=?zlib?q?x?=",
    "?=",
    "<",
    ">",
    "(",
    '"',
    "@",
    ",",
    ";",
    "a@b.example",
    "\\",
    "\r\n ",
    "\0",
    "é",
)
values = st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=30).map("".join)
headers = st.lists(st.tuples(st.sampled_from(NAMES), values), max_size=12)


@given(st.binary(max_size=2_000))
def test_any_bytes_are_a_mail_or_a_named_failure(raw):
    assert is_read_or_named(raw)


@given(headers, st.binary(max_size=200))
def test_any_headers_are_a_mail_or_a_named_failure(fields, body):
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields)
    assert is_read_or_named(lines.encode("utf-8", "surrogateescape") + b"\r\n" + body)


def is_read_or_named(raw: bytes) -> bool:
    try:
        read = read_mail(raw)
    except Refused as refusal:
        return refusal.code == UNREADABLE and bool(refusal.reason)
    shown = (read.subject, read.event_id, *read.to, read.sender.address if read.sender else "")
    return all("\r" not in text and "\n" not in text and "\0" not in text for text in shown)


@pytest.mark.parametrize(
    "raw",
    [
        mail(Subject=" ".join(["=?utf-8?b?QUFB?="] * 4_000)[:60_000]),
        mail(From="(" * 3_000 + "anna@people.example"),
        mail(To=", ".join(f"p{n}@x.example" for n in range(2_500))),
        mail(Content_Type='multipart/mixed; boundary="b"', body="--b\r\n" * 100_000),
        mail(body="Content-Type: x\r\n" * 20_000),
        mail(Subject="=?\0?q?x?="),
        mail(Message_ID="<["),
        mail(To='"'),
        mail(Date="Mon, 99 Foo 99999 99:99:99 +9999"),
    ],
)
def test_hostile_mails_are_read(raw):
    assert isinstance(read_mail(raw), Mail)


def test_more_headers_than_a_mail_has_are_refused_by_name():
    with pytest.raises(Refused, match="64 KB of headers"):
        read_mail(mail(X="y" * 70_000))


def test_what_matters_is_read():
    read = read_mail(
        mail(Subject="=?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n aus  Bonn", From='"Berg, Anna" <Anna@People.Example>')
    )
    assert read.subject == "Grüße aus Bonn"
    assert read.sender is not None
    assert (read.sender.address, read.sender.name) == ("anna@people.example", "Berg, Anna")
    assert read.sent_at == datetime(2026, 11, 29, 9, 0, tzinfo=UTC)
    assert read.to == ("bot@firm.example",)


def test_the_same_mail_delivered_twice_is_one_event():
    again = b"Received: by mx2\r\nDelivered-To: desk@firm.example\r\n" + mail().replace(b"\r\n", b"\n")
    assert read_mail(mail()).event_id == read_mail(again).event_id


def test_two_mails_that_share_a_message_id_are_two_events():
    assert read_mail(mail("One")).event_id != read_mail(mail("Two")).event_id


def test_mails_without_a_message_id_are_told_apart_by_what_they_say():
    one, two = mail("One", Message_ID=None), mail("Two", Message_ID="<>")
    assert read_mail(one).event_id == read_mail(one).event_id != read_mail(two).event_id


def test_ids_sort_in_the_order_of_sending():
    early, late = mail(Date="Sun, 29 Nov 2026 10:00:00 +0100"), mail(Date="Sun, 29 Nov 2026 09:30:00 +0000")
    assert read_mail(early).event_id < read_mail(late).event_id


def test_a_thread_is_one_conversation_from_its_first_mail_on():
    first = read_mail(mail(Message_ID="<a@x>"))
    second = read_mail(mail(Message_ID="<c@x>", References="<a@x> <b@x>", In_Reply_To="<b@x>"))
    assert first.conversation == second.conversation != read_mail(mail(Message_ID="<z@x>")).conversation


def test_an_answer_to_ours_finds_its_conversation_without_references():
    read = read_mail(mail(In_Reply_To=f"<{OURS}>", References=None))
    assert read.conversation == "0123456789abcdef0123"


@pytest.mark.parametrize(
    "fields", [{"From": None}, {"From": "a@x.example, b@x.example"}, {"From": "<a@x.example> <b@x.example>"}]
)
def test_a_sender_who_cannot_be_told_is_nobody(fields):
    assert read_mail(mail(**fields)).sender is None


def test_two_from_headers_are_nobody():
    assert read_mail(b"From: eve@evil.example\r\n" + mail()).sender is None
