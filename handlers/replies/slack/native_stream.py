"""Slack's own streaming: an answer that grows by chat.appendStream instead of by edits.

It is only ever a way to show text sooner. Whatever goes wrong, the message is written over from the whole text.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import structlog

from bot.doors.slack.calls import (
    STOP_TRYING_AFTER_S,
    Arguments,
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
from bot.doors.slack.wire import MARKDOWN_PAGE_CHARS, STREAM_LIFE_S, Block
from bot.events import SlackThread
from handlers.replies.slack.rendering import metadata

log = structlog.get_logger()

START_WITHIN_S = 0.2
"""Slack takes 20 starts a minute: when there is no room, this answer grows by edits instead."""
STOP_WITHIN_S = 2.0


class NativeStream:
    """One message that grows natively. `over`: it cannot go on; what was sent is then written over by an edit.

    Source: https://docs.slack.dev/reference/methods/chat.startStream and its two siblings
    """

    def __init__(self, pacer: Sender, thread: SlackThread, event_id: str) -> None:
        self.ts: str | None = None
        self.over = False
        self.stopped = False
        self.refusal = ""
        self.in_doubt = False
        """The answer to the start was lost: a stream may stand there that we have no ts of."""
        self._pacer = pacer
        self._thread = thread
        self._event_id = event_id
        self._sent = ""
        self._started_at = self._shown_at = -math.inf
        self._appends = 0

    async def grow(self, text: Callable[[], str]) -> bool:
        """Show more of the text, which only ever grows; False when there is nothing new. See `over` afterwards."""
        if self._must_end(text()):
            self.over = True
            return False
        if len(text()) <= len(self._sent):
            return False
        await (self._append(text) if self.ts else self._start(text))
        return True

    def stop_growing(self) -> None:
        """Take back what has not been sent yet."""
        self._pacer.withdraw(self._key)

    async def stop(self, text: str | None, blocks: Sequence[Block]) -> bool:
        """End the stream; True when the message then shows exactly `text`. None: it is going to be written over."""
        self._pacer.limits.streams.discard(self._event_id)
        self.stopped = True
        if self.ts is None:
            return False
        arguments: dict[str, Any] = {"channel": self._thread.channel, "ts": self.ts}
        exact = text is not None and not self.over and text.startswith(self._sent) and len(text) <= MARKDOWN_PAGE_CHARS
        if exact and text is not None:
            arguments |= {"blocks": list(blocks), "metadata": metadata(self._event_id, 0)}
            arguments |= {"markdown_text": text[len(self._sent) :]} if len(text) > len(self._sent) else {}
        result = await self._call("chat.stopStream", Priority.FINAL, lambda: arguments, STOP_WITHIN_S)
        if not isinstance(result, Done):
            await self._end_session()
        return exact and isinstance(result, Done)

    async def _end_session(self) -> None:
        """Only a stop that Slack confirms takes "Working…" and Slack's own Stop away by itself.

        Source: https://docs.slack.dev/reference/events/agent_session_stopped
        """
        arguments = {"channel_id": self._thread.channel, "thread_ts": self._thread.thread_ts, "status": "active"}
        await self._call("agents.sessions.setStatus", Priority.NOTICE, lambda: arguments, STOP_WITHIN_S)

    async def _start(self, text: Callable[[], str]) -> None:
        result, sent = await self._write(
            "chat.startStream",
            Priority.FIRST,
            text,
            {
                "thread_ts": self._thread.thread_ts,
                "recipient_team_id": self._thread.team,
                "recipient_user_id": self._thread.asker,
            },
        )
        if isinstance(result, Done):
            self.ts = str(result.data["ts"])
            self._sent = sent
            self._started_at = self._shown_at = self._pacer.clock()
            self._pacer.limits.streams.add(self._event_id)
            return
        self._end(result)
        self.in_doubt = isinstance(result, Lost)

    async def _append(self, text: Callable[[], str]) -> None:
        result, sent = await self._write("chat.appendStream", Priority.PARTIAL, text, {"ts": self.ts})
        if isinstance(result, Done):
            self._sent += sent
            self._shown_at = self._pacer.clock()
            self._appends += 1
        elif not isinstance(result, Late | Skipped):
            self._end(result)

    def _end(self, result: CallResult) -> None:
        self.over = True
        self.refusal = result.error if isinstance(result, Denied) else ""
        log.info("slack stream goes on as edits", event_id=self._event_id, error=self.refusal)

    async def _write(
        self, method: str, priority: Priority, text: Callable[[], str], more: Mapping[str, Any]
    ) -> tuple[CallResult, str]:
        sent: list[str] = []

        def make() -> Arguments | None:
            sent.append(text()[len(self._sent) :])
            return {"channel": self._thread.channel, "markdown_text": sent[-1], **more} if sent[-1] else None

        give_up_s = START_WITHIN_S if priority is Priority.FIRST else STOP_TRYING_AFTER_S
        result = await self._call(method, priority, make, give_up_s)
        return result, sent[-1] if sent else ""

    async def _call(
        self, method: str, priority: Priority, make: Callable[[], Arguments | None], give_up_s: float
    ) -> CallResult:
        request = CallRequest(
            method,
            self._key,
            priority,
            self._pacer.clock(),
            self._thread.channel,
            shown_at=self._shown_at,
            edits=self._appends,
            # A stop may be asked twice; an append asked twice would stand there twice.
            repeatable=method not in {"chat.startStream", "chat.appendStream"},
        )
        return await self._pacer.send(request, make, give_up_s)

    def _must_end(self, text: str) -> bool:
        too_old = self.ts is not None and self._pacer.clock() - self._started_at >= STREAM_LIFE_S
        return self.over or too_old or len(text) > MARKDOWN_PAGE_CHARS or not text.startswith(self._sent)

    @property
    def _key(self) -> str:
        return f"{self._event_id} stream"
