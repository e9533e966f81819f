"""How often something is tried, how long is waited between, and what its failure is called."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

import structlog

from bot.errors import STOPPED, UNEXPECTED, BellhopError, NotWanted, Refused, TryAgain, Waits

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

DELIVERING = RetryPolicy(tries=10)
"""Delivering: about 17 minutes in all, because the answer is there and paid."""


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
    last = TryAgain("")
    for tried in range(1, policy.tries + 1):
        try:
            return await _within(policy.limit_s, call)
        except Exception as error:  # noqa: BLE001  # a handler may raise anything; _plain logs what it did not expect
            last = _plain(error, what, event_id, tried)
        if tried < policy.tries:
            await _pause(policy.wait_s(tried, last.after_s), stop)
    raise Refused(last.reason, last.code)


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
