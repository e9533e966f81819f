"""The three stages of every event, open_reply, answer and deliver, each kept before the next begins.

What a stage achieved stands in the event's receipt, and a later run goes on from there: the place is not opened again
without looking, and an answer that was paid is never paid again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

import sqlalchemy as sa
import structlog

from bot import reads
from bot.engine import parking, transitions
from bot.engine.active_runs import Claimed, Live
from bot.engine.handler import Handler
from bot.engine.parking import Behind
from bot.engine.transitions import Ending, Run
from bot.errors import BUSY, PLACE, POISON, PROGRAM, SPENT, STOPPED, UNEXPECTED, NotWanted, Refused, Waits
from bot.events import Answer, Place
from bot.receipts import Clock, Receipts, conversation_key
from bot.retry import (
    ASKING,
    DELIVERING,
    STOPPED_WORDS,
    RetryPolicy,
    at_a_place,
    tried_before,
    went_wrong,
    with_retries,
)
from bot.store.group_commit import GroupCommit

T = TypeVar("T")
TOLD = (BUSY, SPENT)
"""What those are told who wait behind an event that waits for it; of a batch nobody is told."""
HOLD_S = 0.025
"""An event begins so long after it was accepted at the earliest, so that an earlier one of its conversation that is
delivered a few milliseconds later still goes first."""
YOUNG_S = 1.0
"""A run goes on with its conversation for so long: other conversations wait no longer for its place than that."""
STRIKES = 5
POISON_WORDS = (
    f"Bellhop stopped unexpectedly {STRIKES} times while working on this, so it was set aside. "
    f"If it looks harmless, run it again: `{PROGRAM} retry {{id}}`."
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
    take: Callable[[sa.Connection, str], None] = lambda _connection, _conversation: None
    """Takes an entry of this conversation out of the queue: its event is done by the run of another."""
    end: Callable[[sa.Connection, Claimed], None] = lambda _connection, _claimed: None
    """Notes in the queue that a run is over."""

    async def run(self, named: str, live: Live) -> None:
        """Work on the earliest event of a conversation, the one of `named`, until its receipt is closed or parked.

        While it is young, a run goes on with the next event of the conversation, which saves a turn of the queue.
        Raises Superseded when a newer run has begun elsewhere; cancelled, it leaves the receipt as it is.
        """
        live.young_until_s = time.monotonic() + YOUNG_S
        run, behind = await self.keep(lambda connection: self._begin(connection, named))
        for one in behind:
            if one.waits_for in TOLD:
                await self._tell_behind(one)
        while run is not None:
            live.begin(run.event.id)
            if run.stopped_by:
                live.stop.set()
            log.info("event working", event_id=run.event.id, source=run.event.source, attempt=run.attempt)
            run = await self._to_its_end(run, live)

    async def _tell_behind(self, behind: Behind) -> None:
        try:
            await self.handler.wait(behind.event, behind.reason, behind.until)
        finally:
            self.handler.over(behind.event.id, is_parked=True)

    async def _to_its_end(self, run: Run, live: Live) -> Run | None:
        try:
            return await self._attempt(run, live)
        finally:  # whatever ends it: an answer, a cancellation, another worker
            self.handler.over(run.event.id, is_parked=live.is_parked)

    async def _attempt(self, run: Run, live: Live) -> Run | None:
        if run.strikes < transitions.SUSPECT:
            return await self._work(run, live)
        # One suspect at a time: the next crash then counts against one of them, not against all that ran beside it.
        async with self.suspects:
            await self.keep(lambda connection: transitions.strike(connection, run, self.clock()))
            return await self._work(run, live)

    def _begin(self, connection: sa.Connection, named: str) -> tuple[Run | None, list[Behind]]:
        run = transitions.begin(connection, named, self.clock())
        if run is not None:
            return run, []
        behind = parking.stand_behind(connection, named, self.clock())
        if behind is None:
            # This start is used up either way: were it used for nothing, another event would never get its turn.
            return transitions.begin(connection, named, self.clock()), []
        return None, behind

    async def _work(self, run: Run, live: Live) -> Run | None:
        """All that is left of one event. Returns the next of its conversation, when this run goes on with it."""
        if run.strikes > STRIKES:
            await self._fail(run, run.place, Refused(POISON_WORDS.replace("{id}", run.event.id), POISON))
            return None
        place = run.place
        try:
            place = place if place is not None else await self._open_reply(run)
            answer = await self._answer(run, place, live.stop)
            return await self._deliver(run, place, answer, live)
        except NotWanted as error:
            await self._skip(run, error)
        except Refused as error:
            await self._fail(run, place, error)
        except Waits as error:
            if live.stop.is_set() and error.waits_for != PLACE:
                await self._fail(run, place, Refused(STOPPED_WORDS, STOPPED))
            else:
                await self._park(run, error)
                live.is_parked = True
        except (TypeError, ValueError):  # a place or an answer that cannot be kept as JSON
            log.exception("unexpected error", event_id=run.event.id)
            await self._fail(run, place, Refused(went_wrong(run.event.id), UNEXPECTED))
        return None

    async def _open_reply(self, run: Run) -> Place:
        call = lambda: self.handler.open_reply(run.event, run.attempt)  # noqa: E731  # one call, named for the try
        place = await self._at_the_place("open_reply", run, call, self.asking)
        await self.keep(lambda connection: transitions.opened(connection, run, place, self.clock()))
        return place

    async def _at_the_place(self, stage: str, run: Run, call: Callable[[], Awaitable[T]], policy: RetryPolicy) -> T:
        return await at_a_place(
            stage, run.event.id, call, policy, tried=tried_before(stage, run.note), clock=self.clock
        )

    async def _answer(self, run: Run, place: Place, stop: asyncio.Event) -> Answer:
        if run.has_answer:
            kept = await asyncio.to_thread(self.receipts.answer, run.event.id)
            if kept is not None:
                return kept

        call = lambda: self.handler.answer(run.event, place, stop)  # noqa: E731  # one call, named for the try
        answer = await with_retries("answer", run.event.id, call, self.asking, stop)
        return await self.keep(lambda connection: transitions.stored(connection, run, answer, self.clock()))

    async def _deliver(self, run: Run, place: Place, answer: Answer, live: Live) -> Run | None:
        call = lambda: self.handler.deliver(run.event, place, answer)  # noqa: E731  # one call, named for the try
        await self._at_the_place("deliver", run, call, self.delivering)
        is_young = time.monotonic() < live.young_until_s
        following = await self.keep(lambda connection: self._answered(connection, run, live.claimed, goes_on=is_young))
        live.is_ended = following is None
        log.info("event answered", event_id=run.event.id, source=run.event.source, attempt=run.attempt)
        return following

    def _answered(self, connection: sa.Connection, run: Run, claimed: Claimed, *, goes_on: bool) -> Run | None:
        transitions.ended(connection, run, Ending("answered"), self.clock())
        reads.settle(connection, run.event.id)
        following = transitions.begin(connection, run.event.id, self.clock(), HOLD_S) if goes_on else None
        if following is not None:
            self.take(connection, conversation_key(run.event.conversation))
        else:
            self.end(connection, claimed)
        return following

    async def _fail(self, run: Run, place: Place | None, why: Refused) -> None:
        # When even the telling brought the process down once, the receipt alone must do.
        if run.strikes <= STRIKES + 1:
            await self._tell(run, place, why.reason)
        ending = Ending("failed", why.reason, why.code)
        await self.keep(lambda connection: transitions.ended(connection, run, ending, self.clock()))
        log.warning("event failed", event_id=run.event.id, source=run.event.source, reason=why.reason)

    async def _skip(self, run: Run, why: NotWanted) -> None:
        ending = Ending("skipped", why.reason, why.code)
        await self.keep(lambda connection: transitions.ended(connection, run, ending, self.clock()))
        log.info("event skipped", event_id=run.event.id, source=run.event.source, reason=why.reason)

    async def _park(self, run: Run, waits: Waits) -> None:
        await self.keep(lambda connection: parking.parked(connection, run, waits, self.clock()))
        log.info("event waits", event_id=run.event.id, source=run.event.source, reason=waits.reason, until=waits.until)

    async def _tell(self, run: Run, place: Place | None, reason: str) -> None:
        call = lambda: self.handler.fail(run.event, place, reason)  # noqa: E731  # one call, named for the try
        try:
            await with_retries("fail", run.event.id, call, self.asking)
        except (Refused, Waits) as error:  # a failure is told now or never
            log.warning("failure could not be shown", event_id=run.event.id, reason=error.reason)

    async def keep(self, change: Callable[[sa.Connection], T]) -> T:
        """Write to the database, however long it is away or full: going on without would lose or repeat work."""
        return await self.commits.keep(change)
