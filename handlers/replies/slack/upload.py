"""How an answer too long for messages is uploaded as a file: three steps, done once."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from bot.doors.slack.calls import CallRequest, CallResult, Denied, Done, Lost, Priority, Sender
from handlers.replies.slack.search import Destination

log = structlog.get_logger()

Put = Callable[[str, bytes], Awaitable[bool]]
"""Sends bytes to the address Slack gave out, without the token; True when they were taken."""
ATTEMPTS = 4


def file_name(event_id: str) -> str:
    """The same for every attempt at this event, so that a file that is there already is recognised."""
    return f"answer-{hashlib.sha256(event_id.encode()).hexdigest()[:8]}.md"


async def upload_answer(pacer: Sender, put: Put, destination: Destination, event_id: str, text: str) -> bool:
    """Put `text` as a Markdown file into the thread; False when Slack will not have it.

    Source: https://docs.slack.dev/messaging/working-with-files#uploading-files
    """
    for attempt in range(ATTEMPTS):
        if attempt:
            await asyncio.sleep(attempt)
        if await _is_there(pacer, destination, event_id):
            return True
        result = await _attempt(pacer, put, destination, event_id, text.encode())
        if isinstance(result, Done):
            return True
        if isinstance(result, Denied):
            log.warning("slack does not take the file", event_id=event_id, error=result.error)
            return False
    return await _is_there(pacer, destination, event_id)


async def _attempt(pacer: Sender, put: Put, destination: Destination, event_id: str, content: bytes) -> CallResult:
    arguments = {"filename": file_name(event_id), "length": len(content)}
    result = await _send(pacer, "files.getUploadURLExternal", event_id, arguments)
    if not isinstance(result, Done):
        return result
    if not await put(str(result.data["upload_url"]), content):
        return Lost("upload")
    return await _completed(pacer, destination, event_id, str(result.data["file_id"]))


async def _completed(pacer: Sender, destination: Destination, event_id: str, file_id: str) -> CallResult:
    arguments: dict[str, Any] = {
        "files": [{"id": file_id, "title": "The whole answer"}],
        "channel_id": destination.channel,
    }
    arguments |= {"thread_ts": destination.thread_ts} if destination.thread_ts else {}
    # Not repeatable: the file would stand in the thread twice.
    return await _send(pacer, "files.completeUploadExternal", event_id, arguments, repeatable=False)


async def _is_there(pacer: Sender, destination: Destination, event_id: str) -> bool:
    arguments: dict[str, Any] = {"channel": destination.channel, "oldest": destination.oldest, "limit": 200}
    arguments |= {"ts": destination.thread_ts} if destination.thread_ts else {}
    method = "conversations.replies" if destination.thread_ts else "conversations.history"
    result = await _send(pacer, method, event_id, arguments)
    messages = result.data.get("messages") or [] if isinstance(result, Done) else []
    names = {file.get("name") for message in messages for file in message.get("files") or []}
    return file_name(event_id) in names


async def _send(
    pacer: Sender, method: str, event_id: str, arguments: dict[str, Any], *, repeatable: bool = True
) -> CallResult:
    request = CallRequest(
        method,
        f"file {event_id} {arguments.get('channel_id', arguments.get('channel', ''))}",
        Priority.FINAL,
        pacer.clock(),
        str(arguments.get("channel_id", "")),
        repeatable=repeatable,
    )
    return await pacer.send(request, lambda: arguments)
