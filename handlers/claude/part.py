"""What one call brought (text, the blocks it came in, why it stopped, its tokens), and what all calls cost together."""

from __future__ import annotations

import math
from dataclasses import astuple, dataclass, field
from typing import Any

from bot.events import Usage
from bot.money import usd_of
from handlers.claude.forecast import text_tokens
from handlers.claude.prices import price_list

PROGRESS = frozenset(
    {"message_start", "content_block_start", "content_block_delta", "content_block_stop", "message_delta"}
)
"""Events that show a model at work. Pings and events nobody knows do not."""


@dataclass(slots=True)
class Part:
    """One call as it comes in. `stop_reason` None: it is not finished, whatever else it looks like.

    `likely_tokens`: how long its prompt probably is; that counts when it was sent, and nothing at all came back.
    """

    text: str = ""
    model: str = ""
    stop_reason: str | None = None
    refusal: str = ""
    blocks: dict[int, dict[str, Any]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    counted: bool = False
    likely_tokens: int = 0
    is_sent: bool = False
    has_begun: bool = False

    def take(self, event: Any) -> None:
        """Add one event of the stream; unknown events and deltas change nothing."""
        kind = event.type
        if kind == "message_start":
            self.model = event.message.model
            self._count(event.message.usage)
        elif kind == "content_block_start":
            self._begin(event.index, event.content_block)
        elif kind == "content_block_delta":
            self._grow(event.index, event.delta)
        elif kind == "message_delta":
            self.counted = True
            self._count(event.usage)
            self.stop_reason = event.delta.stop_reason or self.stop_reason
            details = getattr(event.delta, "stop_details", None)
            self.refusal = getattr(details, "category", None) or self.refusal

    def usage(self) -> Usage:
        """Tokens paid for this call; what a broken stream did not report is estimated from its text."""
        said = math.ceil(text_tokens(self.text)) + math.ceil(text_tokens(self.thought))
        spoken = 0 if self.counted else said
        counts = self.counts
        return Usage(
            input_tokens=counts.get("input_tokens", self.likely_tokens * self.is_sent),
            output_tokens=max(spoken, counts.get("output_tokens", 0)),
            cache_read_tokens=counts.get("cache_read_input_tokens", 0),
            cache_write_tokens=counts.get("cache_creation_input_tokens", 0),
            cache_write_1h_tokens=counts.get("ephemeral_1h_input_tokens", 0),
            thinking_tokens=counts.get("thinking_tokens", 0),
            web_searches=counts.get("web_search_requests", 0),
        )

    @property
    def thought(self) -> str:
        """What it thought aloud."""
        return "".join(block.get("thinking", "") for block in self.blocks.values())

    def content(self) -> list[dict[str, Any]]:
        """The blocks as they are sent back to continue a paused answer, without empty ones, which are refused."""
        blocks = [self.blocks[index] for index in sorted(self.blocks)]
        return [block for block in blocks if block["type"] != "text" or block["text"].strip()]

    def _begin(self, index: int, block: Any) -> None:
        if block.type == "text":
            self.blocks[index] = {"type": "text", "text": ""}
            self._say(index, block.text)
        elif block.type == "thinking":
            self.blocks[index] = {"type": "thinking", "thinking": block.thinking, "signature": block.signature}
        elif block.type == "redacted_thinking":
            self.blocks[index] = {"type": "redacted_thinking", "data": block.data}

    def _grow(self, index: int, delta: Any) -> None:
        block = self.blocks.get(index, {})
        if delta.type == "text_delta":
            self.blocks.setdefault(index, {"type": "text", "text": ""})
            self._say(index, delta.text)
        elif delta.type == "thinking_delta" and block.get("type") == "thinking":
            block["thinking"] += delta.thinking
        elif delta.type == "signature_delta" and block.get("type") == "thinking":
            block["signature"] = delta.signature

    def _say(self, index: int, text: str) -> None:
        self.blocks[index]["text"] += text
        self.text += text

    def _count(self, usage: Any) -> None:
        # What a later event does not name stays: the last one of a stream says nothing of how long entries are kept.
        places = [usage, *(getattr(usage, name, None) for name in _DETAILS)]
        found = [(name, getattr(place, name, None)) for place in places for name in _COUNTS]
        self.counts |= {name: value for name, value in found if value is not None}


_COUNTS = (
    *("input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens"),
    *("ephemeral_1h_input_tokens", "thinking_tokens", "web_search_requests"),
)
_DETAILS = ("cache_creation", "output_tokens_details", "server_tool_use")
"""Where they stand in the vendor's usage: https://platform.claude.com/docs/en/api/messages"""


def add_usage(left: Usage, right: Usage) -> Usage:
    """What both used."""
    return Usage(*map(sum, zip(astuple(left), astuple(right), strict=True)))


@dataclass(slots=True)
class Bill:
    """What the calls of one answer cost so far that are not paid yet, the broken ones included."""

    model: str
    usage: Usage = field(default_factory=Usage)
    pico: int = 0

    def take(self) -> tuple[str, Usage, float]:
        """What stands on it (model, use, US dollars), and begin anew."""
        taken = (self.model, self.usage, self.cost_usd)
        self.usage, self.pico = Usage(), 0
        return taken

    @property
    def cost_usd(self) -> float:
        """In US dollars."""
        return usd_of(self.pico)

    def add(self, part: Part) -> None:
        """Put one more call on it."""
        usage = part.usage()
        self.model = part.model or self.model
        self.usage = add_usage(self.usage, usage)
        if usage != Usage():
            self.pico += price_list().cost_pico(self.model, usage)
