"""The stand-in's bill: what the vendor would charge for every call, with a price table of its own.

A call that breaks is charged for its prompt and for what was said until then.
Source: https://platform.claude.com/docs/en/about-claude/pricing
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from decimal import Decimal

from playground.claude.tokens import text_tokens
from playground.claude.turn import Prompt, Turn

_USD: dict[str, tuple[str, str, str]] = {
    "claude-sonnet-5-5": ("2", "10", "0.10"),
    "claude-sonnet-5": ("2", "10", "0.20"),
    "claude-sonnet-4": ("3", "15", "0.30"),
    "claude-opus-5-5": ("4", "20", "0.20"),
    "claude-opus-5": ("5", "25", "0.50"),
    "claude-opus-4": ("5", "25", "0.50"),
    "claude-haiku-5-5": ("0.10", "0.50", "0.01"),
    "claude-haiku-4-5": ("1", "5", "0.10"),
    "claude-fable-5-2": ("8", "40", "0.20"),
    "claude-fable-5-1": ("10", "50", "0.25"),
    "claude-mythos-5": ("10", "50", "0.25"),
}
"""For a million tokens: input, output, read from the cache. Writing to it costs 1.25 times the input, 2 for an hour."""
_LONG_TOKENS, _LONG_TIMES = 100_000, 5
"""Haiku 5.5: a longer prompt costs so many times more, its answer too."""


@dataclass(frozen=True, slots=True)
class Line:
    """One charged call."""

    model: str
    prompt: Prompt
    output_tokens: int
    is_batch: bool = False

    @property
    def usd(self) -> Decimal:
        """Its charge."""
        name = max((known for known in _USD if self.model.startswith(known)), key=len)
        fresh, output, read = map(Decimal, _USD[name])
        prompt = self.prompt
        sums = (
            prompt.input_tokens * fresh
            + prompt.cache_write_5m_tokens * fresh * Decimal("1.25")
            + prompt.cache_write_1h_tokens * fresh * 2
            + prompt.cache_read_tokens * read
            + self.output_tokens * output
        )
        is_long = name == "claude-haiku-5-5" and prompt.tokens > _LONG_TOKENS
        return sums * (_LONG_TIMES if is_long else 1) / (2 if self.is_batch else 1) / 1_000_000


class Bill:
    """Every charged call since the last reset; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.lines: list[Line] = []

    def charge(self, turn: Turn, chars: int | None = None) -> None:
        """Charge for a turn of which `chars` characters of text went out (None: all of it)."""
        whole = chars is None or chars >= len(turn.text)
        thought = turn.thinking.tokens if turn.thinking and chars else 0
        # A stream begins with a usage of one token of output: so much is charged at least.
        tokens = turn.output_tokens if whole else max(1, text_tokens(turn.text[:chars]) + thought)
        with self._lock:
            self.lines.append(Line(turn.model, turn.prompt, tokens, turn.tier == "batch"))

    @property
    def usd(self) -> Decimal:
        """The sum."""
        with self._lock:
            return sum((line.usd for line in self.lines), Decimal(0))

    def reset(self) -> None:
        """Begin a new one."""
        with self._lock:
            self.lines.clear()
