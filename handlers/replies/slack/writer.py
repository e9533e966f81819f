"""This file is the writer of one answer's single messages: it posts, edits and deletes, each without doing it twice."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from bot.doors.slack.calls import Denied, Done, Late, Lost, Outcome, Skipped
from bot.doors.slack.fence_check import Sender
from bot.doors.slack.pacer import STOP_TRYING_AFTER_S
from bot.doors.slack.rate_limits import Priority
from bot.doors.slack.refusals import TOO_LONG_OR_UNKNOWN, ShapeRefused, words_for
from bot.doors.slack.scheduling import Want
from bot.errors import Refused, TryAgain
from handlers.replies.slack.rendering import Drawing, metadata
from handlers.replies.slack.search import Found, NotSearched, Place, find_parts

log = structlog.get_logger()

SPILL_AFTER_S = 2.0
"""A final edit that waits longer is given up, and the text posted as a new message."""
LOOK_AFTER_S = 1.0
"""A post whose answer was lost gets this long to appear before it is looked for."""
STREAM_OPEN = "streaming_state_conflict"
"""A native stream that an earlier run left open is in this message: it is ended, then written over."""
SILENCE = "Slack gave no answer for a quarter of an hour."

DrawOne = Callable[[], Drawing]


@dataclass(slots=True)
class Message:
    """One message of ours: what it is known to show (None: not known) and when that changed, on the pacer's clock."""

    ts: str
    drawn: Drawing | None = None
    shown_at: float = -math.inf
    edits: int = 0
    fixed: bool = False
    """Slack lets us edit it no more."""


