"""The sign of life: "is thinking…" under the question within half a second, or eyes on it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePath

import structlog

from bot.doors.slack.calls import Arguments, CallRequest, CallResult, Denied, Late, Lost, Priority, Sender
from bot.doors.slack.refusals import WORKSPACE_REFUSES
from bot.doors.slack.wire import STATUS_CHARS
from bot.events import Attachment

log = structlog.get_logger()

SAY_AGAIN_S = 90.0
"""Slack takes a status away after two minutes.

Source: https://docs.slack.dev/reference/methods/assistant.threads.setStatus
"""
TIMES = 10
WITHIN_S = 3.0
CLEAR_WITHIN_S = 60.0

FILE_WORDS = {
    ".pdf": "PDF",
    ".docx": "document",
    ".md": "text",
    ".txt": "text",
    ".xlsx": "spreadsheet",
    ".csv": "table",
    ".pptx": "slides",
    ".png": "picture",
    ".jpg": "picture",
    ".jpeg": "picture",
    ".gif": "picture",
    ".webp": "picture",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """The question that was asked: its channel, its thread and its own ts."""

    channel: str
    thread_ts: str
    message_ts: str


class Status:
    """Says in one workspace that a question has arrived. What the workspace refuses is not tried again."""

    def __init__(self, pacer: Sender) -> None:
        self._pacer = pacer
        self._refused: set[str] = set()

    async def keep(self, asked: Asked, words: str, over: asyncio.Event, growing: Callable[[], bool]) -> None:
        """Say it now and again until `over` is set or the answer is `growing` and speaks for itself.

        Only a new message of ours takes a status away: one that may have landed behind it is taken back.
        """
        for _ in range(TIMES):
            said = await self._say(asked, words, over)
            if over.is_set() or growing():
                await self.clear(asked)
                return
            if not said:
                await self._add_eyes(asked, over)
                return
            try:
                await asyncio.wait_for(over.wait(), SAY_AGAIN_S)
            except TimeoutError:
                if not growing():
                    continue
            return

    async def clear(self, asked: Asked) -> None:
        """Take the status away."""
        arguments = {"channel_id": asked.channel, "thread_ts": asked.thread_ts, "status": ""}
        await self._call("assistant.threads.setStatus", asked, arguments, asyncio.Event(), CLEAR_WITHIN_S)

    async def _say(self, asked: Asked, words: str, over: asyncio.Event) -> bool:
        arguments = {"channel_id": asked.channel, "thread_ts": asked.thread_ts, "status": words}
        return await self._call("assistant.threads.setStatus", asked, arguments, over)

    async def _add_eyes(self, asked: Asked, over: asyncio.Event) -> None:
        # The eyes stay when the answer is there: taking them away is a call that Slack allows 20 times a minute.
        arguments = {"channel": asked.channel, "timestamp": asked.message_ts, "name": "eyes"}
        await self._call("reactions.add", asked, arguments, over)

    async def _call(
        self, method: str, asked: Asked, arguments: Arguments, over: asyncio.Event, within_s: float = WITHIN_S
    ) -> bool:
        if method in self._refused:
            return False
        request = CallRequest(
            method, f"{method} {asked.message_ts}", Priority.STATUS, self._pacer.clock(), asked.channel
        )
        result = await self._pacer.send(request, lambda: None if over.is_set() else arguments, within_s)
        self._learn(method, result)
        return not isinstance(result, Denied | Late | Lost)

    def _learn(self, method: str, result: CallResult) -> None:
        if isinstance(result, Denied) and result.error in WORKSPACE_REFUSES:
            log.warning("slack refuses a sign of life", method=method, error=result.error)
            self._refused.add(method)


def status_words(attachments: Sequence[Attachment]) -> str:
    """What Bellhop is doing, as Slack puts it behind the app's name; at most STATUS_CHARS long."""
    if not attachments:
        return "is thinking…"
    kinds = {FILE_WORDS.get(PurePath(attachment.name).suffix.lower(), "file") for attachment in attachments}
    kind = kinds.pop() if len(kinds) == 1 else "file"
    if len(attachments) == 1:
        return f"is reading your {kind}…"
    return f"is reading your {len(attachments)} {kind if kind.endswith('s') else kind + 's'}…"[:STATUS_CHARS]
