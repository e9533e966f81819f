"""The faults that the stand-in plays on demand, and the queue they wait in.

Each is something that the vendor, or the network before it, really does to a caller now and then.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, get_args

FaultKind = Literal[
    "status",  # `status` before any text, with retry-after when `retry_after_s` is set
    "lost",  # the request is received, then the connection is reset without a byte of answer
    "reset",  # TCP reset (RST) after `after_chars` of text
    "torn",  # the connection closes (FIN) after `after_chars`, inside the HTTP body
    "early_end",  # the HTTP body ends cleanly after `after_chars`, before message_stop
    "error_event",  # an `error` event after `after_chars`
    "stall",  # silence of `seconds` after `after_chars`, then on as if nothing were
    "pings",  # after `after_chars` only pings, one every `seconds` (or 1), until the caller leaves
    "bad_chunk",  # an event after `after_chars` whose data is no JSON
    "not_sse",  # status 200 with a page of HTML, as from a proxy
    "unknown_event",  # an event type nobody knows after `after_chars`, then on
    "stop",  # the answer ends after `after_chars` with `stop_reason`
    "split",  # every few bytes in a write of their own: UTF-8 sequences are torn apart
    "slow",  # `seconds` before the first byte
    "never",  # accepted, and never answered
]


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. `after_chars` counts characters of answer text; `seconds` and `retry_after_s` are seconds.

    On a `path` other than messages every fault is a refusal with `status`.
    """

    kind: FaultKind
    after_chars: int = 0
    seconds: float = 0.0
    status: int = 529
    retry_after_s: float | None = None
    stop_reason: str = "max_tokens"
    message: str = ""
    seed: int = 1
    path: str = "/v1/messages"

    def __post_init__(self) -> None:
        if self.kind not in get_args(FaultKind):
            raise ValueError(f"unknown fault {self.kind!r}; known: {', '.join(get_args(FaultKind))}")


@dataclass(slots=True)
class _Waiting:
    fault: Fault
    times: int
    where: Callable[[dict[str, Any]], bool] | None


class FaultQueue:
    """Faults waiting for their calls, first come first served; safe to fill from another thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[_Waiting] = []

    def add(self, fault: Fault, times: int, where: Callable[[dict[str, Any]], bool] | None) -> None:
        """Play `fault` for the next `times` calls to its path whose body satisfies `where`."""
        with self._lock:
            self._waiting.append(_Waiting(fault, times, where))

    def take(self, path: str, body: dict[str, Any]) -> Fault | None:
        """The fault for this call, if one waits for it."""
        with self._lock:
            for waiting in self._waiting:
                if waiting.fault.path == path and (waiting.where is None or waiting.where(body)):
                    waiting.times -= 1
                    self._waiting = [entry for entry in self._waiting if entry.times > 0]
                    return waiting.fault
            return None

    def clear(self) -> None:
        """Forget all that wait."""
        with self._lock:
            self._waiting.clear()

    def waiting(self) -> list[tuple[str, int]]:
        """Kind and remaining times of each, in order."""
        with self._lock:
            return [(entry.fault.kind, entry.times) for entry in self._waiting]
