"""The only one that knows dbos: the durable queue that starts events in order, one per conversation.

dbos (https://docs.dbos.dev) keeps one row for each event, hands it to one live worker, and starts it again after a
crash. What a run achieved is kept in the receipt (see `stages`), so a run here is one call without inner steps.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import sqlalchemy as sa
from dbos import DBOS, DBOSClient, DBOSConfig, EnqueueOptions
from dbos._queue import queue_worker_thread
from dbos._serialization import DBOSPortableJSON

from bot.engine.queue_waker import QueueWaker

NAME = "bellhop"
VERSION = "1"
"""Constant: workers of another version would leave waiting events alone. Raise it only after draining."""
QUEUE = "events"
WORKFLOW = "handle_event"
ENDED_BADLY = ["ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]
LAST_PRIORITY = 2**31 - 1
THREADS = 64
"""dbos makes its pool the loop's own for `asyncio.to_thread`, so it must hold everybody's blocking calls."""


class Queue:
    """The queue as every process may use it, a short-lived one too: put events in, look at them, take them out."""

    def __init__(self, database: sa.Engine) -> None:
        self._client = DBOSClient(
            system_database_engine=database, serializer=DBOSPortableJSON, application_name=NAME, lazy=True
        )
        self._client._sys_db.run_migrations()  # noqa: SLF001  # dbos migrates only on launch; this process may not launch

    def put(self, connection: sa.Connection, run_id: str, event_id: str, key: str, order: int) -> None:
        """Queue an event within the caller's transaction. `order` decides within a conversation, not the clock."""
        options: EnqueueOptions = {
            "workflow_name": WORKFLOW,
            "queue_name": QUEUE,
            "workflow_id": run_id,
            "queue_partition_key": key,
            "priority": min(order, LAST_PRIORITY),
        }
        self._client.enqueue_in_transaction(connection, options, event_id)

    def pending(self, worker: str | None = None) -> dict[str, str]:
        """The runs that have begun and not ended, and the worker of each; of one worker when named."""
        rows = self._client.list_workflows(
            status="PENDING", queue_name=QUEUE, executor_id=worker, load_input=False, load_output=False
        )
        return {row.workflow_id: row.executor_id or "" for row in rows}

    def requeue(self, run_ids: list[str]) -> None:
        """Let runs that have begun and not ended begin again, here or elsewhere; whoever still holds one is fenced."""
        if run_ids:
            self._client.resume_workflows(run_ids, queue_name=QUEUE)

    def given_up(self) -> list[str]:
        """The events of the newest runs that dbos itself ended without a result; normally none."""
        rows = self._client.list_workflows(
            status=ENDED_BADLY, name=WORKFLOW, limit=100, sort_desc=True, load_output=False
        )
        return [str(row.input["args"][0]) for row in rows if row.input]

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


class Worker:
    """Takes events from the queue and runs them on the current loop. One for each process: dbos allows no more."""

    def __init__(self, database: sa.Engine, executor_id: str, concurrency: int, poll_s: float) -> None:
        self.waker = QueueWaker()
        self._database, self._executor_id = database, executor_id
        self._concurrency, self._poll_s = concurrency, poll_s
        self._thread: threading.Thread | None = None

    async def start(self, run: Callable[[str], Awaitable[None]]) -> None:
        """Launch; `run` is called with an event's id for each start."""
        _quiet_logs()
        dbos = DBOS(config=self._config())

        @DBOS.workflow(name=WORKFLOW)
        async def handle_event(event_id: str) -> None:
            await run(event_id)

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
            executor_id=self._executor_id,
            serializer=DBOSPortableJSON,
            max_executor_threads=THREADS,
            notification_listener_polling_interval_sec=0.1,  # we use no notifications; the end waits for this loop
            log_level="WARNING",
        )


def current_run() -> str:
    """The id of the run that the calling coroutine belongs to."""
    return DBOS.workflow_id or ""


def _quiet_logs() -> None:
    # With a handler of its own dbos adds none, and its warnings go where the program's logs go.
    logger = logging.getLogger("dbos")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
        logger.addFilter(_in_one_line)


def _in_one_line(record: logging.LogRecord) -> bool:
    # dbos tells of a database that is away in twenty lines, every second, and tries again.
    said, _, trace = record.getMessage().partition("Traceback (most recent call last):")
    told = [line for line in trace.splitlines() if line.strip() and not line.startswith("(Background")]
    record.msg, record.args = " ".join([*said.splitlines()[:1], *told[-1:]]), ()
    return True
