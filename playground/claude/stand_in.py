"""The stand-in of the Messages API: its state and its knobs.

Strict where the vendor is strict, so that a mistake shows here and not in front of a person.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Protocol

from starlette.applications import Starlette
from starlette.routing import BaseRoute

from playground import names
from playground.claude.batches import BatchShop, batch_routes
from playground.claude.bill import Bill
from playground.claude.cache import PromptCache
from playground.claude.control import control_routes
from playground.claude.door import Door
from playground.claude.endpoints import Api, api_routes
from playground.claude.faults import Fault, FaultQueue
from playground.claude.mind import Continuing, answer
from playground.claude.playing import Pace
from playground.claude.record import Disconnect, RecordedRequest, Tally, redacted

DEFAULT_KEY = names.CLAUDE_KEY


class Script(Protocol):
    """The model behind the stand-in: what it says to the body of a request. The same body, the same words."""

    def __call__(self, body: dict[str, Any], /) -> str:
        """The whole answer."""


class ClaudeStandIn:
    """One stand-in. Everything here may be read and set from another thread than the server's.

    Knobs: `keys` accepted; `pace` of the model; `window_tokens` in place of the model's own (None); `max_pdf_pages`;
    `split_seed` tears every answer into tiny writes; `overlap_chars` and `start_anew` say how an answer goes on after a
    break (see mind/continuing.py).
    """

    def __init__(
        self,
        *,
        key: str = DEFAULT_KEY,
        pace: Pace | None = None,
        model: Script = answer,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.keys = frozenset({key})
        self.pace = pace or Pace()
        self.model = model
        self.clock = clock
        self.window_tokens: int | None = None
        self.max_pdf_pages = 100
        self.split_seed: int | None = None
        self.overlap_chars: int | None = None
        self.start_anew = False
        self.requests: list[RecordedRequest] = []
        self.max_recorded = 10_000
        self.disconnects: list[Disconnect] = []
        self.faults = FaultQueue()
        self.cache = PromptCache(clock)
        self.bill = Bill()
        self.batches = BatchShop(clock)
        self.paused: dict[str, str] = {}
        self._tally = Tally()
        self._serial = 0
        self._answers_raw = False
        self._lock = threading.Lock()
        self.app = Starlette(routes=self._routes())

    @property
    def tally(self) -> Tally:
        """Calls, tokens, refusals and calls in flight since the last reset."""
        return self._tally

    def fault(self, fault: Fault, times: int = 1, where: Callable[[dict[str, Any]], bool] | None = None) -> None:
        """Play `fault` for the next `times` calls to its path whose body satisfies `where`."""
        self.faults.add(fault, times, where)

    def answer_with(self, text: str | Callable[[dict[str, Any]], str]) -> None:
        """Answer every call with `text` (after a break: with its rest), or with exactly what a callable says."""
        self._answers_raw = callable(text)
        self.model = text if callable(text) else (lambda _body: text)

    def say(self, body: dict[str, Any]) -> str:
        """What the model says to a request that passed all checks."""
        if self._answers_raw:
            return self.model(body)
        return Continuing(self.model, self.overlap_chars, self.start_anew)(body)

    def count(self, **changes: int) -> None:
        """Add to the tally, by the names of its fields."""
        with self._lock:
            sums = {name: getattr(self._tally, name) + by for name, by in changes.items()}
            most = max(self._tally.max_in_flight, sums.get("in_flight", 0))
            self._tally = replace(self._tally, **{**sums, "max_in_flight": most})

    def next_serial(self) -> int:
        """A number that no other answer of this stand-in has."""
        with self._lock:
            self._serial += 1
            return self._serial

    def record(self, method: str, path: str, headers: Mapping[str, str], body: dict[str, Any]) -> None:
        """Remember a request."""
        self.requests.append(RecordedRequest(method, path, redacted(dict(headers)), body, self.clock()))
        del self.requests[: -self.max_recorded]

    def caller_left(self, chars: int, total_chars: int) -> None:
        """Remember a caller that closed the connection before the end."""
        self.disconnects.append(Disconnect(chars, total_chars, self.clock()))

    def reset(self) -> None:
        """Forget requests, faults and counts; knobs stay."""
        with self._lock:
            self.requests.clear()
            self.disconnects.clear()
            self.faults.clear()
            self.bill.reset()
            self._tally = Tally(in_flight=self._tally.in_flight)

    def _routes(self) -> list[BaseRoute]:
        api, door = Api(self), Door(self)
        return [*batch_routes(self.batches, api, door), *api_routes(api, door), *control_routes(self)]
