"""The threads as we know them: read once, kept in memory, and brought up to date with one call."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import structlog

from bot.doors.slack.calls import CallRequest, CallResult, Done, Priority, Sender
from handlers.context.slack.message_text import Message, parts_of
from handlers.context.slack.rich_text import elements_of

log = structlog.get_logger()

READ_WITHIN_S = 8.0
"""A question is answered without its thread rather than late."""
PAGE = 200
PAGES = 10
NARROW_PAGE = 15
"""Newly made, commercially distributed apps get so many messages a call, and one call a minute.

Source: https://docs.slack.dev/changelog/2025/05/29/rate-limit-changes-for-non-marketplace-apps
"""
LOOK_BACK = 100
"""So many known messages are read again, for what was edited or deleted: a call brings them along anyway."""
THREADS_KEPT = 500
KEPT = ("ts", "user", "team", "user_team", "bot_id", "username", "metadata", "subtype")
KEPT_OF_A_FILE = (
    *("id", "name", "title", "mode", "mimetype", "filetype", "subtype", "size"),
    *("url_private", "url_private_download", "transcription", "vtt"),
)
SPOKEN = {None, "file_share", "thread_broadcast", "me_message", "bot_message"}


class Transcripts:
    """The messages of one workspace's threads."""

    def __init__(self, pacer: Sender) -> None:
        self._pacer = pacer
        self._threads: OrderedDict[tuple[str, str], dict[str, Message]] = OrderedDict()
        self._narrow = False

    async def read(self, channel: str, thread_ts: str) -> tuple[list[Message], bool]:
        """What is known of a thread now, oldest first, and whether that is all of it."""
        kept = self._threads.setdefault((channel, thread_ts), {})
        self._threads.move_to_end((channel, thread_ts))
        while len(self._threads) > THREADS_KEPT:
            self._threads.popitem(last=False)
        try:
            async with asyncio.timeout(READ_WITHIN_S):
                complete = await self._read_on(channel, thread_ts, kept)
        except TimeoutError:
            log.warning("slack thread not read", channel=channel, result="timeout")
            complete = False
        messages = sorted(kept.values(), key=lambda message: float(message["ts"]))
        return [message for message in messages if message.get("subtype") in SPOKEN], complete

    async def _read_on(self, channel: str, thread_ts: str, kept: dict[str, Message]) -> bool:
        """Bring `kept` up to date; False when Slack gave not all of it."""
        arguments: dict[str, Any] = {"channel": channel, "ts": thread_ts, "limit": PAGE, "include_all_metadata": True}
        since = self._since(kept)
        arguments |= {"oldest": since} if since else {}
        seen: set[str] = set()
        for _ in range(PAGES):
            result = await self._page(thread_ts, dict(arguments))
            if not isinstance(result, Done):
                log.warning("slack thread not read", channel=channel, result=type(result).__name__)
                return False
            messages = result.data.get("messages") or []
            seen |= {message["ts"] for message in messages}
            kept.update({message["ts"]: slim(message) for message in messages})
            cursor = (result.data.get("response_metadata") or {}).get("next_cursor")
            if not cursor and result.data.get("has_more"):
                return False
            if not cursor:
                _forget_deleted(kept, since, seen)
                return True
            self._narrow = self._narrow or len(messages) <= NARROW_PAGE
            arguments["cursor"] = cursor
        return False

    def _since(self, kept: Mapping[str, Message]) -> str:
        known = sorted(kept, key=float)
        if not known:
            return ""
        return known[-1] if self._narrow else known[max(0, len(known) - LOOK_BACK)]

    async def _page(self, thread_ts: str, arguments: Mapping[str, Any]) -> CallResult:
        request = CallRequest("conversations.replies", f"thread {thread_ts}", Priority.FIRST, self._pacer.clock())
        return await self._pacer.send(request, lambda: arguments, READ_WITHIN_S)


def _forget_deleted(kept: dict[str, Message], since: str, seen: set[str]) -> None:
    """What was asked for and is not there any more was deleted. `since` itself was not asked for."""
    for ts in [ts for ts in kept if float(ts) > float(since or "0") and ts not in seen]:
        del kept[ts]


def slim(message: Message) -> Message:
    """What of a message is needed later: what it says as `parts`, and the blocks only where an answer may stand."""
    kept = {name: message[name] for name in KEPT if message.get(name)}
    files = [{name: file[name] for name in KEPT_OF_A_FILE if name in file} for file in all_files(message)]
    kept |= {"parts": parts_of(message), **({"files": files} if files else {})}
    if message.get("bot_id"):
        kept |= {name: message[name] for name in ("blocks", "bot_profile") if message.get(name)}
    return kept


def all_files(message: Message) -> list[Message]:
    """The files of a message and of the messages it forwards."""
    forwarded = [one for one in elements_of(message, "attachments") if one.get("is_share") or one.get("is_msg_unfurl")]
    return [*elements_of(message, "files"), *(file for one in forwarded for file in elements_of(one, "files"))]
