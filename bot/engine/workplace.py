"""Where events are worked on: the worker with its lock, sign of life and maintenance, and the stages of each event."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import os
import secrets
import socket
import sqlite3

import sqlalchemy as sa
import structlog

from bot.engine import transitions
from bot.engine.acceptance import Acceptance
from bot.engine.active_runs import ActiveRuns, Live
from bot.engine.dbos_queue import Worker, current_run
from bot.engine.foundation import Foundation, Options
from bot.engine.handler import Handler
from bot.engine.heartbeat import Calls, Heartbeat
from bot.engine.maintenance import Maintenance
from bot.engine.pipeline import HOLD_S, Pipeline
from bot.engine.transitions import Superseded
from bot.errors import SettingsError, reason_of
from bot.store.database import hold_alone

ALONE = "local"
"""The worker's name on SQLite: there is only one, and the next process goes on with what it left."""

log = structlog.get_logger()


class Workplace:
    """One for each working process. `worker_id` is its name among the workers of a database."""

    def __init__(self, base: Foundation, options: Options, acceptance: Acceptance, worker: Worker) -> None:
        self._base, self._options, self._worker = base, options, worker
        self.active = ActiveRuns()
        self.maintenance = Maintenance(base, acceptance, self.active, worker.executor_id, options.retention_days)
        self._pipeline: Pipeline | None = None
        self._lock: sqlite3.Connection | None = None
        self._heartbeat: Heartbeat | None = None

    async def start(self, handler: Handler) -> None:
        """Begin to run events on the current loop. Raises SettingsError when another process does so on this file."""
        self._take_lock()
        base, options = self._base, self._options
        stages = Pipeline(handler, base.commits, base.receipts, base.clock, options.asking, options.delivering)
        self._pipeline = dataclasses.replace(stages, take=base.queue.take, end=base.queue.end)
        if self._base.file is None:
            self._heartbeat = await asyncio.to_thread(self._appear, asyncio.get_running_loop())
        await self._worker.start(self._run)
        self.maintenance.start(self._base.clock)

    def live_workers(self) -> int:
        """How many workers share the database now, this one included. Cheap."""
        return self._heartbeat.live_workers if self._heartbeat else 1

    async def holds(self, event_id: str) -> bool:
        """Whether the work on an event is still this process's; True as well while the database does not say."""
        if self._heartbeat is None:
            return True
        with contextlib.suppress(sa.exc.SQLAlchemyError):
            mine = await asyncio.to_thread(self._base.queue.pending, self._worker.executor_id)
            return not self.active.run_ids(event_id).isdisjoint(mine)
        return True

    async def stop(self, grace_s: float) -> None:
        """Take no more work, let running work finish for `grace_s`, hand the rest back."""
        if self._pipeline is None:
            return
        await self._worker.stop_taking()
        self.active.begin_no_more()
        if not await self.active.wait_empty(grace_s):
            await self._hand_back()
        await self.maintenance.stop()
        await self._worker.destroy()

    async def _hand_back(self) -> None:
        held, runs = sorted(self.active.event_ids()), sorted(self.active.run_ids())
        self.active.cancel()
        await self.active.wait_empty(1.0)
        log.info("handing work back", events=len(held))
        base = self._base
        change = base.commits.submit(lambda connection: transitions.handed_back(connection, held, base.clock()))
        with contextlib.suppress(sa.exc.SQLAlchemyError):
            await asyncio.wrap_future(change)
            await asyncio.to_thread(base.queue.requeue, runs)

    def close(self) -> None:
        """Be no worker any more; before the foundation closes."""
        if self._heartbeat is not None:
            self._heartbeat.close()

    def unlock(self) -> None:
        """Let another process work on this file; after the foundation has closed."""
        if self._lock is not None:
            self._lock.close()

    async def _run(self, named: str, queued_at_s: float) -> None:
        assert self._pipeline is not None
        live = self.active.add(current_run(), self._worker.waker.ring)
        try:
            # Queued again although it runs: whatever took it for lost, Claude is not asked twice for that.
            await self.active.wait_for_others(live)
            # Bounded on both sides, whatever the clocks of two machines say.
            await asyncio.sleep(min(max(queued_at_s + HOLD_S - self._base.clock(), 0.0), HOLD_S))
            await self._work(named, live)
            if not live.is_ended:
                await self._pipeline.keep(lambda connection: self._base.queue.end(connection, live.claimed))
        finally:
            live.over.set()
        # What is written: dbos would take a transaction, and so a disk sync, to write the end of each run.
        raise asyncio.CancelledError

    async def _work(self, named: str, live: Live) -> None:
        assert self._pipeline is not None
        try:
            await self._pipeline.run(named, live)
        except Superseded:
            log.info("another worker has this event", event_id=live.event_id)
            raise asyncio.CancelledError from None  # writes no outcome: that is the newer run's to write
        except sa.exc.SQLAlchemyError as error:
            log.warning("database failed in the middle of an event", event_id=live.event_id, reason=reason_of(error))
            raise asyncio.CancelledError from None  # the next round finds it without a run and queues it again

    def _take_lock(self) -> None:
        if self._base.file is None:
            return
        self._lock = hold_alone(self._base.file)
        if self._lock is None:
            raise SettingsError(
                f"Bellhop is already running on {self._base.file}. Stop the other one first, or give this one a "
                "database of its own (DATABASE_URL); several workers together need Postgres."
            )

    def _appear(self, loop: asyncio.AbstractEventLoop) -> Heartbeat:
        waker, active, base = self._worker.waker, self.active, self._base
        # Declared dead: what this worker held is queued again already.
        calls = Calls(waker.ring, waker.pause, waker.resume, lambda: loop.call_soon_threadsafe(active.cancel))
        silent_s = self._options.frozen_after_s
        heartbeat = Heartbeat(base.database, base.queue, self._worker.executor_id, calls, frozen_after_s=silent_s)
        heartbeat.start()
        return heartbeat


def new_worker_id(base: Foundation) -> str:
    """The name of this process among the workers of a database: unique, but for SQLite's only one."""
    if base.file is not None:
        return ALONE
    host = os.environ.get("DYNO") or socket.gethostname()
    return f"{host}:{os.getpid()}:{secrets.token_hex(4)}"
