"""The engine's rounds: notice a stop pressed elsewhere, mend what got stuck, forget what is old."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable

import sqlalchemy as sa
import structlog

from bot import reads, reservations
from bot.deliveries import Deliveries
from bot.engine import parking, transitions
from bot.engine.acceptance import Acceptance
from bot.engine.active_runs import ActiveRuns
from bot.engine.foundation import Foundation
from bot.engine.transitions import Ending
from bot.errors import GIVEN_UP, PROGRAM
from bot.receipts import Clock
from bot.store.creation import create_tables
from bot.store.schema import GOES_WITH_EVENT, METADATA, payments, receipts

STOPS_EVERY_S = 0.5
WAKE_EVERY_S = 0.5
MEND_EVERY_S = 2.0
EXPIRE_EVERY_S = 10.0
PURGE_EVERY_S = 3_600.0
STOP_S = 1.0
COSTS_KEPT_DAYS = 400
GIVEN_UP_WORDS = f"Bellhop could not finish this; the details are in its log. Run it again: `{PROGRAM} retry {{id}}`."

log = structlog.get_logger()


class Maintenance:
    """The duties of a worker that come back by the clock."""

    def __init__(
        self, base: Foundation, acceptance: Acceptance, active: ActiveRuns, worker_id: str, retention_days: int
    ) -> None:
        self._database, self._queue, self._acceptance, self._active = base.database, base.queue, acceptance, active
        self._worker_id, self._retention_days = worker_id, retention_days
        self._over = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._stray: set[str] = set()

    def start(self, clock: Clock = time.time) -> None:
        """Begin the rounds on the running loop."""
        kept_s = self._retention_days * 86_400
        duties: list[tuple[str, Callable[[], Awaitable[object]], float]] = [
            ("stops", self.notice_stops, STOPS_EVERY_S),
            ("wake", lambda: asyncio.to_thread(self.wake_due, clock()), WAKE_EVERY_S),
            ("mend", lambda: asyncio.to_thread(self.mend, clock()), MEND_EVERY_S),
            ("expire", lambda: asyncio.to_thread(self.expire, clock()), EXPIRE_EVERY_S),
            ("purge", lambda: asyncio.to_thread(self.purge, clock() - kept_s, clock()), PURGE_EVERY_S),
        ]
        self._tasks = [asyncio.create_task(self._repeat(*duty), name=f"engine-{duty[0]}") for duty in duties]

    async def stop(self) -> None:
        """Begin no round any more; one that is on its way gets a moment, because its thread cannot be called back."""
        self._over.set()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=STOP_S)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def notice_stops(self) -> None:
        """Stop here what a person stopped through another process."""
        mine = self._active.event_ids()
        if mine:
            self._active.stop(await asyncio.to_thread(self._stopped, mine))

    def _stopped(self, event_ids: set[str]) -> set[str]:
        asked = sa.select(receipts.c.id).where(receipts.c.id.in_(event_ids), receipts.c.stopped_by != "")
        with self._database.connect() as connection:
            return set(connection.execute(asked).scalars())

    def mend(self, now_s: float) -> None:
        """Queue again what is booked on this worker and not running here, and close what the queue gave up.

        Both happen when the database fails between two writes. Two rounds must agree before anything is queued again.
        """
        stray = set(self._queue.pending(self._worker_id)) - self._active.run_ids()
        lost, self._stray = stray & self._stray, stray
        if lost:
            log.warning("queued again what got lost on the way", events=len(lost))
            self._queue.requeue(sorted(lost))
        for run_id, event_id in self._queue.given_up().items():
            with self._database.begin() as connection:
                words = GIVEN_UP_WORDS.replace("{id}", event_id)
                if transitions.given_up(connection, event_id, Ending("failed", words, GIVEN_UP), now_s):
                    log.error("event given up", event_id=event_id)
            self._acceptance.queue_beside(event_id)
            self._queue.drop(run_id)

    def wake_due(self, now_s: float) -> None:
        """Let the parked events go on whose time has come."""
        with self._database.connect() as connection:
            some = parking.is_due(connection, now_s)
        if some and (woken := self._acceptance.wake_due()):
            log.info("parked events go on", events=woken)

    def expire(self, now_s: float) -> None:
        """Book what calls reserved that nobody settled in their time."""
        with self._database.connect() as connection:
            some = reservations.is_expired(connection, now_s)
        if some:
            with self._database.begin() as connection:
                found = reservations.expire(connection, now_s)
            log.warning("calls that nobody settled are booked as estimated", calls=found)

    def purge(self, older_than_s: float, now_s: float) -> int:
        """Forget events that ended before that time, and with them that their ids were ever seen. Returns how many."""
        self._queue.forget(older_than_s)
        create_tables(self._database)  # every part that was imported has its table then
        with self._database.begin() as connection:
            newest = sa.select(sa.func.max(receipts.c.changed)).scalar_subquery()
            # The newest change stays: the next number is counted from it.
            old = sa.delete(receipts).where(receipts.c.finished_at < older_than_s, receipts.c.changed < newest)
            gone = connection.execute(old).rowcount
            Deliveries.forget(connection)
            reads.forget(connection)
            _forget_with_events(connection, older_than_s)
            reservations.forget_warnings(connection, older_than_s)
            oldest_s = now_s - COSTS_KEPT_DAYS * 86_400
            connection.execute(sa.delete(payments).where(payments.c.paid_at < min(oldest_s, older_than_s)))
        if gone:
            log.info("forgot old events", events=gone)
        return int(gone)

    async def _repeat(self, name: str, duty: Callable[[], Awaitable[object]], every_s: float) -> None:
        while not self._over.is_set():
            try:
                await duty()
            except Exception:
                log.exception("a round failed; the next one follows", round=name)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._over.wait(), every_s)


def _forget_with_events(connection: sa.Connection, older_than_s: float) -> None:
    """What other parts keep of events that are forgotten; rows that name no event go by their age."""
    for table in METADATA.tables.values():
        event, since = table.info.get(GOES_WITH_EVENT, ("", ""))
        if event:
            is_known = sa.select(receipts.c.id).where(receipts.c.id == table.c[event]).exists()
            connection.execute(sa.delete(table).where(table.c[since] < older_than_s, ~is_known))