class Writer:
    """Writes the messages of one event at one place. `in_doubt`: a post's answer was lost, so there may be two."""

    def __init__(self, pacer: Sender, place: Place, event_id: str, *, native: bool) -> None:
        self.in_doubt = False
        self._pacer = pacer
        self._place = place
        self._event_id = event_id
        self._native = native

    async def find(self) -> list[Found]:
        """What stands there of this event, oldest first."""
        try:
            return await find_parts(self._pacer, self._place, self._event_id, native=self._native)
        except NotSearched:
            raise TryAgain(SILENCE) from None

    async def post(
        self, part: int, draw: DrawOne, priority: Priority, thread_ts: str | None, known: Collection[str]
    ) -> Message | None:
        """Post a part; None when it was taken back before it was sent.

        After a lost answer it is looked for (other than among the `known` ts) before it is posted again.
        """
        stop_at = self._pacer.clock() + STOP_TRYING_AFTER_S
        while self._pacer.clock() < stop_at:
            outcome, sent = await self._post_once(part, draw, priority, thread_ts)
            if isinstance(outcome, Done):
                return Message(str(outcome.data["ts"]), sent, self._pacer.clock())
            if isinstance(outcome, Late | Skipped):
                return None
            self._raise_if_denied(outcome)
            self.in_doubt = True
            await asyncio.sleep(LOOK_AFTER_S)
            if found := [hit for hit in await self.find() if hit.part == part and hit.ts not in known]:
                log.info("slack message found again", event_id=self._event_id, part=part)
                # An earlier, shorter partial may have been the one that arrived; a final is always the same.
                drawn = sent if priority is Priority.FINAL else None
                return Message(found[-1].ts, drawn, self._pacer.clock())
        raise TryAgain(SILENCE)

    async def edit(self, part: int, message: Message, draw: DrawOne) -> None:
        """Bring a message up to date when its turn comes; `draw` is asked then."""
        outcome, sent = await self._edit_once(part, message, draw, Priority.PARTIAL)
        if isinstance(outcome, Late | Skipped):
            return
        message.drawn = sent if isinstance(outcome, Done) else None
        message.shown_at = self._pacer.clock()
        message.edits += 1
        if isinstance(outcome, Denied) and outcome.error == STREAM_OPEN:
            await self._end_stream(message)
        elif isinstance(outcome, Denied):
            self._raise_if_shape(outcome)
            log.info("slack message cannot be edited", event_id=self._event_id, error=outcome.error)
            message.fixed = True

    async def edit_for_good(self, part: int, message: Message, drawing: Drawing) -> bool:
        """True once Slack has confirmed the final text; False when it cannot be had by editing, or not soon."""
        outcome, _ = await self._edit_once(part, message, lambda: drawing, Priority.FINAL)
        if isinstance(outcome, Denied) and outcome.error == STREAM_OPEN:
            await self._end_stream(message)
            outcome, _ = await self._edit_once(part, message, lambda: drawing, Priority.FINAL)
        if isinstance(outcome, Denied):
            self._raise_if_shape(outcome)
            log.info("slack message cannot be edited", event_id=self._event_id, error=outcome.error)
        message.drawn = drawing if isinstance(outcome, Done) else None
        return isinstance(outcome, Done)

    async def delete(self, ts: str) -> None:
        """Remove a stale message, behind whatever call for it is still under way."""
        arguments = {"channel": self._place.channel, "ts": ts}
        outcome = await self._pacer.send(self._want("chat.delete", ts, Priority.FINAL), lambda: arguments)
        if isinstance(outcome, Denied) and outcome.error != "message_not_found":
            log.warning("slack keeps a stale message", event_id=self._event_id, error=outcome.error)

    def take_back(self, part: int, message: Message | None) -> None:
        """Take back what has not been sent yet; a call under way is left to end."""
        self._pacer.withdraw(message.ts if message else self._post_key(part))

    async def _post_once(
        self, part: int, draw: DrawOne, priority: Priority, thread_ts: str | None
    ) -> tuple[Outcome, Drawing | None]:
        sent: list[Drawing] = []

        def make() -> Mapping[str, Any]:
            sent.append(draw())
            return self._content(part, sent[-1]) | {
                "thread_ts": thread_ts,
                "unfurl_links": False,
                "unfurl_media": False,
            }

        outcome = await self._pacer.send(self._want("chat.postMessage", self._post_key(part), priority), make)
        return outcome, sent[-1] if sent else None

    async def _edit_once(
        self, part: int, message: Message, draw: DrawOne, priority: Priority
    ) -> tuple[Outcome, Drawing | None]:
        sent: list[Drawing] = []

        def make() -> Mapping[str, Any]:
            sent.append(draw())
            return self._content(part, sent[-1]) | {"ts": message.ts}

        want = self._want("chat.update", message.ts, priority, message)
        patience_s = SPILL_AFTER_S if priority is Priority.FINAL else STOP_TRYING_AFTER_S
        outcome = await self._pacer.send(want, make, patience_s)
        return outcome, sent[-1] if sent else None

    async def _end_stream(self, message: Message) -> None:
        arguments = {"channel": self._place.channel, "ts": message.ts}
        want = self._want("chat.stopStream", message.ts, Priority.FINAL)
        await self._pacer.send(want, lambda: arguments, SPILL_AFTER_S)

    def _content(self, part: int, drawing: Drawing) -> dict[str, Any]:
        return {
            "channel": self._place.channel,
            "text": drawing.text,
            "blocks": list(drawing.blocks),
            # Said outright: chat.update without it makes names in the text into mentions.
            "parse": "none",
            "metadata": metadata(self._event_id, part),
        }

    def _want(self, method: str, key: str, priority: Priority, message: Message | None = None) -> Want:
        return Want(
            method,
            key,
            priority,
            self._pacer.clock(),
            self._place.channel,
            shown_at=message.shown_at if message else -math.inf,
            edits=message.edits if message else 0,
            repeatable=priority is Priority.FINAL and method != "chat.postMessage",
        )

    def _post_key(self, part: int) -> str:
        return f"{self._event_id}/{part}"

    def _raise_if_denied(self, outcome: Outcome) -> None:
        if isinstance(outcome, Denied):
            self._raise_if_shape(outcome)
            raise Refused(words_for(outcome.error))
        assert isinstance(outcome, Lost)

    def _raise_if_shape(self, outcome: Denied) -> None:
        if outcome.error in TOO_LONG_OR_UNKNOWN:
            raise ShapeRefused(outcome.error)
