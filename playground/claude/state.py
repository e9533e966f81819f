"""What the endpoints, the door before them and the control need of a stand-in: its knobs, its faults and its counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from playground.claude.bill import Bill
from playground.claude.cache import PromptCache
from playground.claude.faults import Fault, FaultQueue
from playground.claude.playing import Pace
from playground.claude.record import Disconnect, RecordedRequest, Tally


class State(Protocol):
    """The Messages API as one test or one playground sees it (`ClaudeStandIn` says what each part is)."""

    keys: frozenset[str]
    pace: Pace
    window_tokens: int | None
    max_pdf_pages: int
    split_seed: int | None
    requests: list[RecordedRequest]
    disconnects: list[Disconnect]
    faults: FaultQueue
    cache: PromptCache
    bill: Bill
    paused: dict[str, str]

    @property
    def tally(self) -> Tally:
        """Counts since the last reset."""

    def fault(self, fault: Fault, times: int = 1, where: Callable[[dict[str, Any]], bool] | None = None) -> None:
        """Play a fault."""

    def say(self, body: dict[str, Any]) -> str:
        """What the model says."""

    def count(self, **changes: int) -> None:
        """Add to the tally."""

    def next_serial(self) -> int:
        """A number of its own."""

    def record(self, method: str, path: str, headers: Mapping[str, str], body: dict[str, Any]) -> None:
        """Remember a request."""

    def caller_left(self, chars: int, total_chars: int) -> None:
        """Remember a caller that left early."""

    def reset(self) -> None:
        """Forget requests, faults and counts."""
