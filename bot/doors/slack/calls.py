"""A call to Slack as plain data: what is asked for, how urgent it is, and what may become of it."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Protocol

Arguments = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Done:
    """Slack said `ok: true`; `data` is its whole answer."""

    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Limited:
    """Slack said "ratelimited": this method rests for `retry_after_s` seconds (None: Slack did not say)."""

    retry_after_s: float | None = None


@dataclass(frozen=True, slots=True)
class Lost:
    """No answer that can be trusted (5xx, timeout, broken connection): Slack may or may not have done it."""

    words: str = ""


@dataclass(frozen=True, slots=True)
class Denied:
    """Slack said `ok: false` with this error name, and would say it again."""

    error: str


@dataclass(frozen=True, slots=True)
class Late:
    """The call was not made: it was withdrawn, or could not be made in the time it had.

    `rests_s`: because Slack ordered the method to rest, for so many seconds yet.
    """

    rests_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Skipped:
    """The call was not made: when its turn came there was nothing left to say."""


CallResult = Done | Limited | Lost | Denied | Late | Skipped

Call = Callable[[str, Arguments], Awaitable[CallResult]]
"""One call of a Web API method by name: `chat.update` and its arguments. Never raises for what Slack does."""

Make = Callable[[], Arguments | None]
"""Builds the arguments when the call's turn has come, so that the newest text is sent; None: nothing to say."""

STOP_TRYING_AFTER_S = 120.0
"""A call whose answer stays lost for so long is given up; who asked decides what then."""
CALLS_AT_ONCE = 16


class Priority(IntEnum):
    """Who goes first when there is not room for everybody."""

    FINAL = 0
    FIRST = 1
    NOTICE = 2
    PARTIAL = 3
    STATUS = 4


@dataclass(frozen=True, slots=True)
class CallRequest:
    """A call that somebody asks for.

    `key` names the message (or whatever else must not have two calls under way). Times are the pacer's clock, in s:
    `asked_at` when it was wanted, `not_before` when it may go at the earliest, `shown_at` when the message last
    changed. `edits` counts the message's edits so far. `repeatable`: may be sent again when its answer was lost.
    """

    method: str
    key: str
    priority: Priority
    asked_at: float
    channel: str = ""
    not_before: float = -math.inf
    shown_at: float = -math.inf
    edits: int = 0
    repeatable: bool = True


class LiveAnswers(Protocol):
    """The answers that grow just now, by edits (`live`) and natively (`streams`); see `rate_limits.RateLimits`."""

    live: dict[str, float]
    streams: set[str]

    def keep_back(self, event_id: str, now: float) -> None: ...


class Sender(Protocol):
    """What the writers of an answer need of the pacer; see there."""

    clock: Callable[[], float]

    @property
    def limits(self) -> LiveAnswers: ...

    async def send(self, request: CallRequest, make: Make, give_up_s: float = STOP_TRYING_AFTER_S) -> CallResult: ...

    def withdraw(self, key: str) -> None: ...
