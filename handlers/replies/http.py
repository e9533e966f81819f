"""The reply to a program or a form: the text is shown as it grows to whoever looks, and the receipt holds the answer.

Nothing is sent: those who asked look (bot/live_texts.py), wait, come back, or are called back (triggers/webhook).
"""

from __future__ import annotations

from datetime import datetime

from bot.events import Address, Answer, Event, Place
from bot.live_texts import LiveTexts, live_texts_of
from bot.parts import Parts


class HttpReply:
    """Every method may be repeated without a second effect: what is kept is the receipt's."""

    def __init__(self, event_id: str, live: LiveTexts, *, watched: bool) -> None:
        self.watched = watched
        self._event_id, self._live = event_id, live

    async def open(self, place: Place | None) -> Place:
        """There is nothing to take."""
        del place
        return {"event": self._event_id}

    async def show(self, text_so_far: str) -> None:
        """Show the whole text so far."""
        self._live.publish(self._event_id, text_so_far)

    async def wait(self, reason: str, until: datetime | None) -> None:
        """The receipt says so."""

    async def finish(self, answer: Answer) -> None:
        """The receipt holds the answer already, and is closed next."""
        del answer
        self._live.end(self._event_id)

    async def fail(self, reason: str) -> None:
        """The receipt says why."""
        del reason
        self._live.end(self._event_id)


class HttpReplies:
    """Makes a reply for each event."""

    def __init__(self, live: LiveTexts) -> None:
        self._live = live

    def reply_for(self, event: Event, *, watched: bool) -> HttpReply:
        """The reply that is looked at under the event's own address."""
        return HttpReply(event.id, self._live, watched=watched)

    async def note(self, address: Address, words: str) -> None:
        """There is no second way to whoever asked."""

    async def aclose(self) -> None:
        """Keep no more texts."""
        await self._live.aclose()


def open_replies(parts: Parts) -> HttpReplies:
    """Replies that are looked at over HTTP."""
    return HttpReplies(live_texts_of(parts.database))
