"""This file is the engine as the rest of Bellhop sees it: emit, skip, request_stop, retry, start and stop."""

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

from bot.engine import transitions as ledger
from bot.engine.active_runs import Running
from bot.engine.dbos_queue import Door, Worker, current_run
from bot.engine.enqueue import Intake
from bot.engine.heartbeat import Calls, Presence
from bot.engine.maintenance import Rounds
from bot.engine.pipeline import Stages
from bot.engine.transitions import Superseded
from bot.errors import SettingsError, reason_of
from bot.events import Event, Handler, Receipt
from bot.receipts import Clock, Receipts
from bot.retry import ASKING, DELIVERING, Patience
from bot.store.database import hold_alone, open_database, shown_url, sqlite_file
from bot.store.group_commit import Commits

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
        asking: Patience = ASKING,
        delivering: Patience = DELIVERING,
        frozen_after_s: float = 120.0,
        clock: Clock = time.time,
    ) -> None:
        self._url, self._listen, self._clock = database_url, listen, clock
        self._asking, self._delivering, self._frozen_after_s = asking, delivering, frozen_after_s
        self._database = open_database(database_url)
        self._file = sqlite_file(database_url)
        self.receipts = Receipts(self._database, clock=clock)
        self._door, self._commits = Door(self._database), Commits(self._database)
        self.worker_id = ALONE if self._file else executor_id or _worker_id()
        self._worker = Worker(self._database, self.worker_id, concurrency, poll_s)
        self._intake = Intake(self._commits, self._door, self._worker.doorbell.ring, clock)
        self._running = Running()
        self._rounds = Rounds(self._database, self._door, self._running, self.worker_id, retention_days)
        self._lock: sqlite3.Connection | None = None
        self._presence: Presence | None = None
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
        stages = Stages(handler, self._commits, self.receipts, self._clock, self._asking, self._delivering)
        self._stages, self._launched = stages, True
        if self._file is None:
            self._presence = await asyncio.to_thread(self._appear, asyncio.get_running_loop())
        await self._worker.start(self._run)
        self._rounds.start(self._clock)
        log.info("engine started", worker=self.worker_id, database=shown_url(self._url))

    def live_workers(self) -> int:
        """How many workers share the database now, this one included; for budgets that they share. Cheap."""
        return self._presence.live_workers if self._presence else 1

    async def holds(self, event_id: str) -> bool:
        """Whether the work on an event is still this process's: another takes it over from a frozen one.

        True as well while the database does not say.
        """
        if self._presence is None:
            return True
        with contextlib.suppress(sa.exc.SQLAlchemyError):
            mine = await asyncio.to_thread(self._door.pending, self.worker_id)
            return not self._running.run_ids(event_id).isdisjoint(mine)
        return True

    async def emit(self, event: Event) -> Receipt:
        """Accept an event; returns once it is on disk. The same id again changes nothing and returns its receipt.

        Raises TryAgain when the database takes no writes (its source must not be acknowledged then), ValueError when
        the event's id or conversation could not be kept or sorted.
        """
        return await asyncio.wrap_future(self._intake.accept(event, "received", ""))

    def emit_threadsafe(self, event: Event) -> Receipt:
        """`emit` for a listener's own thread; never call it on an event loop."""
        return self._intake.accept(event, "received", "").result()

    async def skip(self, event: Event, reason: str) -> Receipt:
        """Record an event without running it; `retry` answers it. A known id changes nothing."""
        return await asyncio.wrap_future(self._intake.accept(event, "skipped", reason))

    async def request_stop(self, event_id: str, by: str) -> bool:
        """A person wants no (more) answer: at once in this process, within a second in others. False when it ended."""
        change = self._commits.submit(
            lambda connection: ledger.stop_asked(connection, event_id, by or "someone", self._clock())
        )
        try:
            # Written first, a matter of milliseconds: whoever ends the answer may want to know who stopped it.
            return await asyncio.wrap_future(change)
        finally:
            self._running.stop({event_id})

    def retry(self, event_ids: Sequence[str]) -> tuple[list[str], dict[str, str]]:
        """Run failed or skipped events again, each under its own id; from any thread or process.

        Returns the ids that run again, and for every other id why not.
        """
        return self._intake.retry(event_ids)

    def purge(self, older_than_s: float) -> int:
        """Forget events that ended before that time (seconds since 1970); returns how many."""
        return self._rounds.purge(older_than_s)

    async def stop(self, grace_s: float) -> None:
        """Take no more work, let running work finish for `grace_s`, hand the rest back, close everything.

        What is handed back starts again at once in the next process, or in another worker.
        """
        if self._launched:
            await self._worker.stop_taking()
            if not await self._running.wait_empty(grace_s):
                await self._hand_back()
            await self._rounds.stop()
            await self._worker.destroy()
        await asyncio.to_thread(self.close)

    async def _hand_back(self) -> None:
        held, runs = sorted(self._running.event_ids()), sorted(self._running.run_ids())
        self._running.cancel()
        await self._running.wait_empty(1.0)
        log.info("handing work back", events=len(held))
        change = self._commits.submit(lambda connection: ledger.handed_back(connection, held, self._clock()))
        with contextlib.suppress(sa.exc.SQLAlchemyError):
            await asyncio.wrap_future(change)
            await asyncio.to_thread(self._door.requeue, runs)

    def close(self) -> None:
        """Let go of the database; for processes that never started the engine, and the last act of `stop`."""
        if self._presence is not None:
            self._presence.close()
        self._commits.close()
        self._door.close()
        self._database.dispose()
        if self._lock is not None:
            self._lock.close()

    async def _run(self, event_id: str) -> None:
        stop = self._running.add(current_run(), event_id, self._worker.doorbell.ring)
        try:
            await self._stages.run(event_id, stop)
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

    def _appear(self, loop: asyncio.AbstractEventLoop) -> Presence:
        bell, running = self._worker.doorbell, self._running
        # Declared dead: what this worker held is queued again already.
        calls = Calls(bell.ring, bell.pause, bell.resume, lambda: loop.call_soon_threadsafe(running.cancel))
        presence = Presence(self._database, self._door, self.worker_id, calls, frozen_after_s=self._frozen_after_s)
        presence.start()
        return presence


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
