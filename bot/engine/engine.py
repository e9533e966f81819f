"""The engine as the rest of Bellhop sees it: emit, skip, request_stop, retry, start and stop."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import socket
import sqlite3
import time
from collections.abc import Sequence

import psycopg
import sqlalchemy as sa
import structlog

from bot.engine import transitions
from bot.engine.acceptance import Acceptance
from bot.engine.active_runs import ActiveRuns
from bot.engine.dbos_queue import Queue, Worker, current_run
from bot.engine.heartbeat import Calls, Heartbeat
from bot.engine.maintenance import Maintenance
from bot.engine.pipeline import Pipeline
from bot.engine.transitions import Superseded
from bot.errors import SettingsError, reason_of
from bot.events import Event, Handler, Receipt
from bot.receipts import Clock, Receipts
from bot.retry import ASKING, DELIVERING, RetryPolicy
from bot.store.database import hold_alone, open_database, shown_url, sqlite_file
from bot.store.group_commit import GroupCommit

ALONE = "local"
"""The worker's name on SQLite: there is only one, and the next process goes on with what it left."""

log = structlog.get_logger()


class Engine:
    """One for each process. `listen=False`: only accept events (and stop, retry), let other processes run them.

    Everything is usable as soon as the object is made, in short-lived processes too; `start` begins to run events.
    Raises SettingsError when the database cannot be used.
    """

    def __init__(
        self,
        database_url: str,
        *,
        executor_id: str | None = None,
        concurrency: int = 20,
        poll_s: float = 0.5,
        retention_days: int = 30,
        listen: bool = True,
        asking: RetryPolicy = ASKING,
        delivering: RetryPolicy = DELIVERING,
        frozen_after_s: float = 120.0,
        clock: Clock = time.time,
    ) -> None:
        self._url, self._listen, self._clock = database_url, listen, clock
        self._asking, self._delivering, self._frozen_after_s = asking, delivering, frozen_after_s
        self._database = open_database(database_url)
        self._file = sqlite_file(database_url)
        self.receipts = Receipts(self._database, clock=clock)
        self._queue, self._commits = Queue(self._database), GroupCommit(self._database)
        self.worker_id = ALONE if self._file else executor_id or _worker_id()
        self._worker = Worker(self._database, self.worker_id, concurrency, poll_s)
        self._acceptance = Acceptance(self._commits, self._queue, self._worker.waker.ring, clock)
        self._active = ActiveRuns()
        self._maintenance = Maintenance(self._database, self._queue, self._active, self.worker_id, retention_days)
        self._lock: sqlite3.Connection | None = None
        self._heartbeat: Heartbeat | None = None
        self._launched = False

    async def start(self, handler: Handler | None = None) -> None:
        """Begin to run events on the current loop. Raises SettingsError when another process does so on this file."""
        if not self._listen or handler is None:
            return
        self._take_lock()
        try:
            await self._launch(handler)
        except (sa.exc.OperationalError, psycopg.OperationalError) as error:
            words = f"DATABASE_URL: the database {shown_url(self._url)} cannot be used ({reason_of(error)})."
            raise SettingsError(words) from None

    async def _launch(self, handler: Handler) -> None:
        stages = Pipeline(handler, self._commits, self.receipts, self._clock, self._asking, self._delivering)
        self._pipeline, self._launched = stages, True
        if self._file is None:
            self._heartbeat = await asyncio.to_thread(self._appear, asyncio.get_running_loop())
        await self._worker.start(self._run)
        self._maintenance.start(self._clock)
        log.info("engine started", worker=self.worker_id, database=shown_url(self._url))

    def live_workers(self) -> int:
        """How many workers share the database now, this one included; for budgets that they share. Cheap."""
        return self._heartbeat.live_workers if self._heartbeat else 1

    async def holds(self, event_id: str) -> bool:
        """Whether the work on an event is still this process's: another takes it over from a frozen one.

        True as well while the database does not say.
        """
        if self._heartbeat is None:
            return True
        with contextlib.suppress(sa.exc.SQLAlchemyError):
            mine = await asyncio.to_thread(self._queue.pending, self.worker_id)
            return not self._active.run_ids(event_id).isdisjoint(mine)
        return True

    async def emit(self, event: Event) -> Receipt:
        """Accept an event; returns once it is on disk. The same id again changes nothing and returns its receipt.

        Raises TryAgain when the database takes no writes (its source must not be acknowledged then), ValueError when
        the event's id or conversation could not be kept or sorted.
        """
        return await asyncio.wrap_future(self._acceptance.accept(event, "received", ""))

    def emit_threadsafe(self, event: Event) -> Receipt:
        """`emit` for a listener's own thread; never call it on an event loop."""
        return self._acceptance.accept(event, "received", "").result()

    async def skip(self, event: Event, reason: str) -> Receipt:
        """Record an event without running it; `retry` answers it. A known id changes nothing."""
        return await asyncio.wrap_future(self._acceptance.accept(event, "skipped", reason))

    async def request_stop(self, event_id: str, by: str) -> bool:
        """A person wants no (more) answer: at once in this process, within a second in others. False when it ended."""
        change = self._commits.submit(
            lambda connection: transitions.stop_asked(connection, event_id, by or "someone", self._clock())
        )
        try:
            # Written first, a matter of milliseconds: whoever ends the answer may want to know who stopped it.
            return await asyncio.wrap_future(change)
        finally:
            self._active.stop({event_id})

    def retry(self, event_ids: Sequence[str]) -> tuple[list[str], dict[str, str]]:
        """Run failed or skipped events again, each under its own id; from any thread or process.

        Returns the ids that run again, and for every other id why not.
        """
        return self._acceptance.retry(event_ids)

    def purge(self, older_than_s: float) -> int:
        """Forget events that ended before that time (seconds since 1970); returns how many."""
        return self._maintenance.purge(older_than_s)

    async def stop(self, grace_s: float) -> None:
        """Take no more work, let running work finish for `grace_s`, hand the rest back, close everything.

        What is handed back starts again at once in the next process, or in another worker.
        """
        if self._launched:
            await self._worker.stop_taking()
            if not await self._active.wait_empty(grace_s):
                await self._hand_back()
            await self._maintenance.stop()
            await self._worker.destroy()
        await asyncio.to_thread(self.close)

    async def _hand_back(self) -> None:
        held, runs = sorted(self._active.event_ids()), sorted(self._active.run_ids())
        self._active.cancel()
        await self._active.wait_empty(1.0)
        log.info("handing work back", events=len(held))
        change = self._commits.submit(lambda connection: transitions.handed_back(connection, held, self._clock()))
        with contextlib.suppress(sa.exc.SQLAlchemyError):
            await asyncio.wrap_future(change)
            await asyncio.to_thread(self._queue.requeue, runs)

    def close(self) -> None:
        """Let go of the database; for processes that never started the engine, and the last act of `stop`."""
        if self._heartbeat is not None:
            self._heartbeat.close()
        self._commits.close()
        self._queue.close()
        self._database.dispose()
        if self._lock is not None:
            self._lock.close()

    async def _run(self, event_id: str) -> None:
        stop = self._active.add(current_run(), event_id, self._worker.waker.ring)
        try:
            await self._pipeline.run(event_id, stop)
        except Superseded:
            log.info("another worker has this event", event_id=event_id)
            raise asyncio.CancelledError from None  # writes no outcome: that is the newer run's to write
        except sa.exc.SQLAlchemyError as error:
            log.warning("database failed in the middle of an event", event_id=event_id, reason=reason_of(error))
            raise asyncio.CancelledError from None  # the next round finds it without a run and queues it again

    def _take_lock(self) -> None:
        if self._file is None:
            return
        self._lock = hold_alone(self._file)
        if self._lock is None:
            raise SettingsError(
                f"Bellhop is already running on {self._file}. Stop the other one first, or give this one a database of "
                "its own (DATABASE_URL); several workers together need Postgres."
            )

    def _appear(self, loop: asyncio.AbstractEventLoop) -> Heartbeat:
        waker, active = self._worker.waker, self._active
        # Declared dead: what this worker held is queued again already.
        calls = Calls(waker.ring, waker.pause, waker.resume, lambda: loop.call_soon_threadsafe(active.cancel))
        heartbeat = Heartbeat(self._database, self._queue, self.worker_id, calls, frozen_after_s=self._frozen_after_s)
        heartbeat.start()
        return heartbeat


def retry(database_url: str, event_ids: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """`Engine.retry` for a short-lived process beside the running one."""
    engine = Engine(database_url, listen=False)
    try:
        return engine.retry(event_ids)
    finally:
        engine.close()


def _worker_id() -> str:
    host = os.environ.get("DYNO") or socket.gethostname()
    return f"{host}:{os.getpid()}:{secrets.token_hex(4)}"
