"""The only one that knows dbos: the durable queue that starts events in order, one per conversation.

dbos (https://docs.dbos.dev) keeps one row for each event, hands it to one live worker, and starts it again after a
crash. What a run achieved is kept in the receipt (see `pipeline`), so a run here is one call without inner steps.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import sqlalchemy as sa
from dbos import DBOS, DBOSClient, DBOSConfig, EnqueueOptions
from dbos._context import get_local_dbos_context
from dbos._error import DBOSInitializationError
from dbos._queue import queue_worker_thread
from dbos._serialization import DBOSPortableJSON
from dbos._sys_db import SystemDatabase

from bot.engine.active_runs import Claimed
from bot.engine.queue_waker import QueueWaker
from bot.engine.transitions import Again
from bot.store.creation import creation_lock
from bot.store.statements import Statement

NAME = "bellhop"
VERSION = "1"
"""Constant: workers of another version would leave waiting events alone. Raise it only after draining."""
QUEUE = "events"
WORKFLOW = "handle_event"
ENDED_BADLY = ["ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]
LAST_PRIORITY = 2**31 - 1
THREADS = 64
"""dbos makes its pool the loop's own for `asyncio.to_thread`, so it must hold everybody's blocking calls."""


_TAKE = {
    dialect: Statement(
        sa.text(
            f"UPDATE {table} SET status = 'SUCCESS', completed_at = :now_ms, updated_at = :now_ms "  # noqa: S608  # our words
            f"WHERE status = 'ENQUEUED' AND workflow_uuid = (SELECT workflow_uuid FROM {table} "
            # The second condition on the status is that of dbos' index, which SQLite must see word for word.
            f"WHERE queue_name = '{QUEUE}' AND status = 'ENQUEUED' AND status IN ('ENQUEUED', 'PENDING') "
            f"AND queue_partition_key = :key ORDER BY priority, created_at, workflow_uuid LIMIT 1 {lock})"
        )
    )
    for dialect, table, lock in (
        ("sqlite", "workflow_status", ""),
        ("postgresql", "dbos.workflow_status", "FOR UPDATE SKIP LOCKED"),
    )
}


_END = {
    dialect: Statement(
        sa.text(
            f"UPDATE {table} SET status = 'SUCCESS', owner_xid = NULL, completed_at = :now_ms, updated_at = :now_ms "  # noqa: S608  # our words
            "WHERE workflow_uuid = :run_id AND status = 'PENDING' AND owner_xid = :claim"
        )
    )
    for dialect, table in (("sqlite", "workflow_status"), ("postgresql", "dbos.workflow_status"))
}


class Queue:
    """The queue as every process may use it, a short-lived one too: put events in, look at them, take them out."""

    def __init__(self, database: sa.Engine) -> None:
        self._client = DBOSClient(
            system_database_engine=database, serializer=DBOSPortableJSON, application_name=NAME, lazy=True
        )
        _migrate(self._client._sys_db, database)  # noqa: SLF001  # dbos migrates on launch; this process may not launch

    def put(self, connection: sa.Connection, run_id: str, again: Again, now_s: float) -> None:
        """Queue a start within the caller's transaction: one entry is one start in its conversation.

        Which event that start takes is the receipts' to say, and `again` is only what the entry came from.
        """
        options: EnqueueOptions = {
            "workflow_name": WORKFLOW,
            "queue_name": QUEUE,
            "workflow_id": run_id,
            "queue_partition_key": again.conversation,
            "priority": min(again.changed, LAST_PRIORITY),
        }
        self._client.enqueue_in_transaction(connection, options, again.event_id, now_s)

    def take(self, connection: sa.Connection, conversation: str) -> None:
        """Take an entry of this conversation out of the queue, within the caller's transaction: its start is used."""
        values = {"key": conversation, "now_ms": int(time.time() * 1_000)}
        _TAKE[connection.dialect.name].run(connection, values)

    def end(self, connection: sa.Connection, claimed: Claimed) -> None:
        """Note within the caller's transaction that a run is over, if it is still this claim's."""
        values = {"run_id": claimed.run_id, "claim": claimed.by, "now_ms": int(time.time() * 1_000)}
        _END[connection.dialect.name].run(connection, values)

    def pending(self, worker: str | None = None) -> dict[str, str]:
        """The runs that have begun and not ended, and the worker of each; of one worker when named."""
        rows = self._client.list_workflows(
            status="PENDING", queue_name=QUEUE, executor_id=worker, load_input=False, load_output=False
        )
        return {row.workflow_id: row.executor_id or "" for row in rows}

    def requeue(self, run_ids: list[str]) -> None:
        """Let runs that have begun and not ended begin again, here or elsewhere; whoever still holds one is fenced."""
        open_runs = sorted(set(run_ids) & set(self.pending())) if run_ids else []
        if open_runs:
            self._client.resume_workflows(open_runs, queue_name=QUEUE)

    def given_up(self) -> dict[str, str]:
        """The runs that dbos itself ended without a result, and the event each was queued for; normally none."""
        rows = self._client.list_workflows(
            status=ENDED_BADLY, name=WORKFLOW, limit=100, sort_desc=True, load_output=False
        )
        return {row.workflow_id: str(row.input["args"][0]) for row in rows if row.input}

    def drop(self, run_id: str) -> None:
        """Forget a run that is over."""
        self._client.delete_workflows([run_id])

    def forget(self, before_s: float) -> int:
        """Delete what ended before that time (seconds since 1970). Returns how many rows went."""
        moment, gone = datetime.fromtimestamp(before_s, UTC).isoformat(), 0
        while rows := self._client.list_workflows(
            completed_before=moment, name=WORKFLOW, limit=1_000, load_input=False, load_output=False
        ):
            self._client.delete_workflows([row.workflow_id for row in rows])
            gone += len(rows)
        return gone

    def close(self) -> None:
        """Let go; the database engine stays the caller's."""
        self._client.destroy()


