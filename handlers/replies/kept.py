"""The reply of an event that nobody waits for anywhere: its answer is kept with the receipt, and nothing more."""

from __future__ import annotations

from datetime import datetime

import structlog

from bot.events import Address, Answer, Event, Place
from bot.parts import Parts

log = structlog.get_logger()


class KeptReply:
    """Nobody watches. The engine has stored the answer before it is delivered, so there is nothing left to do."""

    watched = False

    def __init__(self, event: Event) -> None:
        self._event = event

    async def open(self, place: Place | None) -> Place:
        """There is always room."""
        del place
        return {}

    async def show(self, text_so_far: str) -> None:
        """Nobody is looking."""

    async def wait(self, reason: str, until: datetime | None) -> None:
        """The receipt says so."""

    async def finish(self, answer: Answer) -> None:
        """Say in the log where it is."""
        log.info("answer is kept", event_id=self._event.id, chars=len(answer.text))

    async def fail(self, reason: str) -> None:
        """The receipt says so, and the log."""


class KeptReplies:
    """Makes a reply for each event; it holds nothing."""

    def reply_for(self, event: Event, *, watched: bool) -> KeptReply:
        """The reply of any event."""
        del watched
        return KeptReply(event)

    async def note(self, address: Address, words: str) -> None:
        """Nobody is there to see it."""

    async def aclose(self) -> None:
        """Nothing is held."""


def open_replies(_parts: Parts) -> KeptReplies:
    """Replies that go nowhere."""
    return KeptReplies()
