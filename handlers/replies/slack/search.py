"""How messages of ours are found again after a crash or a lost answer: by the metadata they carry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import structlog

from bot.doors.slack.calls import CallRequest, CallResult, Denied, Done, Priority, Sender
from bot.doors.slack.wire import METADATA_TYPE, Block
from bot.events import Event, SlackThread

log = structlog.get_logger()

CLOCKS_APART_S = 60.0
PAGES = 10
MESSAGES_PER_PAGE = 200


@dataclass(frozen=True, slots=True)
class Destination:
    """Where an answer stands: a channel, its thread (None: the channel itself), and since when to look for it.

    `oldest` is a ts before which nothing of ours can stand.
    """

    channel: str
    thread_ts: str | None
    oldest: str


def destination_of(event: Event, thread: SlackThread) -> Destination:
    """Where the answer to an event stands."""
    oldest = thread.message_ts or thread.thread_ts or f"{event.time.timestamp() - CLOCKS_APART_S:.6f}"
    return Destination(thread.channel, thread.thread_ts, oldest)


@dataclass(frozen=True, slots=True)
class Found:
    """A message of ours: its part, its fallback text, and the blocks that show the answer, as Slack hands them back.

    Slack turns Markdown into rich text and keeps no source, so the text itself cannot be had from them.
    """

    part: int
    ts: str
    text: str
    blocks: tuple[Block, ...]


class NotSearched(Exception):
    """Slack did not let us look, for as long as we tried; whether the message stands there is not known."""


async def find_parts(pacer: Sender, destination: Destination, event_id: str, *, native: bool = False) -> list[Found]:
    """The messages that carry this event's id, oldest first; none when Slack does not let us read there.

    `native`: an answer streamed natively carries no mark until it ends; then our own unmarked message after the
    question is it. Raises NotSearched when Slack gave no answer at all.
    """
    own = await _own_bot(pacer) if native else ""
    found = await _find_in(pacer, destination, event_id, own)
    if destination.thread_ts is None and found:
        # A new message of the channel is continued in its thread, which the channel's history does not show.
        below = await _find_in(pacer, replace(destination, thread_ts=found[0].ts), event_id, own)
        found += [hit for hit in below if hit.ts not in {one.ts for one in found}]
    return sorted(found, key=lambda hit: float(hit.ts))


async def _find_in(pacer: Sender, destination: Destination, event_id: str, own: str) -> list[Found]:
    found: list[Found] = []
    cursor = ""
    for _ in range(PAGES):
        result = await _read(pacer, destination, event_id, cursor)
        if isinstance(result, Denied):
            log.warning("slack does not let us look for our messages", event_id=event_id, error=result.error)
            return found
        if not isinstance(result, Done):
            raise NotSearched
        messages = result.data.get("messages") or []
        found += [hit for message in messages if (hit := _found(message, event_id, destination, own))]
        cursor = str((result.data.get("response_metadata") or {}).get("next_cursor") or "")
        if not cursor:
            break
    return found


async def _read(pacer: Sender, destination: Destination, event_id: str, cursor: str) -> CallResult:
    arguments: dict[str, Any] = {
        "channel": destination.channel,
        "oldest": destination.oldest,
        "limit": MESSAGES_PER_PAGE,
    }
    arguments |= {"include_all_metadata": True}
    arguments |= {"cursor": cursor} if cursor else {}
    method = "conversations.history"
    if destination.thread_ts:
        method = "conversations.replies"
        arguments["ts"] = destination.thread_ts
    request = CallRequest(
        method, f"search {event_id} {destination.channel}", Priority.FIRST, pacer.clock(), destination.channel
    )
    return await pacer.send(request, lambda: arguments)


async def _own_bot(pacer: Sender) -> str:
    request = CallRequest("auth.test", "auth.test", Priority.FIRST, pacer.clock())
    result = await pacer.send(request, dict)
    return str(result.data.get("bot_id", "")) if isinstance(result, Done) else ""


def _found(message: Mapping[str, Any], event_id: str, destination: Destination, own: str) -> Found | None:
    mark = message.get("metadata") or {}
    payload = mark.get("event_payload") or {}
    if mark.get("event_type") == METADATA_TYPE and payload.get("event_id") == event_id:
        return _as_found(message, int(payload.get("part") or 0))
    # A question's answers come in the order of the questions, so an unmarked message behind this one is its stream.
    after_question = float(message["ts"]) > float(destination.oldest)
    if own and not mark and not message.get("files") and message.get("bot_id") == own and after_question:
        return _as_found(message, 0)
    return None


def _as_found(message: Mapping[str, Any], part: int) -> Found:
    blocks = message.get("blocks") or []
    answer = tuple(block for block in blocks if block.get("type") not in ("actions", "context"))
    return Found(part, str(message["ts"]), str(message.get("text") or ""), answer)