def _migrate(tables: SystemDatabase, database: sa.Engine) -> None:
    with contextlib.suppress(DBOSInitializationError):
        tables.verify_migrations()
        return
    with creation_lock(database):
        tables.run_migrations()


class Worker:
    """Takes events from the queue and runs them on the current loop. One for each process: dbos allows no more."""

    def __init__(self, database: sa.Engine, executor_id: str, concurrency: int, poll_s: float) -> None:
        self.waker = QueueWaker()
        self._database, self.executor_id = database, executor_id
        self._concurrency, self._poll_s = concurrency, poll_s
        self._thread: threading.Thread | None = None

    async def start(self, run: Callable[[str, float], Awaitable[None]]) -> None:
        """Launch; `run` is called for each start, with an event of the conversation and when it was queued.

        It writes its own end (`Queue.end`), and raises CancelledError, so that dbos writes none.
        """
        _quiet_logs()
        dbos = DBOS(config=self._config())

        @DBOS.workflow(name=WORKFLOW)
        async def handle_event(event_id: str, queued_at: float = 0.0) -> None:
            await run(event_id, queued_at)

        DBOS.listen_queues([])
        # On the loop's own thread: dbos adopts the loop that runs where it is launched.
        DBOS.launch()
        queue = await DBOS.register_queue_async(
            QUEUE,
            partition_concurrency=1,
            worker_concurrency=self._concurrency,
            polling_interval_sec=self._poll_s,
            on_conflict="always_update",
        )
        queue.database_backed_queue = False  # its settings are ours: reading them back at every look is waste
        self._thread = threading.Thread(
            target=queue_worker_thread, args=(self.waker, dbos, queue), name="bellhop-queue", daemon=True
        )
        self._thread.start()

    async def stop_taking(self) -> None:
        """Begin nothing new; returns once the last look is over."""
        self.waker.set()
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join, 10)

    async def destroy(self) -> None:
        """End dbos, and give the loop a thread pool of its own again."""
        await asyncio.to_thread(lambda: DBOS.destroy(destroy_registry=True))
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(thread_name_prefix="bellhop-thread"))

    def _config(self) -> DBOSConfig:
        return DBOSConfig(
            name=NAME,
            system_database_engine=self._database,
            application_version=VERSION,
            executor_id=self.executor_id,
            serializer=DBOSPortableJSON,
            max_executor_threads=THREADS,
            notification_listener_polling_interval_sec=0.1,  # we use no notifications; the end waits for this loop
            log_level="WARNING",
        )


def current_run() -> Claimed:
    """The run that the calling coroutine belongs to."""
    context = get_local_dbos_context()
    return Claimed(context.workflow_id, context.owner_xid or "") if context else Claimed("", "")


def _quiet_logs() -> None:
    # With a handler of its own dbos adds none, and its warnings go where the program's logs go.
    logger = logging.getLogger("dbos")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
        logger.addFilter(_in_one_line)


def _in_one_line(record: logging.LogRecord) -> bool:
    if str(record.msg).startswith("Asyncio task cancelled for workflow"):
        return False  # so every run of ours ends
    # dbos tells of a database that is away in twenty lines, every second, and tries again.
    said, _, trace = record.getMessage().partition("Traceback (most recent call last):")
    told = [line for line in trace.splitlines() if line.strip() and not line.startswith("(Background")]
    record.msg, record.args = " ".join([*said.splitlines()[:1], *told[-1:]]), ()
    return True
