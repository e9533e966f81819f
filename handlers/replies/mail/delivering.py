"""Bringing one mail to where it belongs exactly once: sent and kept among the sent, or laid among the drafts. Blocks.

A mail is noted before it is sent. If the process dies between the server's taking it and our noting that, the next try
finds the note, and looks for the mail among the sent ones. Where the server keeps none there, it is sent once more.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Literal, Protocol

import structlog

from bot.doors.mail.outbox import Begun, Outbox
from bot.errors import PROGRAM, SETTING, Refused, TryAgain, Waits
from bot.retry import backoff_s
from handlers.replies.mail.sending import UNKNOWN, Outgoing

log = structlog.get_logger()

Folder = Literal["sent", "drafts"]
Keeping = Literal["auto", "append", "no"]
"""MAIL_SENT: a copy among the sent mails is laid there by us (append), by nobody (no), or only where it is missing."""

FIRST_GAP_S, LONGEST_GAP_S, GROWTH = 60.0, 4 * 3_600.0, 5.0
"""1, 5 and 25 minutes, 2 hours, then every 4 hours."""
GIVES_UP_AFTER_S = 2 * 24 * 3_600.0
WAITS_FOR = "mail-server"
"""Code of what waits until the mail server takes mails again."""
NO_MAILBOX = "There is no mailbox here: IMAP_HOST, IMAP_USER and IMAP_PASSWORD are not set."
_GIVEN_UP = f"{{reason}}, for two days now. When it works again, run it again: `{PROGRAM} retry`. It is not paid twice."


class MailFolders(Protocol):
    """The folders of the mailbox that servers mark for sent mails and for drafts (RFC 6154). Everything blocks."""

    def holds(self, folder: Folder, message_id: str) -> bool:
        """Whether a mail with that Message-ID (without brackets) lies there. Raises TryAgain when it cannot tell.

        Raises Refused when there is no such folder.
        """

    def append(self, folder: Folder, mail: bytes, at: datetime) -> None:
        """Lay a mail there, as read among the sent, as a draft among the drafts. Raises TryAgain or Refused."""


class NoFolders:
    """Where mail is only sent, and there is no mailbox: see MailFolders."""

    def holds(self, folder: Folder, message_id: str) -> bool:
        """There is none."""
        del folder, message_id
        raise Refused(NO_MAILBOX, SETTING)

    def append(self, folder: Folder, mail: bytes, at: datetime) -> None:
        """There is none."""
        del folder, mail, at
        raise Refused(NO_MAILBOX, SETTING)


class Delivery:
    """What the replies of one mailbox share. `clock` in seconds since 1970."""

    def __init__(
        self, outgoing: Outgoing, folders: MailFolders, outbox: Outbox, keeping: Keeping, clock: Callable[[], float]
    ) -> None:
        self._outgoing, self._folders, self._outbox = outgoing, folders, outbox
        self._keeping, self._clock = keeping, clock

    def now(self) -> datetime:
        """An aware time."""
        return datetime.fromtimestamp(self._clock(), UTC)

    def send(self, event_id: str, message_id: str, sender: str, to: str, mail: bytes) -> None:
        """Return once the mail was sent. Raises Waits while the server takes none, Refused when it never will."""
        begun = self._outbox.begin(message_id, event_id, self._clock())
        if begun.is_sent or (begun.tries > 1 and self._lies_in("sent", message_id)):
            self._outbox.sent(message_id, self._clock())
            return
        try:
            self._outgoing.send(sender, to, mail)
        except TryAgain as error:
            raise self._later(message_id, begun, error) from None
        except Refused:
            self._outbox.forget(message_id)
            raise
        self._outbox.sent(message_id, self._clock())
        self._keep(message_id, mail)

    def lay_down(self, event_id: str, message_id: str, mail: bytes) -> None:
        """Return once the mail lies among the drafts. Raises TryAgain or Refused."""
        begun = self._outbox.begin(message_id, event_id, self._clock())
        # A person may have sent or thrown away what we noted as laid down: it is not laid down again.
        if not begun.is_sent and not (begun.tries > 1 and self._folders.holds("drafts", message_id)):
            self._folders.append("drafts", mail, self.now())
        self._outbox.sent(message_id, self._clock())

    def _later(self, message_id: str, begun: Begun, error: TryAgain) -> Waits | Refused:
        now_s = self._clock()
        if now_s - begun.first_at >= GIVES_UP_AFTER_S:
            if error.code != UNKNOWN:
                self._outbox.forget(message_id)
            return Refused(_GIVEN_UP.format(reason=error.reason.rstrip(".")), error.code)
        gap_s = backoff_s(begun.tries, FIRST_GAP_S, LONGEST_GAP_S, growth=GROWTH)
        return Waits(error.reason.rstrip("."), self.now() + timedelta(seconds=gap_s), waits_for=WAITS_FOR)

    def _lies_in(self, folder: Folder, message_id: str) -> bool:
        try:
            return self._folders.holds(folder, message_id)
        except Refused:
            return False  # no such folder: at most one repeat, as docs/mail.md says
        except TryAgain as error:
            raise Waits(error.reason, self.now() + timedelta(seconds=FIRST_GAP_S), waits_for=WAITS_FOR) from None

    def _keep(self, message_id: str, mail: bytes) -> None:
        """A copy among the sent mails; it was sent all the same when that fails."""
        try:
            if self._keeping == "append" or (self._keeping == "auto" and not self._folders.holds("sent", message_id)):
                self._folders.append("sent", mail, self.now())
        except (TryAgain, Refused) as error:
            log.warning("no copy among the sent mails", reason=error.reason)
