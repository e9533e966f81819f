from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.doors.mail.mail_store import SeenMail, message_key
from bot.doors.mail.responses import Fetched
from triggers.mail.mails import content_key_of, message_id_of, sort_out

BEFORE, AFTER = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)
STARTED_S = datetime(2026, 2, 1, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("head", "message_id"),
    [
        (b"Message-ID: <a@b>\r\n", "<a@b>"),
        (b"From: x\r\nMESSAGE-id:\r\n <a@b>\r\n\r\n", "<a@b>"),
        (b"Message-ID: junk <a@b> (comment)\r\n", "<a@b>"),
        (b"Message-ID: no-brackets\n", "no-brackets"),
        (b"Message-ID: <>\r\n", "<>"),
        (b"X-Message-ID: <a@b>\r\n", ""),
        (b"", ""),
    ],
)
def test_a_message_id_is_found_however_it_is_written(head, message_id):
    assert message_id_of(head) == message_id


@given(st.binary(max_size=300))
def test_any_bytes_have_a_message_id_and_a_key(content):
    assert len(message_id_of(content)) <= 998
    assert len(content_key_of(content)) == 32


def test_what_is_added_on_the_way_changes_nothing_and_what_is_said_does():
    mail = b"From: a\r\nSubject: b\r\n\r\nHello\r\n"
    assert content_key_of(b"Received: c\n" + mail.replace(b"\r\n", b"\n")) == content_key_of(mail)
    assert content_key_of(mail.replace(b"Hello", b"Hallo")) != content_key_of(mail)
    assert content_key_of(mail.replace(b"Subject: b", b"Subject: d")) != content_key_of(mail)


def found(uid, message_id, at=AFTER):
    return Fetched(uid=uid, received_at=at, content=f"Message-ID: {message_id}\r\n\r\n".encode() if message_id else b"")


def test_a_known_message_id_is_old_as_often_as_it_is_known():
    known = [SeenMail(validity, 1, message_key("<a>")) for validity in (1, 2)]
    old, new = sort_out([found(1, "<a>"), found(2, "<a>"), found(3, "<b>")], known, STARTED_S)
    assert old == [(1, message_key("<a>"))]
    assert new == [2, 3]


def test_what_the_server_had_before_the_first_start_is_old_whatever_it_is():
    old, new = sort_out(
        [found(1, "<a>", BEFORE), found(2, "", BEFORE), found(3, ""), found(4, "<b>", None)], [], STARTED_S
    )
    assert [uid for uid, _ in old] == [1, 2]
    assert new == [3, 4]


def test_a_mail_of_the_same_second_as_the_first_start_is_new():
    at = datetime.fromtimestamp(STARTED_S - 1, UTC)
    assert sort_out([found(1, "<a>", at)], [], STARTED_S) == ([], [1])
