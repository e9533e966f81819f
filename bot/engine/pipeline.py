"""The three stages of every event, open_reply, answer and deliver, each kept before the next begins.

What a stage achieved stands in the event's receipt, and a later run goes on from there: the place is not opened again
without looking, and an answer that was paid is never paid again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import sqlalchemy as sa
import structlog

from bot.engine import transitions
from bot.engine.transitions import Run
from bot.errors import NotWanted, Refused, reason_of
from bot.events import Answer, Handler, Place
from bot.receipts import Clock, Receipts
from bot.retry import ASKING, DELIVERING, RetryPolicy, went_wrong, with_retries
from bot.store.group_commit import ENVIRONMENT, GroupCommit

T = TypeVar("T")
STRIKES = 5
POISON = (
    f"Bellhop stopped unexpectedly {STRIKES} times while working on this, so it was set aside. "
    "If it looks harmless, run it again: `python -m bot retry {id}`."
)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Takes one event from its first to its last stage."""

    handler: Handler
    commits: GroupCommit
    receipts: Receipts
    clock: Clock = time.time
    asking: RetryPolicy = ASKING
    delivering: RetryPolicy = DELIVERING
    suspects: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def run(self, event_id: str, stop: asyncio.Event) -> None:
        """Work on an event until its receipt is closed.

        Raises Superseded when a newer run has begun elsewhere; cancelled, it leaves the receipt as it is.
        """
        run = await self.keep(lambda connection: transitions.begin(connection, event_id, self.clock()))
        if run is None:
            return
        if run.stopped_by:
            stop.set()
        log.info("event working", event_id=event_id, source=run.event.source, attempt=run.attempt)
        if run.strikes < transitions.SUSPECT:
            await self._work(run, stop)
            return
        # One suspect at a time: the next crash then counts against one of them, not against all that ran beside it.
        async with self.suspects:
            await self.keep(lambda connection: transitions.strike(connection, run, self.clock()))
            await self._work(run, stop)

    async def _work(self, run: Run, stop: asyncio.Event) -> None:
        if run.strikes > STRIKES:
            await self._fail(run, run.place, POISON.replace("{id}", run.event.id))
            return
        place = run.place
        try:
            place = place if place is not None else await self._open_reply(run)
            answer = await self._answer(run, place, stop)
            await self._deliver(run, place, answer)
        except NotWanted as error:
            await self._skip(run, error.reason)
        except Refused as error:
            await self._fail(run, place, error.reason)
        except (TypeError, ValueError):  # a place or an answer that cannot be kept as JSON
            log.exception("unexpected error", event_id=run.event.id)
            await self._fail(run, place, went_wrong(run.event.id))

    async def _open_reply(self, run: Run) -> Place:
        call = lambda: self.handler.open_reply(run.event, run.attempt)  # noqa: E731  # one call, named for the try
        place = await with_retries("open_reply", run.event.id, call, self.asking)
        await self.keep(lambda connection: transitions.opened(connection, run, place, self.clock()))
        return place

    async def _answer(self, run: Run, place: Place, stop: asyncio.Event) -> Answer:
        if run.has_answer:
            kept = await asyncio.to_thread(self.receipts.answer, run.event.id)
            if kept is not None:
                return kept

        call = lambda: self.handler.answer(run.event, place, stop)  # noqa: E731  # one call, named for the try
        answer = await with_retries("answer", run.event.id, call, self.asking, stop)
        await self.keep(lambda connection: transitions.stored(connection, run, answer, self.clock()))
        return answer

    async def _deliver(self, run: Run, place: Place, answer: Answer) -> None:
        call = lambda: self.handler.deliver(run.event, place, answer)  # noqa: E731  # one call, named for the try
        await with_retries("deliver", run.event.id, call, self.delivering)
        await self.keep(lambda connection: transitions.ended(connection, run, "answered", "", self.clock()))
        log.info("event answered", event_id=run.event.id, source=run.event.source, attempt=run.attempt)

    async def _fail(self, run: Run, place: Place | None, reason: str) -> None:
        # When even the telling brought the process down once, the receipt alone must do.
        if run.strikes <= STRIKES + 1:
            await self._tell(run, place, reason)
        await self.keep(lambda connection: transitions.ended(connection, run, "failed", reason, self.clock()))
        log.warning("event failed", event_id=run.event.id, source=run.event.source, reason=reason)

    async def _skip(self, run: Run, reason: str) -> None:
        await self.keep(lambda connection: transitions.ended(connection, run, "skipped", reason, self.clock()))
        log.info("event skipped", event_id=run.event.id, source=run.event.source, reason=reason)

    async def _tell(self, run: Run, place: Place | None, reason: str) -> None:
        call = lambda: self.handler.fail(run.event, place, reason)  # noqa: E731  # one call, named for the try
        try:
            await with_retries("fail", run.event.id, call, self.asking)
        except Refused as error:
            log.warning("failure could not be shown", event_id=run.event.id, reason=error.reason)

    async def keep(self, change: Callable[[sa.Connection], T]) -> T:
        """Write to the database, however long it is away or full: going on without would lose or repeat work."""
        wait_s = 0.5
        while True:
            try:
                return await self.commits.write(change)
            except ENVIRONMENT as error:
                log.warning("database takes no writes; waiting", reason=reason_of(error))
            await asyncio.sleep(wait_s)
            wait_s = min(wait_s * 2, 5.0)
