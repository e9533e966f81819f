"""The writer of one answer's single messages: it posts, edits and deletes, each without doing it twice."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from bot.doors.slack.calls import (
    STOP_TRYING_AFTER_S,
    CallRequest,
    CallResult,
    Denied,
    Done,
    Late,
    Lost,
    Priority,
    Sender,
    Skipped,
)
from bot.doors.slack.refusals import DEAD_THREAD, TOO_LONG_OR_UNKNOWN, ShapeRefused, words_for
from bot.errors import NotWanted, Refused, TryAgain
from handlers.replies.slack.rendering import Rendered, metadata
from handlers.replies.slack.search import Destination, Found, NotSearched, find_parts

log = structlog.get_logger()

SPILL_AFTER_S = 2.0
"""A final edit that waits longer is given up, and the text posted as a new message."""
LOOK_AFTER_S = 1.0
"""A post whose answer was lost gets this long to appear before it is looked for."""
STREAM_OPEN = "streaming_state_conflict"
"""A native stream that an earlier run left open is in this message: it is ended, then written over."""
RESTS = "Slack takes no messages from Bellhop just now."
QUESTION_DELETED = "The question was deleted."
SILENCE = "Slack gives no answer."

RenderOne = Callable[[], Rendered]


@dataclass(slots=True)
class Message:
    """One message of ours: what it is known to show (None: not known) and when that changed, on the pacer's clock."""

    ts: str
    rendered: Rendered | None = None
    shown_at: float = -math.inf
    edits: int = 0
    fixed: bool = False
    """Slack lets us edit it no more."""
    astray: bool = False
    """It may stand outside the thread that it was meant for."""


