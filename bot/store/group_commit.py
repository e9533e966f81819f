"""The one writer: changes asked for at the same time share a transaction, and so a disk sync."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

import sqlalchemy as sa
import structlog

from bot.errors import reason_of
from bot.retry import backoff_s

log = structlog.get_logger()

T = TypeVar("T")
Work = Callable[[sa.Connection], Any]
ENVIRONMENT = (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError)
"""Faults of the database rather than of a change: gone, full, locked, no connection free."""
CONFLICTS = frozenset({"40P01", "40001"})
"""Two processes held what the other wanted (https://www.postgresql.org/docs/current/errcodes-appendix.html)."""
SHARED = 100
"""So many changes share one transaction at most: a reader of the same rows never waits long."""


class GroupCommit:
    """Runs changes in the order they were asked for, on one thread; usable from any thread.

    A Future is done only when its change is on disk. When a shared transaction fails, each of its changes gets one of
    its own, so that one bad change spoils nothing else; a change may therefore be called twice, its first transaction
    rolled back.
    """

    def __init__(self, database: sa.Engine) -> None:
        self._database = database
        self._asked: queue.SimpleQueue[tuple[Work, Future[Any]] | None] = queue.SimpleQueue()
        self._news: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Any], Future[Any]]]] = {}
        self._thread = threading.Thread(target=self._run, name="bellhop-commits", daemon=True)
        self._thread.start()

    def submit(self, work: Callable[[sa.Connection], T]) -> Future[T]:
        """Ask for a change; the Future gives its result once it is on disk, or the error that kept it from there."""
        done: Future[T] = Future()
        self._asked.put((work, done))
        return done

    async def write(self, work: Callable[[sa.Connection], T]) -> T:
        """`submit` for a coroutine. The changes of one transaction wake its loop once, not each by itself."""
        loop = asyncio.get_running_loop()
        told: asyncio.Future[T] = loop.create_future()
        done: Future[T] = Future()
        done.add_done_callback(lambda done: self._news.setdefault(loop, []).append((told, done)))
        self._asked.put((work, done))
        try:
            return await told
        except asyncio.CancelledError:
            done.cancel()
            raise

    async def keep(self, work: Callable[[sa.Connection], T]) -> T:
        """`write`, however long the database is away or full: for what must not be lost."""
        for tried in itertools.count(1):
            try:
                return await self.write(work)
            except ENVIRONMENT as error:
                log.warning("database takes no writes; waiting", reason=reason_of(error))
            await asyncio.sleep(backoff_s(tried, 0.5, 5.0))
        raise AssertionError("an endless count ended")

    def close(self) -> None:
        """Finish what was asked for, then end."""
        self._asked.put(None)
        self._thread.join(timeout=30)

    def _run(self) -> None:
        ending = False
        while not ending:
            batch = [self._asked.get()]
            while len(batch) < SHARED and not self._asked.empty():
                batch.append(self._asked.get())
            ending = None in batch
            # A caller that was cancelled meanwhile no longer wants its change.
            self._commit([asked for asked in batch if asked and asked[1].set_running_or_notify_cancel()])
            self._tell_loops()

    def _commit(self, batch: list[tuple[Work, Future[Any]]], *, is_last: bool = False) -> None:
        try:
            self._together(batch)
        except ENVIRONMENT as error:
            if len(batch) > 1 and getattr(getattr(error, "orig", None), "sqlstate", "") in CONFLICTS:
                for asked in batch:
                    self._commit([asked])
                return
            # The database is away or full: trying each change by itself would only take longer to say so.
            for _, done in batch:
                done.set_exception(error)
        except Exception as error:  # noqa: BLE001  # whatever it is belongs to whoever asked, and the writer lives on
            if len(batch) == 1 and (is_last or not _was_cut(error)):
                batch[0][1].set_exception(error)
                return
            for asked in batch:
                self._commit([asked], is_last=_was_cut(error))

    def _together(self, batch: list[tuple[Work, Future[Any]]]) -> None:
        if not batch:
            return
        with self._database.begin() as connection:
            results = [work(connection) for work, _ in batch]
        for (_, done), result in zip(batch, results, strict=True):
            done.set_result(result)

    def _tell_loops(self) -> None:
        news, self._news = self._news, {}
        for loop, told in news.items():
            with contextlib.suppress(RuntimeError):  # closed meanwhile: nobody waits there any more
                loop.call_soon_threadsafe(_tell, told)


def _was_cut(error: Exception) -> bool:
    """Whether the server ended the connection within the transaction, as it does when a process freezes there."""
    return isinstance(error, sa.exc.DBAPIError) and error.connection_invalidated


def _tell(news: list[tuple[asyncio.Future[Any], Future[Any]]]) -> None:
    for told, done in news:
        if told.done():
            continue
        error = done.exception()
        if error is None:
            told.set_result(done.result())
        else:
            told.set_exception(error)
