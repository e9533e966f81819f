"""One turn of the model, and the shapes in which the vendor sends it: a message, or a stream of events.

Source: https://platform.claude.com/docs/en/api/messages and /docs/en/build-with-claude/streaming
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from playground.claude.tokens import text_tokens


@dataclass(frozen=True, slots=True)
class Thinking:
    """A thinking block: `text` is empty where the model omits it; `tokens` are paid for either way."""

    text: str
    signature: str
    tokens: int


@dataclass(frozen=True, slots=True)
class Prompt:
    """What the request cost: tokens read anew, written to the cache (5 minutes, 1 hour), read from it."""

    input_tokens: int
    cache_write_5m_tokens: int = 0
    cache_write_1h_tokens: int = 0
    cache_read_tokens: int = 0

    @property
    def tokens(self) -> int:
        """All of it."""
        return self.input_tokens + self.cache_write_5m_tokens + self.cache_write_1h_tokens + self.cache_read_tokens


@dataclass(frozen=True, slots=True)
class Turn:
    """One answer, whole. `stop_reason` is one of the vendor's."""

    id: str
    model: str
    text: str
    prompt: Prompt
    stop_reason: str = "end_turn"
    stop_sequence: str | None = None
    thinking: Thinking | None = None
    tier: str = "standard"

    @property
    def output_tokens(self) -> int:
        """Tokens of thinking and text."""
        return text_tokens(self.text) + (self.thinking.tokens if self.thinking else 0)


@dataclass(frozen=True, slots=True)
class EventFrame:
    """One server-sent event; `chars` and `tokens` count the answer text it carries."""

    name: str
    data: dict[str, Any]
    chars: int = 0
    tokens: int = 0

    def encode(self) -> bytes:
        """As it goes over the wire, UTF-8, nothing escaped that need not be."""
        return f"event: {self.name}\ndata: {json.dumps(self.data, ensure_ascii=False)}\n\n".encode()


PING = EventFrame("ping", {"type": "ping"})


def message_of(turn: Turn) -> dict[str, Any]:
    """The body of a non-streaming answer."""
    content: list[dict[str, Any]] = []
    if turn.thinking:
        content.append({"type": "thinking", "thinking": turn.thinking.text, "signature": turn.thinking.signature})
    if turn.text:
        content.append({"type": "text", "text": turn.text, "citations": None})
    return {**_envelope(turn), "content": content, **_ending(turn), "usage": _usage(turn, turn.output_tokens)}


def frames_of(turn: Turn, cut_at: int | None = None) -> Iterator[EventFrame]:
    """The events of a stream, in the vendor's order; text deltas break exactly at `cut_at` characters."""
    head = {**_envelope(turn), "content": [], "stop_reason": None, "stop_sequence": None, "stop_details": None}
    yield _frame("message_start", message={**head, "usage": _usage(turn, 1)})
    index = 0
    if turn.thinking:
        yield from _thinking_frames(turn.thinking)
        index = 1
    if turn.text:
        yield _frame("content_block_start", index=index, content_block={"type": "text", "text": "", "citations": None})
        yield PING
        yield from _text_frames(turn.text, index, cut_at)
        yield _frame("content_block_stop", index=index)
    yield _frame("message_delta", delta={**_ending(turn), "container": None}, usage=_delta_usage(turn))
    yield _frame("message_stop")


def _thinking_frames(thinking: Thinking) -> Iterator[EventFrame]:
    yield _frame("content_block_start", index=0, content_block={"type": "thinking", "thinking": "", "signature": ""})
    yield PING
    for piece in deltas(thinking.text):
        yield _frame("content_block_delta", index=0, delta={"type": "thinking_delta", "thinking": piece})
    yield _frame("content_block_delta", index=0, delta={"type": "signature_delta", "signature": thinking.signature})
    yield _frame("content_block_stop", index=0)


def _text_frames(text: str, index: int, cut_at: int | None) -> Iterator[EventFrame]:
    parts = (text,) if cut_at is None else (text[:cut_at], text[cut_at:])
    for part in parts:
        for piece in deltas(part):
            data = {"type": "content_block_delta", "index": index, "delta": {"type": "text_delta", "text": piece}}
            yield EventFrame("content_block_delta", data, len(piece), text_tokens(piece))


_DELTA = re.compile(r"(?:\s*\S{1,24}){1,3}\s*|\s+")


def deltas(text: str) -> Iterator[str]:
    """The text in pieces of a few words, as the vendor sends it."""
    for match in _DELTA.finditer(text):
        yield match.group()


def _frame(name: str, **data: Any) -> EventFrame:
    return EventFrame(name, {"type": name, **data})


def _envelope(turn: Turn) -> dict[str, Any]:
    kept = {"id": turn.id, "type": "message", "role": "assistant", "model": turn.model}
    return {**kept, "container": None, "diagnostics": None}


def _ending(turn: Turn) -> dict[str, Any]:
    refused = {"type": "refusal", "category": "general_harms", "explanation": None}
    details = refused if turn.stop_reason == "refusal" else None
    return {"stop_reason": turn.stop_reason, "stop_sequence": turn.stop_sequence, "stop_details": details}


def _usage(turn: Turn, output_tokens: int) -> dict[str, Any]:
    prompt = turn.prompt
    writes = {
        "ephemeral_5m_input_tokens": prompt.cache_write_5m_tokens,
        "ephemeral_1h_input_tokens": prompt.cache_write_1h_tokens,
    }
    details = {"thinking_tokens": turn.thinking.tokens} if turn.thinking and output_tokens > 1 else None
    return {
        "input_tokens": prompt.input_tokens,
        "cache_creation_input_tokens": prompt.cache_write_5m_tokens + prompt.cache_write_1h_tokens,
        "cache_read_input_tokens": prompt.cache_read_tokens,
        "cache_creation": writes,
        "output_tokens": output_tokens,
        "output_tokens_details": details,
        "server_tool_use": None,
        "service_tier": turn.tier,
        "inference_geo": "global",
        "speed": "standard",
    }


def _delta_usage(turn: Turn) -> dict[str, Any]:
    names = (
        "input_tokens",
        "cache_creation_input_tokens",
        "cache_read_input_tokens",
        "output_tokens",
        "output_tokens_details",
        "server_tool_use",
    )
    usage = _usage(turn, turn.output_tokens)
    return {name: usage[name] for name in names}
