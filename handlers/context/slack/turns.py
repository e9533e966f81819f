"""The turns of a thread before their names are known: who said what, which words are ours, which of them are shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.doors.slack.wire import GREETING_TYPE, METADATA_TYPE
from bot.events import Answer
from handlers.context.slack.blocks import block_text
from handlers.context.slack.markup import ids_in, readable
from handlers.context.slack.message_text import Message, Part, writings
from handlers.context.slack.names import Own

TURNS, CHARS = 60, 150_000


@dataclass(frozen=True, slots=True)
class Said:
    """One turn: a message of somebody, or the exact `text` of one answer of ours, however many messages it takes."""

    message: Message
    text: str = ""
    ours: bool = False

    @property
    def ts(self) -> str:
        """When it was said, by Slack's clock."""
        return str(self.message["ts"])

    @property
    def parts(self) -> tuple[Part, ...]:
        """What a message says."""
        parts: tuple[Part, ...] = self.message.get("parts") or ()
        return parts

    @property
    def chars(self) -> int:
        """How long it is, about."""
        return len(self.text) + sum(map(len, writings(self.parts)))


@dataclass(frozen=True, slots=True)
class Shown:
    """The turns that are told: the first one, and the newest; `left_out` stood between them."""

    turns: tuple[Said, ...]
    left_out: int = 0


def said_in(messages: Sequence[Message], own: Own, answer_of: Callable[[str], Answer | None]) -> list[Said]:
    """The turns of a thread, oldest first."""
    parts: dict[str, list[Message]] = {}
    said: list[Said] = []
    for message in messages:
        if not own.wrote(message):
            if message.get("parts") or message.get("files"):
                said.append(Said(message))
            continue
        event_id = event_id_of(message)
        if event_id in parts:
            parts[event_id].append(message)
        elif not _is_greeting(message):
            parts[event_id or message["ts"]] = [message]
            said.append(Said(message, event_id, ours=True))
    exact = [Said(one.message, _answer(one, parts, answer_of), ours=True) if one.ours else one for one in said]
    return [one for one in exact if one.text.strip() or not one.ours]


def shown(said: Sequence[Said]) -> Shown:
    """The first turn, which says what the thread is about, and as many of the newest as fit; always the last one."""
    if not said:
        return Shown(())
    chars, first = said[0].chars, 1
    for count, one in enumerate(reversed(said[1:])):
        chars += one.chars
        if count and (count >= TURNS - 1 or chars > CHARS):
            first = len(said) - count
            break
    return Shown((said[0], *said[first:]), first - 1)


def ids_of(said: Iterable[Said]) -> set[str]:
    """Whose and what names the turns need."""
    theirs = [one for one in said if not one.ours]
    speakers = {str(one.message.get("user") or "") for one in theirs if not one.message.get("bot_id")}
    return (ids_in(writing for one in theirs for writing in writings(one.parts)) | speakers) - {""}


def answered_in(messages: Iterable[Message], own: Own) -> set[str]:
    """The events whose answers stand among these messages."""
    return {event_id_of(message) for message in messages if own.wrote(message)} - {""}


def event_id_of(message: Message) -> str:
    """The event that a message of ours answers; "" for any other."""
    mark = message.get("metadata") or {}
    known = mark.get("event_type") == METADATA_TYPE
    return str((mark.get("event_payload") or {}).get("event_id") or "") if known else ""


def _is_greeting(message: Message) -> bool:
    return (message.get("metadata") or {}).get("event_type") == GREETING_TYPE


def _answer(said: Said, parts: Mapping[str, Sequence[Message]], answer_of: Callable[[str], Answer | None]) -> str:
    answer = answer_of(said.text) if said.text else None
    if answer is not None:
        return answer.text
    stand = parts[said.text or said.ts]
    return "\n".join(filter(None, (_answer_of_blocks(message.get("blocks") or ()) for message in stand)))


def _answer_of_blocks(blocks: Any) -> str:
    """The answer in a message of ours. Small print, buttons and notices stand in blocks of other kinds.

    Slack hands Markdown back as rich text: https://docs.slack.dev/reference/block-kit/blocks/markdown-block
    """
    kinds = {"rich_text", "markdown"}
    told = [block for block in blocks if block.get("type") in kinds or _is_mrkdwn(block)]
    return "\n".join(filter(None, (readable(block_text(block), {}).strip("\n") for block in told)))


def _is_mrkdwn(block: Mapping[str, Any]) -> bool:
    text = block.get("text")
    return block.get("type") == "section" and isinstance(text, Mapping) and text.get("type") == "mrkdwn"
