"""The pacer: each call to one workspace goes through it, when Slack's limits allow, never twice at once.

It decides nothing itself: `scheduling.choose` does. It keeps who waits, makes the calls, and waits out refusals.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import structlog

from bot.doors.slack.call_log import CallLog
from bot.doors.slack.calls import (
    CALLS_AT_ONCE,
    STOP_TRYING_AFTER_S,
    Arguments,
    Call,
    CallRequest,
    CallResult,
    Late,
    Limited,
    Lost,
    Make,
    Skipped,
)
from bot.doors.slack.rate_limits import RateLimits
from bot.doors.slack.scheduling import choose, may_go_at
from bot.retry import backoff_s

log = structlog.get_logger()

LOOK_AGAIN_S = 5.0


@dataclass(slots=True)
class _Waiting:
    request: CallRequest
    make: Make
    future: asyncio.Future[CallResult]
    give_up_at: float
    attempts: int = 0


class Pacer:
    """Makes calls for one workspace. Used from one event loop; `clock` is that loop's idea of seconds."""

    def __init__(
        self,
        call: Call,
        limits: RateLimits,
        clock: Callable[[], float] = time.monotonic,
        call_log: CallLog | None = None,
    ) -> None:
        self.limits = limits
        self._call_log = call_log
        self.clock = clock
        self._call = call
        self._waiting: list[_Waiting] = []
        self._busy: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None

    async def send(self, request: CallRequest, make: Make, give_up_s: float = STOP_TRYING_AFTER_S) -> CallResult:
        """Make the call when its turn comes; returns its result, which is never Limited.

        A refusal for rate limits is waited out. A lost answer is asked again, with growing pauses, if the request is
        repeatable. Late when it could not be made within `give_up_s`, as soon as that is certain.
        """
        future: asyncio.Future[CallResult] = asyncio.get_running_loop().create_future()
        waiting = _Waiting(request, make, future, self.clock() + give_up_s)
        self._waiting.append(waiting)
        self._pump()
        try:
            return await future
        finally:
            if waiting in self._waiting:
                self._waiting.remove(waiting)

    def withdraw(self, key: str) -> None:
        """Take back what waits under `key`; a call under way is left to end."""
        for waiting in [waiting for waiting in self._waiting if waiting.request.key == key]:
            self._resolve(waiting, Late())

    async def aclose(self) -> None:
        """Give up what waits and let calls under way end."""
        for waiting in list(self._waiting):
            self._resolve(waiting, Late())
        if self._timer:
            self._timer.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _pump(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None
        now = self.clock()
        self._give_up(now)
        wake_at = now
        while self._waiting and len(self._busy) < CALLS_AT_ONCE:
            request, wake_at = choose((waiting.request for waiting in self._waiting), self.limits, self._busy, now)
            if request is None:
                break
            self._start(next(waiting for waiting in self._waiting if waiting.request is request))
        self._sleep_until(wake_at, now)

    def _sleep_until(self, wake_at: float, now: float) -> None:
        # The share of the workspace may change without a call ending: look again now and then.
        wake_at = min([wake_at, now + LOOK_AGAIN_S, *(waiting.give_up_at for waiting in self._waiting)])
        if self._waiting and wake_at > now:
            # A little late is harmless, a little early would only wake for nothing.
            self._timer = asyncio.get_running_loop().call_later(wake_at - now + 0.001, self._pump)

    def _give_up(self, now: float) -> None:
        for waiting in list(self._waiting):
            if waiting.request.key in self._busy:
                continue
            at = may_go_at(waiting.request, self.limits, now)
            if now >= waiting.give_up_at or waiting.give_up_at < at < float("inf"):
                late = Late(self.limits.rests_s(waiting.request.method, now))
                self._resolve(waiting, Lost("no trusted answer") if waiting.attempts else late)

    def _start(self, waiting: _Waiting) -> None:
        try:
            arguments = waiting.make()
        except Exception as error:  # noqa: BLE001 - it belongs to who asked, not to whoever happened to wake the pacer
            self._waiting.remove(waiting)
            waiting.future.set_exception(error)
            return
        if arguments is None:
            self._resolve(waiting, Skipped())
            return
        self._waiting.remove(waiting)
        self._busy.add(waiting.request.key)
        self.limits.started(waiting.request.method, waiting.request.channel)
        if self._call_log:
            self._call_log.called(waiting.request.method)
        task = asyncio.get_running_loop().create_task(self._perform(waiting, arguments))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _perform(self, waiting: _Waiting, arguments: Arguments) -> None:
        request = waiting.request
        result: CallResult = Lost("cancelled")
        try:
            result = await self._call(request.method, arguments)
        finally:
            now = self.clock()
            self._busy.discard(request.key)
            self.limits.ended(request.method, request.channel, request.priority, now)
            self._after(waiting, result, now)
            self._pump()

    def _after(self, waiting: _Waiting, result: CallResult, now: float) -> None:
        request = waiting.request
        if isinstance(result, Limited):
            log.warning("slack says slow down", method=request.method, retry_after_s=result.retry_after_s)
            rest_s = self.limits.limited(request.method, result.retry_after_s, now)
            if self._call_log:
                self._call_log.rests(request.method, rest_s)
            self._again(waiting, now)
        elif isinstance(result, Lost) and request.repeatable:
            waiting.attempts += 1
            log.info("slack did not answer", method=request.method, attempt=waiting.attempts, words=result.words)
            self._again(waiting, now + pause_s(waiting.attempts))
        else:
            self._resolve(waiting, result)

    def _again(self, waiting: _Waiting, not_before: float) -> None:
        waiting.request = replace(waiting.request, not_before=not_before)
        if not waiting.future.done():
            self._waiting.append(waiting)

    def _resolve(self, waiting: _Waiting, result: CallResult) -> None:
        if waiting in self._waiting:
            self._waiting.remove(waiting)
        if not waiting.future.done():
            waiting.future.set_result(result)


def pause_s(attempts: int) -> float:
    """Seconds to wait after the `attempts`-th lost answer: 0.25, 0.5, 1 … up to 15."""
    return backoff_s(attempts, 0.25, 15.0)
