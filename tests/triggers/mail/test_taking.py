"""What becomes of each mail: an event with a private copy, a receipt that says why not, or nothing at all."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.doors.mail.headers import UNREADABLE
from bot.errors import TryAgain
from tests.triggers.mail.kept import POLICY, mail
from triggers.mail.copies import MailCopies
from triggers.mail.deciding import BRAKE, MACHINE, Counts
from triggers.mail.mails import RawMail, content_key_of
from triggers.mail.taking import MOST_KEPT_BYTES, MailTaking


def raw(content, *, size_bytes=None, is_whole=True):
    return RawMail(
        "box",
        1,
        1,
        content=content,
        size_bytes=size_bytes or len(content),
        message_id="",
        content_key=content_key_of(content),
        received_at=datetime(2026, 11, 29, 10, tzinfo=UTC),
        is_whole=is_whole,
    )


class Desk:
    """Takes mails into a folder; what was emitted, and what was skipped for which code."""

    def __init__(self, folder, counts=None):
        self.events, self.skipped = [], []
        self.copies = MailCopies(folder)
        self.taking = MailTaking(POLICY, lambda *_: counts or Counts(), self.copies, self._skip)

    async def _skip(self, event, reason, record=None, *, code=""):
        self.skipped.append((event, reason, code))

    async def _emit(self, event, record=None):
        self.events.append(event)

    def take(self, mail):
        return asyncio.run(self.taking(mail, self._emit, lambda _: None))


def test_a_mail_becomes_an_event_with_a_private_copy(tmp_path):
    desk, content = Desk(tmp_path), mail()
    assert desk.take(raw(content))
    (event,) = desk.events
    assert Path(event.attachments[0].path).read_bytes() == content
    assert (event.person, event.subject) == ("anna@people.example", "A question")


def test_a_mail_of_nobodys_leaves_nothing(tmp_path):
    desk = Desk(tmp_path)
    assert not desk.take(raw(mail(To="ben@people.example", Delivered_To="ben@people.example")))
    assert (desk.events, desk.skipped, list(tmp_path.iterdir())) == ([], [], [])


@pytest.mark.parametrize(
    ("content", "counts", "code"),
    [
        (mail(Precedence="bulk"), Counts(), MACHINE),
        (mail(), Counts(hour=5), BRAKE),
        (b"\xff\xfe\0", Counts(), UNREADABLE),
    ],
)
def test_what_is_left_alone_has_its_reason_and_can_be_answered_later(tmp_path, content, counts, code):
    desk = Desk(tmp_path, counts)
    assert desk.take(raw(content))
    ((event, reason, said),) = desk.skipped
    assert said == code
    assert reason.startswith("skipped: ")
    assert bool(event.attachments[0].path) is (code != UNREADABLE)


def test_of_large_mails_that_are_left_alone_nothing_is_kept(tmp_path):
    desk = Desk(tmp_path)
    desk.take(raw(mail("x" * MOST_KEPT_BYTES, Precedence="bulk")))
    assert desk.skipped[0][0].attachments[0].path is None
    assert list(tmp_path.iterdir()) == []


def test_a_mail_that_is_too_big_is_an_event_without_a_copy(tmp_path):
    desk = Desk(tmp_path)
    desk.take(raw(mail().split(b"\r\n\r\n")[0] + b"\r\n\r\n", size_bytes=31_000_000, is_whole=False))
    assert desk.events[0].attachments[0].path is None
    assert desk.events[0].attachments[0].size_bytes == 31_000_000


def test_a_full_disk_is_tried_again(tmp_path):
    (tmp_path / "files").write_text("in the way")
    desk = Desk(tmp_path / "files")
    with pytest.raises(TryAgain, match="copy of a mail"):
        desk.take(raw(mail()))


def test_copies_go_with_their_events_and_young_ones_stay(tmp_path):
    copies = MailCopies(tmp_path)
    for name in ("mail:1:a", "mail:2:b"):
        copies.keep(name, b"x")
    now = datetime.now(UTC).timestamp()
    assert copies.sweep(lambda ids: set(), now) == 0
    assert copies.sweep(lambda ids: {"mail:1:a"} & set(ids), now + 7_200) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["mail-1-a.eml"]
