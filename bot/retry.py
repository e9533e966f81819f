"""How often something is tried, how long is waited between, and what its failure is called."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

import structlog

from bot.errors import PLACE, STOPPED, UNEXPECTED, BellhopError, NotWanted, Refused, TryAgain, Waits

T = TypeVar("T")

log = structlog.get_logger()


def backoff_s(tried: int, first_s: float, longest_s: float, *, growth: float = 2.0) -> float:
    """Seconds to wait after the `tried`-th failure in a row: `first_s`, times `growth` each time, up to `longest_s`."""
    # Whoever tries for days must not compute the 2,000th power; 64 doublings reach any wait there is.
    return float(min(first_s * growth ** min(max(tried - 1, 0), 64), longest_s))


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Waits grow from `first_wait_s` by `growth` up to `longest_wait_s`; one try may last `limit_s`."""

    tries: int
    first_wait_s: float = 2.0
    growth: float = 2.0
    longest_wait_s: float = 300.0
    limit_s: float = 900.0

    def wait_s(self, tried: int, asked_s: float | None) -> float:
        """Seconds to wait after the `tried`-th try; what the other side asked for comes first (an hour at most)."""
        if asked_s is not None:
            return min(max(asked_s, 0.0), 3_600.0)
        return backoff_s(tried, self.first_wait_s, self.longest_wait_s, growth=self.growth)


ASKING = RetryPolicy(tries=5)
"""Opening a reply and asking Claude: 2, 4, 8 and 16 s between five tries."""

DELIVERING = RetryPolicy(tries=31)
"""Delivering: about two hours in all, because the answer is there and paid, and what is parked costs nothing."""

HOLDS_S = 10.0
"""A place that takes nothing holds a worker for so long in one go. What is left of the waits is waited parked: one dead
place must not keep those from being answered whose places are well."""


def tried_before(stage: str, note: Mapping[str, object]) -> int:
    """How often this stage was tried already, by what `at_a_place` noted when the event was parked. Pure."""
    tried = note.get("tried") if note.get("stage") == stage else 0
    return tried if isinstance(tried, int) else 0


STOPPED_WORDS = "This was stopped before there was an answer."


async def with_retries(
    what: str,
    event_id: str,
    call: Callable[[], Awaitable[T]],
    policy: RetryPolicy,
    stop: asyncio.Event | None = None,
) -> T:
    """Call until it succeeds. Raises Refused, in plain words, when it cannot, when every try failed, or when a
    person pressed stop between two tries; Waits and NotWanted as they come.
    """

    async def pause(_tried: int, _last: TryAgain, wait_s: float) -> None:
        await _pause(wait_s, stop)

    return await _tried(what, event_id, call, policy, pause)


async def at_a_place(
    what: str,
    event_id: str,
    call: Callable[[], Awaitable[T]],
    policy: RetryPolicy,
    *,
    tried: int = 0,
    holds_s: float = HOLDS_S,
    clock: Callable[[], float] = time.time,
    monotonic: Callable[[], float] = time.monotonic,
) -> T:
    """The same of what is done at the place of an answer, `tried` times before: a longer wait is waited parked.

    So it raises Waits as well, with a note of how often it was tried. `clock` in seconds since 1970.
    """
    ends_at = monotonic() + holds_s

    async def pause(tried: int, last: TryAgain, wait_s: float) -> None:
        if monotonic() + wait_s <= ends_at:
            await asyncio.sleep(wait_s)
            return
        until, note = datetime.fromtimestamp(clock() + wait_s, UTC), {"stage": what, "tried": tried}
        raise Waits(last.reason.rstrip("."), until, waits_for=PLACE, note=note)

    return await _tried(what, event_id, call, policy, pause, tried=tried)


async def _tried(
    what: str,
    event_id: str,
    call: Callable[[], Awaitable[T]],
    policy: RetryPolicy,
    pause: Callable[[int, TryAgain, float], Awaitable[None]],
    *,
    tried: int = 0,
) -> T:
    """Call until it succeeds, or was tried often enough; `pause` waits between, or raises."""
    while True:
        tried += 1
        try:
            return await _within(policy.limit_s, call)
        except Exception as error:  # noqa: BLE001  # a handler may raise anything; _plain logs what it did not expect
            last = _plain(error, what, event_id, tried)
        if tried >= policy.tries:
            raise Refused(last.reason, last.code)
        await pause(tried, last, policy.wait_s(tried, last.after_s))


async def _within(limit_s: float, call: Callable[[], Awaitable[T]]) -> T:
    limit = asyncio.timeout(limit_s)
    try:
        async with limit:
            return await call()
    except TimeoutError:
        if limit.expired():
            raise TryAgain(f"It took longer than {limit_s / 60:.0f} minutes.") from None
        raise


def _plain(error: Exception, what: str, event_id: str, tried: int) -> TryAgain:
    """The fault in plain words, and the wait that was asked for. Raises Refused when trying again is no use."""
    if isinstance(error, TryAgain):
        log.info("try again", event_id=event_id, stage=what, tried=tried, reason=error.reason)
        return error
    if isinstance(error, NotWanted | Waits):
        raise error
    if isinstance(error, BellhopError):
        raise Refused(error.reason, error.code) from None
    log.error("unexpected error", event_id=event_id, stage=what, tried=tried, exc_info=error)
    return TryAgain(went_wrong(event_id), code=UNEXPECTED)


def went_wrong(event_id: str) -> str:
    """What a person is told of a mistake of ours."""
    return f"Something went wrong inside Bellhop; the details are in its log under {event_id}."


async def _pause(wait_s: float, stop: asyncio.Event | None) -> None:
    if stop is None:
        await asyncio.sleep(wait_s)
        return
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), wait_s)
    if stop.is_set():
        raise Refused(STOPPED_WORDS, STOPPED)
