"""How workers on Postgres know of each other: who is alive, and who takes over from whom.

Each worker holds a session lock named after itself, which the server drops the moment its connection is gone; and it
writes a heartbeat, which stops when its host is frozen while the connection still stands. Whoever finds work of a
worker without a lock, or without a heartbeat, queues that work again. A false alarm costs a repeated model call and
nothing else: the receipts fence the older run.
"""

from __future__ import annotations

import contextlib
import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass

import psycopg
import sqlalchemy as sa
import structlog

from bot.engine.dbos_queue import Queue

CHANNEL = "bellhop_events"
"""Whoever queues an event notifies this channel, so that workers elsewhere need not wait for their next poll."""
ROUND_S = 2.0
FROZEN_AFTER_S = 120.0

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Calls:
    """What heartbeat tells its worker: there is work, take none for now, take it again, you were declared dead."""

    ring: Callable[[], None]
    pause: Callable[[], None]
    resume: Callable[[], None]
    declared_dead: Callable[[], object]


class Heartbeat:
    """One thread with one connection of its own, straight to the server (a transaction pooler would lose the lock)."""

    def __init__(
        self, database: sa.Engine, queue: Queue, worker: str, calls: Calls, *, frozen_after_s: float = FROZEN_AFTER_S
    ) -> None:
        url = database.url.set(drivername="postgresql")
        self._database, self._pid = database, 0
        self._address = url.render_as_string(hide_password=False)
        self._queue, self._worker, self._calls, self._frozen_after_s = queue, worker, calls, frozen_after_s
        self.live_workers = 1
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="bellhop-heartbeat", daemon=True)

    def start(self) -> None:
        """Take the lock, then keep it; raises psycopg.Error when the server cannot be reached."""
        self._first = self._connect()
        self._thread.start()

    def close(self) -> None:
        """Give the lock back."""
        self._ending.set()
        with contextlib.suppress(sa.exc.SQLAlchemyError), self._database.begin() as connection:
            connection.exec_driver_sql(f"NOTIFY {CHANNEL}")  # ends the wait for notifications
        self._thread.join(timeout=ROUND_S + 5)

    def _run(self) -> None:
        connection: psycopg.Connection | None = self._first
        while not self._ending.is_set():
            try:
                connection = connection or self._connect()
                self._calls.resume()
                self._beat(connection)
            except Exception as error:  # noqa: BLE001  # whatever breaks, this worker must come back and be seen
                # Without its lock a worker counts as dead: what it would take now, another takes as well.
                self._calls.pause()
                log.warning("worker lost its lock and reconnects", worker=self._worker, reason=str(error).strip())
                connection = None
                self._ending.wait(0.5)
        if connection is not None and not connection.closed:
            connection.execute("DELETE FROM workers WHERE id = %s", (self._worker,))
            connection.close()

    def _connect(self) -> psycopg.Connection:
        name = self._worker[-60:]
        connection = psycopg.connect(
            self._address, autocommit=True, connect_timeout=10, keepalives_idle=10, application_name=name
        )
        # After a broken line the server may still keep the old session, and with it the lock.
        connection.execute(_END_OLD_SESSION, (self._pid, name))
        self._pid = connection.info.backend_pid
        connection.execute("SELECT pg_advisory_lock(%s)", (_key(self._worker),))
        connection.execute(f"LISTEN {CHANNEL}")
        connection.execute(_HELLO, (self._worker,))
        return connection

    def _beat(self, connection: psycopg.Connection) -> None:
        """Be seen alive and look after the others, every two seconds and whenever an event is queued, until the end."""
        while not self._ending.is_set():
            if connection.execute(_BEAT, (self._worker,)).rowcount == 0:
                log.warning("worker was declared dead and comes back", worker=self._worker)
                self._calls.declared_dead()
                connection.execute(_HELLO, (self._worker,))
            self._take_over(connection)
            self.live_workers = _count_of(connection.execute(_LIVE).fetchone())
            for _ in connection.notifies(timeout=ROUND_S):
                self._calls.ring()
                if self._ending.is_set():
                    break

    def _take_over(self, connection: psycopg.Connection) -> None:
        others = set(self._queue.pending().values()) - {self._worker, ""}
        for other in sorted(others):
            # Its own lock is free when it is dead; the second lock keeps two rescuers apart in either case.
            with _Lock(connection, f"rescue:{other}") as alone, _Lock(connection, other) as dead:
                if alone and (dead or self._is_frozen(connection, other)):
                    self._rescue(connection, other)

    def _is_frozen(self, connection: psycopg.Connection, other: str) -> bool:
        return connection.execute(_SILENT, (other, self._frozen_after_s)).fetchone() is not None

    def _rescue(self, connection: psycopg.Connection, other: str) -> None:
        connection.execute("DELETE FROM workers WHERE id = %s", (other,))
        runs = list(self._queue.pending(other))
        self._queue.requeue(runs)
        log.warning("took over the work of a dead worker", worker=other, events=len(runs))
        self._calls.ring()


class _Lock:
    """A session lock for the length of a block; `with` gives whether it was free."""

    def __init__(self, connection: psycopg.Connection, name: str) -> None:
        self._connection, self._key, self._held = connection, _key(name), False

    def __enter__(self) -> bool:
        row = self._connection.execute("SELECT pg_try_advisory_lock(%s)", (self._key,)).fetchone()
        self._held = bool(row and row[0])
        return self._held

    def __exit__(self, *_: object) -> None:
        if self._held:
            self._connection.execute("SELECT pg_advisory_unlock(%s)", (self._key,))


def _count_of(row: tuple[int] | None) -> int:
    return max(1, row[0] if row else 1)


def _key(name: str) -> int:
    digest = hashlib.blake2b(f"bellhop:{name}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


_END_OLD_SESSION = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = %s AND application_name = %s"
_HELLO = "INSERT INTO workers (id, seen_at) VALUES (%s, now()) ON CONFLICT (id) DO UPDATE SET seen_at = now()"
_LIVE = "SELECT count(*) FROM workers WHERE seen_at > now() - interval '15 seconds'"
_BEAT = "UPDATE workers SET seen_at = now() WHERE id = %s"
_SILENT = "SELECT 1 FROM workers WHERE id = %s AND seen_at < now() - make_interval(secs => %s)"
