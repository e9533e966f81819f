"""The prompt cache: which part of a prompt is read again at a tenth of the price.

Source: https://platform.claude.com/docs/en/build-with-claude/prompt-caching
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from playground.claude.tokens import block_tokens
from playground.claude.turn import Prompt
from playground.claude.turns import prompt_blocks

MIN_TOKENS = 512
"""Shorter prefixes are not cached (the 5.5 generation)."""

LOOK_BACK_BLOCKS = 20
"""How far before a mark an earlier cached prefix is still found."""

LIFE_S = {"5m": 300.0, "1h": 3600.0}


@dataclass(frozen=True, slots=True)
class _Boundary:
    """The prompt up to and including one block."""

    digest: str
    tokens: int
    ttl: str | None


class PromptCache:
    """Prefixes seen at a mark, each until its life ends; safe to use from several threads."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._ends_at: dict[str, float] = {}

    def account(self, body: dict[str, Any]) -> Prompt:
        """Split the prompt's tokens into cached, newly cached and read anew; remember what is cached now."""
        boundaries = _boundaries(body)
        total = boundaries[-1].tokens if boundaries else 0
        marked = [at for at, boundary in enumerate(boundaries) if boundary.ttl and boundary.tokens >= MIN_TOKENS]
        if not marked:
            return Prompt(total)
        with self._lock:
            read = self._longest_hit(boundaries, marked)
            self._remember(boundaries, marked)
        written = max(0, boundaries[marked[-1]].tokens - read)
        hourly = max((boundaries[at].tokens for at in marked if boundaries[at].ttl == "1h"), default=0)
        written_1h = min(written, max(0, hourly - read))
        return Prompt(total - read - written, written - written_1h, written_1h, read)

    def _longest_hit(self, boundaries: list[_Boundary], marked: list[int]) -> int:
        now, best = self._clock(), 0
        for mark in marked:
            for at in range(max(0, mark - LOOK_BACK_BLOCKS), mark + 1):
                if self._ends_at.get(boundaries[at].digest, 0) > now:
                    best = max(best, boundaries[at].tokens)
        return best

    def _remember(self, boundaries: list[_Boundary], marked: list[int]) -> None:
        now = self._clock()
        for at in marked:
            self._ends_at[boundaries[at].digest] = now + LIFE_S[boundaries[at].ttl or "5m"]


def prompt_tokens(body: dict[str, Any]) -> int:
    """Tokens of the whole prompt."""
    boundaries = _boundaries(body)
    return boundaries[-1].tokens if boundaries else 0


def _boundaries(body: dict[str, Any]) -> list[_Boundary]:
    # A digest runs over everything before it, so that two prompts share one exactly when they share the prefix.
    running = hashlib.sha256(json.dumps([body["model"], body.get("thinking")]).encode())
    found: list[_Boundary] = []
    tokens = 3  # the frame of a conversation
    for block in prompt_blocks(body):
        bare = {key: value for key, value in block.items() if key != "cache_control"}
        running.update(json.dumps(bare, sort_keys=True).encode())
        tokens += block_tokens(bare)
        found.append(_Boundary(running.hexdigest(), tokens, _ttl(block.get("cache_control"))))
    if found and body.get("cache_control"):
        last = found[-1]
        found[-1] = _Boundary(last.digest, last.tokens, _ttl(body["cache_control"]))
    return found


def _ttl(mark: dict[str, Any] | None) -> str | None:
    return str(mark.get("ttl") or "5m") if mark else None
