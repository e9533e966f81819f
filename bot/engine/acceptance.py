"""The intake: events come into the queue, new ones and those to run again, each in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import partial

import sqlalchemy as sa

from bot.engine import transitions
from bot.engine.dbos_queue import Queue
from bot.engine.heartbeat import CHANNEL
from bot.errors import TryAgain, reason_of
from bot.events import Event, Receipt
from bot.receipts import Clock, clean
from bot.store.group_commit import GroupCommit

ID_BYTES = 1_000


class Acceptance:
    """Usable from any thread. `ring` is called when there may be work."""

    def __init__(self, commits: GroupCommit, queue: Queue, ring: Callable[[], None], clock: Clock) -> None:
        self._commits, self._queue, self._ring, self._clock = commits, queue, ring, clock

    def accept(self, event: Event, state: str, reason: str) -> Future[Receipt]:
        """Record an event, and queue it when its state is "received"; the Future is done once that is on disk."""
        _check(event)
        asked = self._commits.submit(lambda connection: self._add(connection, event, state, reason))
        accepted: Future[Receipt] = Future()

        def finish(done: Future[Receipt]) -> None:
            if not accepted.set_running_or_notify_cancel():
                return  # whoever emitted was cancelled; the event is safe all the same
            error = done.exception()
            if error is None:
                self._ring()
                accepted.set_result(done.result())
            else:
                accepted.set_exception(_plain(error))

        asked.add_done_callback(finish)
        return accepted

    def _add(self, connection: sa.Connection, event: Event, state: str, reason: str) -> Receipt:
        receipt, order = transitions.add(connection, event, state, reason, self._clock())
        if order and state == "received":
            self._put(connection, event.id, receipt.conversation, order)
        return receipt

    def _put(self, connection: sa.Connection, event_id: str, conversation: str, order: int) -> None:
        # Each start of a run has an id of its own: the queue never takes it for one that it has seen, be it before a
        # retry or before the event was forgotten. That an event comes once is the receipt's to know.
        self._queue.put(connection, f"{event_id}~{order}", event_id, conversation, order)
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"NOTIFY {CHANNEL}")

    def retry(self, event_ids: Sequence[str]) -> tuple[list[str], dict[str, str]]:
        """Run failed or skipped events again, each under its own id; from any thread or process.

        Returns the ids that run again, and for every other id why not.
        """
        started: list[str] = []
        refused: dict[str, str] = {}
        for event_id in event_ids:
            why = self._commits.submit(partial(self._again, event_id=event_id)).result()
            if why:
                refused[event_id] = why
            else:
                started.append(event_id)
        self._ring()
        return started, refused

    def _again(self, connection: sa.Connection, event_id: str) -> str:
        again = transitions.reopened(connection, event_id, self._clock())
        if again is None:
            known = transitions.read(connection, event_id)
            return f"it is {known.state}, neither failed nor skipped" if known else "no such event"
        self._put(connection, event_id, again.conversation, again.changed)
        return ""


def _check(event: Event) -> None:
    for name, value in (("id", event.id), ("conversation", event.conversation)):
        if not value.strip():
            raise ValueError(f"An event needs {name}.")
    if event.id != clean(event.id) or not event.id.isprintable() or len(event.id.encode()) > ID_BYTES:
        raise ValueError(f"An event's id must be printable text of at most {ID_BYTES} bytes, so that it sorts.")


def _plain(error: BaseException) -> BaseException:
    if isinstance(error, sa.exc.SQLAlchemyError):
        return TryAgain(f"Bellhop's database takes no writes now ({reason_of(error)}), so nothing was accepted.")
    return error
