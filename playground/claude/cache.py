"""The prompt cache: which part of a prompt is read again at a fraction of the price.

Source: https://platform.claude.com/docs/en/build-with-claude/prompt-caching
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from playground.claude.tokens import block_tokens
from playground.claude.turn import Prompt
from playground.claude.turns import blocks_of

MIN_TOKENS = {
    "claude-sonnet-5": 1_024,
    "claude-sonnet-5-5": 512,
    "claude-sonnet-4": 1_024,
    "claude-opus-4-8": 1_024,
    "claude-opus-4-7": 2_048,
    "claude-opus-4": 4_096,
    "claude-haiku-4": 4_096,
}
"""A shorter prefix is not cached; models of the fifth generation that are not named take 512 tokens."""
LOOK_BACK_BLOCKS = 20
"""How far before a mark an earlier cached prefix is still found."""
LIFE_S = {"5m": 300.0, "1h": 3600.0}


@dataclass(frozen=True, slots=True)
class _Boundary:
    """The prompt up to and including one block."""

    digest: str
    tokens: int
    ttl: str | None


@dataclass(frozen=True, slots=True)
class _Entry:
    """A prefix that is kept: from when it can be read, until when, and by which life each reading prolongs it."""

    from_s: float
    until_s: float
    ttl: str


class PromptCache:
    """Prefixes seen at a mark, each until its life ends; safe to use from several threads."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._entries: dict[str, _Entry] = {}

    def account(self, body: dict[str, Any], first_token_s: float = 0.0) -> Prompt:
        """Split the prompt's tokens into cached, newly cached and read anew; remember what is cached now.

        What is new can be read only once the answer has begun, after `first_token_s`.
        """
        boundaries = _boundaries(body)
        total, least = boundaries[-1].tokens if boundaries else 0, min_tokens(body["model"])
        marked = [at for at, boundary in enumerate(boundaries) if boundary.ttl and boundary.tokens >= least]
        if not marked:
            return Prompt(total)
        with self._lock:
            read = self._read(boundaries, marked)
            self._write([boundaries[at] for at in marked], first_token_s)
        written = max(0, boundaries[marked[-1]].tokens - read)
        hourly = max((boundaries[at].tokens for at in marked if boundaries[at].ttl == "1h"), default=0)
        written_1h = min(written, max(0, hourly - read))
        return Prompt(total - read - written, written - written_1h, written_1h, read)

    def _read(self, boundaries: list[_Boundary], marked: list[int]) -> int:
        """Tokens of the longest prefix that is found; reading it begins its life anew."""
        now = self._clock()
        places = {at for mark in marked for at in range(max(0, mark - LOOK_BACK_BLOCKS), mark + 1)}
        for at in sorted(places, reverse=True):
            entry = self._entries.get(boundaries[at].digest)
            if entry and entry.from_s <= now < entry.until_s:
                self._entries[boundaries[at].digest] = replace(entry, until_s=now + LIFE_S[entry.ttl])
                return boundaries[at].tokens
        return 0

    def _write(self, marks: list[_Boundary], first_token_s: float) -> None:
        now = self._clock()
        for boundary in marks:
            known, ttl = self._entries.get(boundary.digest), boundary.ttl or "5m"
            if known and now < known.until_s:
                continue  # it is there; what it was written for stays its life
            self._entries[boundary.digest] = _Entry(now + first_token_s, now + LIFE_S[ttl], ttl)


def min_tokens(model: str) -> int:
    """How long a prefix must be to be cached."""
    known = [name for name in MIN_TOKENS if model == name or model.startswith(f"{name}-")]
    return MIN_TOKENS[max(known, key=len)] if known else 512


def prompt_tokens(body: dict[str, Any]) -> int:
    """Tokens of the whole prompt."""
    boundaries = _boundaries(body)
    return boundaries[-1].tokens if boundaries else 0


def _boundaries(body: dict[str, Any]) -> list[_Boundary]:
    # A digest runs over everything before it, so that two prompts share one exactly when they share the prefix.
    running = hashlib.sha256(json.dumps(body["model"]).encode())
    found: list[_Boundary] = []
    tokens = 3  # the frame of a conversation

    def add(blocks: list[dict[str, Any]]) -> None:
        nonlocal tokens
        for block in blocks:
            bare = {key: value for key, value in block.items() if key != "cache_control"}
            running.update(json.dumps(bare, sort_keys=True).encode())
            tokens += block_tokens(bare)
            found.append(_Boundary(running.hexdigest(), tokens, _ttl(block.get("cache_control"))))

    add(body.get("tools") or [])
    add(blocks_of(body.get("system") or []))
    # These leave what is kept of tools and system prompt as it is, and nothing else.
    changing = [body.get("thinking"), body.get("tool_choice"), (body.get("output_config") or {}).get("format")]
    running.update(json.dumps(changing, sort_keys=True).encode())
    for message in body["messages"]:
        running.update(message["role"].encode())
        add(blocks_of(message["content"]))
    if found and body.get("cache_control"):
        last = found[-1]
        found[-1] = _Boundary(last.digest, last.tokens, _ttl(body["cache_control"]))
    return found


def _ttl(mark: dict[str, Any] | None) -> str | None:
    return str(mark.get("ttl") or "5m") if mark else None
