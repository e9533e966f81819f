"""Trouble on demand: what a call may meet instead of its answer, by order or by a plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["ratelimited", "error", "server_error", "drop", "lost", "hang", "hang_applied", "slow"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One mishap.

    `ratelimited`: 429 for this call and for `seconds` from now on. `error`: ok false with `error`.
    `server_error`: HTTP 500 with an HTML page, nothing was done. `drop`: the connection breaks, nothing was done.
    `lost`: it was done, and the connection breaks before the answer.
    `hang`: no answer for `seconds` real seconds, then the connection breaks;
    `hang_applied` the same after it was done. `slow`: the answer comes after `seconds` real seconds.
    """

    kind: Kind
    seconds: float = 0.0
    error: str = "internal_error"


Plan = Callable[[str, Mapping[str, Any]], Fault | None]
"""Given a method and its arguments: the fault this call shall meet, or None."""


@dataclass(slots=True)
class Order:
    """A fault for the next `times` calls of a method ("*": any; None: until cleared)."""

    method: str
    fault: Fault
    times: int | None


class FaultBox:
    """The orders in force, then the plan. Not safe for threads: the workspace's lock is held."""

    def __init__(self) -> None:
        self.orders: list[Order] = []
        self.plan: Plan | None = None

    def add(self, method: str, fault: Fault, times: int | None = 1) -> None:
        """Order `fault` for the next `times` calls of `method`."""
        self.orders.append(Order(method, fault, times))

    def clear(self) -> None:
        """Forget every order and the plan."""
        self.orders.clear()
        self.plan = None

    def next(self, method: str, args: Mapping[str, Any]) -> Fault | None:
        """The fault this call meets, if any; uses up one of its order."""
        for order in self.orders:
            if order.method in ("*", method):
                self._use(order)
                return order.fault
        return self.plan(method, args) if self.plan else None

    def _use(self, order: Order) -> None:
        if order.times is not None:
            order.times -= 1
            if order.times <= 0:
                self.orders.remove(order)
