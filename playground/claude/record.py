"""What the stand-in remembers of its callers: every request, every caller that left, and the tally."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

SECRET_HEADERS = frozenset({"authorization", "x-api-key"})


@dataclass(frozen=True, slots=True)
class RecordedRequest:
    """A request as it came in; header names in lower case, the key redacted. `time` is in seconds since the epoch."""

    method: str
    path: str
    headers: dict[str, str]
    body: dict[str, Any]
    time: float


@dataclass(frozen=True, slots=True)
class Disconnect:
    """A caller that closed the connection before the end, after `chars` of `total_chars` of the answer."""

    chars: int
    total_chars: int
    time: float


@dataclass(frozen=True, slots=True)
class Tally:
    """Counted since the last reset. `calls` are answered model calls; tokens are those billed for them."""

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    refused: int = 0
    in_flight: int = 0
    max_in_flight: int = 0


def redacted(headers: dict[str, str]) -> dict[str, str]:
    """The same headers with secrets replaced."""
    return {name: "…" if name in SECRET_HEADERS else value for name, value in headers.items()}
