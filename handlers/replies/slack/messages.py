"""The messages of one answer: posted once, edited while they grow, and at the end exactly right.

A message belongs to one answer for ever. Each carries the event's id and its part number in its metadata.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import structlog

from bot.doors.slack.calls import Priority, Sender
from bot.doors.slack.refusals import BLOCKS_REFUSED, ShapeRefused
from bot.errors import TryAgain
from handlers.replies.slack.rendering import Rendered, probe
from handlers.replies.slack.search import Destination, Found
from handlers.replies.slack.writer import Message, Writer

log = structlog.get_logger()

Render = Callable[[], list[Rendered]]


class Check(Protocol):
    """Raises NotWanted when the question is gone; `look`: ask Slack, because a message of ours went astray."""

    async def __call__(self, *, look: bool = False) -> None: ...


async def never_gone(*, look: bool = False) -> None:
    """No question is ever deleted."""


class Messages:
    """All messages of one answer. `fresh`: nothing of this event can stand there yet, so nothing is looked for."""

    def __init__(
        self,
        pacer: Sender,
        destination: Destination,
        event_id: str,
        *,
        fresh: bool,
        native: bool = False,
        check: Check = never_gone,
    ) -> None:
        self.destination = destination
        self.parts: list[Message] = []
        self.found: list[Found] = []
        """What an earlier run left, part by part, where that is known."""
        self.posting = False
        """A post is under way, so that the number of messages is not certain."""
        self._pacer = pacer
        self._event_id = event_id
        self._searched = fresh
        self._writer = Writer(pacer, destination, event_id, native=native)
        self._strays: list[str] = []
        self._check = check
        self.posted = False
        """This run has posted something, which takes the status away."""

    def adopt(self, ts: str) -> None:
        """A message that came to be another way (a native stream) is the first part from now on."""
        self.parts.append(Message(ts, shown_at=self._pacer.clock()))
        self.posted = True
        self._keep_back()

    @property
    def untouched(self) -> bool:
        """Nothing of this event stands there, for certain."""
        return self._searched and not self.parts

    def look_again(self) -> None:
        """Something may stand there that we do not know of: look before the next post."""
        self._searched = False

    async def look(self) -> None:
        """Find what an earlier run left, once. Of two messages for one part the newer counts, the older goes."""
        if self._searched:
            return
        newest: dict[int, Found] = {}
        for found in await self._writer.find():
            if found.part in newest:
                self._strays.append(newest[found.part].ts)
            newest[found.part] = found
        while len(self.parts) in newest:
            found = newest.pop(len(self.parts))
            self.parts.append(Message(found.ts))
            self.found.append(found)
        self._strays += [found.ts for found in newest.values()]
        self._searched = True
        if self.parts:
            self._keep_back()

    async def grow(self, render: Render) -> bool:
        """Bring the first message that is behind up to date; False when none is. `render` is asked when it goes out."""
        await self.look()
        part = self._first_behind(render())
        if part is None:
            return False
        if self.parts:
            self._keep_back()
        if part == len(self.parts):
            await self._post(part, lambda: render()[part], Priority.FIRST)
        else:
            await self._writer.edit(part, self.parts[part], lambda: render()[part])
        return True

    async def takes_markdown(self, rendered: Rendered) -> bool | None:
        """Whether this workspace takes a plain markdown block, tried with the message that comes next.

        It is written over at once. None where that cannot be told.
        """
        try:
            return True if await self._post(len(self.parts), lambda: probe(rendered), Priority.FIRST) else None
        except ShapeRefused as refused:
            return False if refused.error in BLOCKS_REFUSED else None

    def stop_growing(self) -> None:
        """Take back a partial that has not been sent; one under way is left to end."""
        for part, message in enumerate([*self.parts, None]):
            self._writer.take_back(part, message)

    def leave_behind(self) -> None:
        """Edit these messages no more: a call for one of them hangs, and the final must not wait for it."""
        for message in self.parts:
            message.fixed = True

    async def finalize(self, all_rendered: list[Rendered]) -> None:
        """Return once exactly these messages stand there, each confirmed by Slack.

        A message that cannot be edited soon, or at all, is posted anew together with all that follow it, and the old
        ones are deleted. Raises ShapeRefused, Refused when Slack will not have it, TryAgain when it stays silent.
        """
        await self.look()
        moved = False
        for part, rendered in enumerate(all_rendered):
            moved = not await self._finalize_part(part, rendered, anew=moved) or moved
        self._strays += [message.ts for message in self.parts[len(all_rendered) :]]
        del self.parts[len(all_rendered) :]
        await self._tidy()
        self.forget()

    def forget(self) -> None:
        """No final edit needs to be kept back for this answer any more."""
        self._pacer.limits.live.pop(self._event_id, None)

    def _first_behind(self, all_rendered: list[Rendered]) -> int | None:
        for part, rendered in enumerate(all_rendered):
            if part == len(self.parts) or (self.parts[part].rendered != rendered and not self.parts[part].fixed):
                return part
        return None

    async def _finalize_part(self, part: int, rendered: Rendered, *, anew: bool) -> bool:
        """True when the message stands where it stood; False when it had to be posted anew."""
        if part == len(self.parts):
            await self._post_for_good(part, rendered)
            return True
        message = self.parts[part]
        anew = anew or message.fixed or (part > 0 and float(message.ts) < float(self.parts[part - 1].ts))
        if not anew and (message.rendered == rendered or await self._writer.edit_for_good(part, message, rendered)):
            return True
        await self._post_for_good(part, rendered)
        log.info("slack answer posted anew", event_id=self._event_id, part=part)
        self._strays.append(message.ts)
        return False

    async def _post_for_good(self, part: int, rendered: Rendered) -> None:
        if not await self._post(part, lambda: rendered, Priority.FINAL):
            raise TryAgain("Bellhop was stopped before Slack had the answer.")

    async def _post(self, part: int, render: Callable[[], Rendered], priority: Priority) -> bool:
        # A new message of the channel is continued in its thread.
        thread_ts = self.destination.thread_ts or (self.parts[0].ts if part else None)
        await self._check()
        self.posting = True
        try:
            message = await self._writer.post(part, render, priority, thread_ts, self._known())
        finally:
            self.posting = False
        if message is not None:
            self.parts[part : part + 1] = [message]
            self.posted = True
            self._keep_back()
            await self._check(look=message.astray)
        return message is not None

    async def _tidy(self) -> None:
        if self._writer.in_doubt:
            kept = {message.ts for message in self.parts}
            self._strays += [hit.ts for hit in await self._writer.find() if hit.ts not in kept | set(self._strays)]
            self._writer.in_doubt = False
        while self._strays:
            await self._writer.delete(self._strays[0])
            self._strays.pop(0)

    def _keep_back(self) -> None:
        self._pacer.limits.keep_back(self._event_id, self._pacer.clock())

    def _known(self) -> set[str]:
        return {message.ts for message in self.parts} | set(self._strays)