class Writer:
    """Writes the messages of one event. `in_doubt`: a post's answer was lost, so there may be two."""

    def __init__(self, pacer: Sender, destination: Destination, event_id: str, *, native: bool) -> None:
        self.in_doubt = False
        self._pacer = pacer
        self._destination = destination
        self._event_id = event_id
        self._native = native

    async def find(self) -> list[Found]:
        """What stands there of this event, oldest first."""
        try:
            return await find_parts(self._pacer, self._destination, self._event_id, native=self._native)
        except NotSearched:
            raise TryAgain(SILENCE) from None

    async def post(
        self, part: int, render: RenderOne, priority: Priority, thread_ts: str | None, known: Collection[str]
    ) -> Message | None:
        """Post a part; None when it was taken back before it was sent.

        After a lost answer it is looked for (other than among the `known` ts) before it is posted again.
        """
        stop_at = self._pacer.clock() + STOP_TRYING_AFTER_S
        while self._pacer.clock() < stop_at:
            result, sent = await self._post_once(part, render, priority, thread_ts)
            if isinstance(result, Done):
                return Message(str(result.data["ts"]), sent, self._pacer.clock(), astray=_is_astray(result, thread_ts))
            if isinstance(result, Late | Skipped):
                _raise_if_resting(result)
                return None
            self._raise_if_denied(result)
            self.in_doubt = True
            await asyncio.sleep(LOOK_AFTER_S)
            if found := [hit for hit in await self.find() if hit.part == part and hit.ts not in known]:
                log.info("slack message found again", event_id=self._event_id, part=part)
                # An earlier, shorter partial may have been the one that arrived; a final is always the same.
                rendered = sent if priority is Priority.FINAL else None
                return Message(found[-1].ts, rendered, self._pacer.clock())
        raise TryAgain(SILENCE)

    async def edit(self, part: int, message: Message, render: RenderOne) -> None:
        """Bring a message up to date when its turn comes; `render` is asked then."""
        result, sent = await self._edit_once(part, message, render, Priority.PARTIAL)
        if isinstance(result, Late | Skipped):
            _raise_if_resting(result)
            return
        message.rendered = sent if isinstance(result, Done) else None
        message.shown_at = self._pacer.clock()
        message.edits += 1
        if isinstance(result, Denied) and result.error == STREAM_OPEN:
            await self._end_stream(message)
        elif isinstance(result, Denied):
            self._raise_if_shape(result)
            log.info("slack message cannot be edited", event_id=self._event_id, error=result.error)
            message.fixed = True

    async def edit_for_good(self, part: int, message: Message, rendered: Rendered) -> bool:
        """True once Slack has confirmed the final text; False when it cannot be had by editing, or not soon."""
        result, _ = await self._edit_once(part, message, lambda: rendered, Priority.FINAL)
        if isinstance(result, Denied) and result.error == STREAM_OPEN:
            await self._end_stream(message)
            result, _ = await self._edit_once(part, message, lambda: rendered, Priority.FINAL)
        if isinstance(result, Denied):
            self._raise_if_shape(result)
            log.info("slack message cannot be edited", event_id=self._event_id, error=result.error)
        message.rendered = rendered if isinstance(result, Done) else None
        return isinstance(result, Done)

    async def delete(self, ts: str) -> None:
        """Remove a stale message, behind whatever call for it is still under way."""
        arguments = {"channel": self._destination.channel, "ts": ts}
        result = await self._pacer.send(self._request("chat.delete", ts, Priority.FINAL), lambda: arguments)
        if isinstance(result, Denied) and result.error != "message_not_found":
            log.warning("slack keeps a stale message", event_id=self._event_id, error=result.error)

    def take_back(self, part: int, message: Message | None) -> None:
        """Take back what has not been sent yet; a call under way is left to end."""
        self._pacer.withdraw(message.ts if message else self._post_key(part))

    async def _post_once(
        self, part: int, render: RenderOne, priority: Priority, thread_ts: str | None
    ) -> tuple[CallResult, Rendered | None]:
        sent: list[Rendered] = []

        def make() -> Mapping[str, Any]:
            sent.append(render())
            return self._content(part, sent[-1]) | {
                "thread_ts": thread_ts,
                "unfurl_links": False,
                "unfurl_media": False,
            }

        result = await self._pacer.send(self._request("chat.postMessage", self._post_key(part), priority), make)
        return result, sent[-1] if sent else None

    async def _edit_once(
        self, part: int, message: Message, render: RenderOne, priority: Priority
    ) -> tuple[CallResult, Rendered | None]:
        sent: list[Rendered] = []

        def make() -> Mapping[str, Any]:
            sent.append(render())
            return self._content(part, sent[-1]) | {"ts": message.ts}

        request = self._request("chat.update", message.ts, priority, message)
        give_up_s = SPILL_AFTER_S if priority is Priority.FINAL else STOP_TRYING_AFTER_S
        result = await self._pacer.send(request, make, give_up_s)
        return result, sent[-1] if sent else None

    async def _end_stream(self, message: Message) -> None:
        arguments = {"channel": self._destination.channel, "ts": message.ts}
        request = self._request("chat.stopStream", message.ts, Priority.FINAL)
        await self._pacer.send(request, lambda: arguments, SPILL_AFTER_S)

    def _content(self, part: int, rendered: Rendered) -> dict[str, Any]:
        return {
            "channel": self._destination.channel,
            "text": rendered.text,
            "blocks": list(rendered.blocks),
            # Said outright: chat.update without it makes names in the text into mentions.
            "parse": "none",
            "metadata": metadata(self._event_id, part),
        }

    def _request(self, method: str, key: str, priority: Priority, message: Message | None = None) -> CallRequest:
        return CallRequest(
            method,
            key,
            priority,
            self._pacer.clock(),
            self._destination.channel,
            shown_at=message.shown_at if message else -math.inf,
            edits=message.edits if message else 0,
            repeatable=priority is Priority.FINAL and method != "chat.postMessage",
        )

    def _post_key(self, part: int) -> str:
        return f"{self._event_id}/{self._destination.channel}/{part}"

    def _raise_if_denied(self, result: CallResult) -> None:
        if isinstance(result, Denied):
            self._raise_if_shape(result)
            if result.error in DEAD_THREAD:
                raise NotWanted(QUESTION_DELETED)
            raise Refused(words_for(result.error), result.error)
        assert isinstance(result, Lost)

    def _raise_if_shape(self, result: Denied) -> None:
        if result.error in TOO_LONG_OR_UNKNOWN:
            raise ShapeRefused(result.error)


def _raise_if_resting(result: Late | Skipped) -> None:
    if isinstance(result, Late) and result.rests_s:
        raise TryAgain(RESTS, after_s=result.rests_s)


def _is_astray(result: Done, thread_ts: str | None) -> bool:
    """A reply to a deleted message may land at the channel's root; the answer shows the message as it stands."""
    stands = result.data.get("message")
    return bool(thread_ts) and isinstance(stands, Mapping) and "ts" in stands and not stands.get("thread_ts")
