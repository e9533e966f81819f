"""This file is the one writer: changes asked for at the same time share a transaction, and so a disk sync."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

import sqlalchemy as sa

T = TypeVar("T")
Work = Callable[[sa.Connection], Any]
ENVIRONMENT = (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError)
"""Faults of the database rather than of a change: gone, full, locked, no connection free."""
SHARED = 100
"""So many changes share one transaction at most: a reader of the same rows never waits long."""


class Commits:
    """Runs changes in the order they were asked for, on one thread; usable from any thread.

    A Future is done only when its change is on disk. When a shared transaction fails, each of its changes gets one of
    its own, so that one bad change spoils nothing else; a change may therefore be called twice, its first transaction
    rolled back.
    """

    def __init__(self, database: sa.Engine) -> None:
        self._database = database
        self._asked: queue.SimpleQueue[tuple[Work, Future[Any]] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="bellhop-commits", daemon=True)
        self._thread.start()

    def submit(self, work: Callable[[sa.Connection], T]) -> Future[T]:
        """Ask for a change; the Future gives its result once it is on disk, or the error that kept it from there."""
        done: Future[T] = Future()
        self._asked.put((work, done))
        return done

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

    def _commit(self, batch: list[tuple[Work, Future[Any]]]) -> None:
        try:
            self._together(batch)
        except ENVIRONMENT as error:
            # The database is away or full: trying each change by itself would only take longer to say so.
            for _, done in batch:
                done.set_exception(error)
        except Exception as error:  # noqa: BLE001  # whatever it is belongs to whoever asked, and the writer lives on
            if len(batch) == 1:
                batch[0][1].set_exception(error)
                return
            for asked in batch:
                self._commit([asked])

    def _together(self, batch: list[tuple[Work, Future[Any]]]) -> None:
        if not batch:
            return
        with self._database.begin() as connection:
            results = [work(connection) for work, _ in batch]
        for (_, done), result in zip(batch, results, strict=True):
            done.set_result(result)
