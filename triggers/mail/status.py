"""How the mail door is: connected or not, in words, and when the server was last heard."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import structlog

from bot.doors.mail.faults import MailFault
from bot.events import Health

log = structlog.get_logger()


class MailStatus:
    """Written by the trigger, read by `health`. A fault and its end are each logged once."""

    def __init__(self, mailbox: str, clock: Callable[[], float]) -> None:
        self.failures = 0
        """Connections that ended in a fault, in a row."""
        self._mailbox = mailbox
        self._clock = clock
        self._fault = ""
        self._is_told = False
        self._words = f"connecting to {mailbox}"
        self._is_connected = False
        self._heard_at: datetime | None = None
        self._event_at: datetime | None = None
        self._left_alone = 0

    def heard(self) -> None:
        """The server said something; from any thread."""
        self._heard_at = self._now()

    def taken(self) -> None:
        """A mail became an event."""
        self._event_at = self._now()

    def gave_up(self) -> None:
        """A mail could not be read by us, and is left alone."""
        self._left_alone += 1

    def works(self, *, has_idle: bool, poll_s: float) -> None:
        """The mailbox was opened and looked through."""
        way = "tells of new mail at once" if has_idle else f"has no IDLE: it is asked every {poll_s:g} s"
        self._words = f"{self._mailbox} is open; the server {way}"
        if self._is_told:
            log.info("mailbox is open again", mailbox=self._mailbox, was=self._fault)
        self.failures, self._fault, self._is_told, self._is_connected = 0, "", False, True

    def failed(self, fault: MailFault) -> None:
        """A connection ended. One that is merely lost is not told before it could not be made again."""
        self.failures += 1
        words = f"{fault.reason}. {fault.fix}".rstrip(" .")
        is_news = words != self._fault
        self._fault = words
        if (self.failures > 1 or fault.code != "lost") and (is_news or not self._is_told):
            self._is_told = True
            log.warning("mailbox is not heard; trying again", mailbox=self._mailbox, reason=words)

    def health(self) -> Health:
        """Fine while the mailbox is open."""
        fault = self._fault if self._is_told else ""
        count = self._left_alone
        left = f"; {count} {'mail' if count == 1 else 'mails'} could not be read, see the log" if count else ""
        ok = self._is_connected and not fault
        return Health(ok, (fault or self._words) + left, self._heard_at, self._event_at)

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC)
