"""Bad weather: errors, delays and lost responses, ordered one by one or by seeded chance."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

KINDS = ("500", "502", "503", "429", "401", "lost", "dropped", "slow", "timeout", "timeout_applied")


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one call.

    500, 502 (an HTML page), 503, 429, 401: that answer, nothing applied. `dropped`: the connection closes, nothing
    applied. `lost`: applied, and the connection closes before the answer. `slow`: answered after `delay_s`.
    `timeout`, `timeout_applied`: no answer for `delay_s`, then the connection closes; not applied, applied.
    """

    kind: str
    delay_s: float = 0.0

    @property
    def applied(self) -> bool:
        """Whether the call takes effect all the same."""
        return self.kind in {"lost", "slow", "timeout_applied"}


@dataclass
class _Order:
    fault: Fault
    left: int
    method: str
    path_part: str
    skip: int


@dataclass
class Faults:
    """Faults to come. `struck` holds the kinds that struck, in order."""

    struck: list[str] = field(default_factory=list)
    _orders: list[_Order] = field(default_factory=list)
    _chances: dict[str, float] = field(default_factory=dict)
    _random: random.Random = field(default_factory=random.Random)
    _delay_s: float = 0.0

    def add(
        self, kind: str, *, times: int = 1, method: str = "", path_part: str = "", skip: int = 0, delay_s: float = 0.0
    ) -> None:
        """Let the next `times` matching calls fail so, after `skip` others. Raises ValueError for an unknown kind."""
        if kind not in KINDS:
            raise ValueError(f"no fault is called {kind}; known: {', '.join(KINDS)}")
        self._orders.append(_Order(Fault(kind, delay_s), times, method.upper(), path_part, skip))

    def chance(self, seed: int, chances: dict[str, float], delay_s: float = 0.0) -> None:
        """From now on each call meets a fault with these probabilities (kind → 0…1), drawn from the seed."""
        self._random = random.Random(seed)
        self._chances, self._delay_s = dict(chances), delay_s

    def clear(self) -> None:
        """Fair weather."""
        self._orders.clear()
        self._chances = {}

    def draw(self, method: str, path: str) -> Fault | None:
        """The fault that this call meets, if any."""
        fault = self._ordered(method, path) or self._by_chance()
        if fault:
            self.struck.append(fault.kind)
        return fault

    def _ordered(self, method: str, path: str) -> Fault | None:
        for order in self._orders:
            if order.method not in {"", method} or order.path_part not in path:
                continue
            if order.skip:
                order.skip -= 1
                continue
            order.left -= 1
            if order.left <= 0:
                self._orders.remove(order)
            return order.fault
        return None

    def _by_chance(self) -> Fault | None:
        for kind, probability in self._chances.items():
            if self._random.random() < probability:
                return Fault(kind, self._delay_s)
        return None
