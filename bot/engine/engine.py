"""The engine as the rest of Bellhop sees it: emit, skip, wake, request_stop, retry, start and stop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import psycopg
import sqlalchemy as sa
import structlog

from bot.engine.acceptance import Acceptance
from bot.engine.dbos_queue import Worker
from bot.engine.foundation import Options, open_foundation
from bot.engine.handler import Handler
from bot.engine.transitions import Ending
from bot.engine.workplace import Workplace, new_worker_id
from bot.errors import SettingsError, reason_of
from bot.events import Event, Receipt, Record
from bot.receipts import Clock
from bot.store.database import shown_url

T = TypeVar("T")

log = structlog.get_logger()


class Engine:
    """One for each process. `listen=False`: only accept events (and stop, wake, retry), let other processes run them.

    Everything is usable as soon as the object is made, in short-lived processes too; `start` begins to run events.
    `options` are those of `bot.engine.foundation.Options`. Raises SettingsError when the database cannot be used.
    """

    def __init__(
        self,
        database_url: str,
        *,
        executor_id: str | None = None,
        listen: bool = True,
        clock: Clock = time.time,
        **options: Any,
    ) -> None:
        self._listen, self._options = listen, Options(**options)
        self._base = open_foundation(database_url, clock)
        self.receipts, self.payments = self._base.receipts, self._base.payments
        self.worker_id = executor_id or new_worker_id(self._base)
        worker = Worker(self._base.database, self.worker_id, self._options.concurrency, self._options.poll_s)
        self._acceptance = Acceptance(self._base.commits, self._base.queue, worker.waker.ring, clock)
        self._workplace = Workplace(self._base, self._options, self._acceptance, worker)

    async def start(self, handler: Handler | None = None) -> None:
        """Begin to run events on the current loop. Raises SettingsError when another process does so on this file."""
        if not self._listen or handler is None:
            return
        where = shown_url(self._base.url)
        try:
            await self._workplace.start(handler)
        except (sa.exc.OperationalError, psycopg.OperationalError) as error:
            words = f"DATABASE_URL: the database {where} cannot be used ({reason_of(error)})."
            raise SettingsError(words) from None
        log.info("engine started", worker=self.worker_id, database=where)

    def live_workers(self) -> int:
        """How many workers share the database now, this one included; for budgets that they share. Cheap."""
        return self._workplace.live_workers()

    async def holds(self, event_id: str) -> bool:
        """Whether the work on an event is still this process's: another takes it over from a frozen one.

        True as well while the database does not say.
        """
        return await self._workplace.holds(event_id)

    async def emit(self, event: Event, record: Record | None = None) -> Receipt:
        """Accept an event (see `bot.events.Emit`).

        Raises TryAgain when the database takes no writes (its source must not be acknowledged then), ValueError when
        the event's id or conversation could not be kept or sorted.
        """
        return await asyncio.wrap_future(self._acceptance.accept(event, record=record))

    def emit_threadsafe(self, event: Event, record: Record | None = None) -> Receipt:
        """`emit` for a listener's own thread; never call it on an event loop."""
        return self._acceptance.accept(event, record=record).result()

    async def skip(self, event: Event, reason: str, record: Record | None = None, *, code: str = "") -> Receipt:
        """Record an event without running it, and why; `retry` answers it. A known id changes nothing.

        `record` is called in the same transaction, as `emit` does it.
        """
        return await asyncio.wrap_future(self._acceptance.accept(event, Ending("skipped", reason, code), record))

    async def wake(self, event_id: str) -> bool:
        """Let a parked event go on now, from any process; what stands behind it follows. False when it has ended.

        One that is being worked on this moment goes on as well if it parks now: a call is never lost.
        """
        return await asyncio.wrap_future(self._acceptance.wake(event_id))

    async def retell(self, event_ids: Sequence[str], waits_for: str, reason: str) -> None:
        """Say anew what these events wait for, in words; those that are not parked for this code stay as they are."""
        told = self._acceptance.retell(event_ids, waits_for, reason)
        await asyncio.gather(*map(asyncio.wrap_future, told))

    def hurry(self, waits_for: str) -> None:
        """Let all that is parked for this code go on within a second, wherever; from any thread, without waiting."""
        self._acceptance.hurry(waits_for)

    async def request_stop(self, event_id: str, by: str) -> bool:
        """A person wants no (more) answer: at once in this process, within a second in others. False when it ended."""
        try:
            # Written first, a matter of milliseconds: whoever ends the answer may want to know who stopped it.
            return await asyncio.wrap_future(self._acceptance.request_stop(event_id, by or "someone"))
        finally:
            self._workplace.active.stop({event_id})

    async def keep(self, change: Callable[[sa.Connection], T]) -> T:
        """Write within a transaction that others share, however long the database is away: it must not be lost.

        `change` may be called again after a rollback, from another thread; it does nothing but write and read.
        """
        return await self._base.commits.keep(change)

    def parked(self, waits_for: str) -> dict[str, dict[str, Any]]:
        """See `Receipts.parked`."""
        return self.receipts.parked(waits_for)

    def retry(self, event_ids: Sequence[str]) -> tuple[list[str], dict[str, str]]:
        """Run failed, skipped or parked events again, each under its own id; from any thread or process.

        Returns the ids that run again, and for every other id why not.
        """
        return self._acceptance.retry(event_ids)

    def purge(self, older_than_s: float) -> int:
        """Forget events that ended before that time (seconds since 1970); returns how many."""
        return self._workplace.maintenance.purge(older_than_s, self._base.clock())

    async def stop(self, grace_s: float) -> None:
        """Take no more work, let running work finish for `grace_s`, hand the rest back, close everything.

        What is handed back starts again at once in the next process, or in another worker.
        """
        await self._workplace.stop(grace_s)
        await asyncio.to_thread(self.close)

    def close(self) -> None:
        """Let go of the database; for processes that never started the engine, and the last act of `stop`."""
        self._workplace.close()
        self._base.close()
        self._workplace.unlock()


def retry(database_url: str, event_ids: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """`Engine.retry` for a short-lived process beside the running one."""
    engine = Engine(database_url, listen=False)
    try:
        return engine.retry(event_ids)
    finally:
        engine.close()
