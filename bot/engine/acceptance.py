"""How events come into the queue: new ones and those that go on, each in one transaction with its receipt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import partial
from typing import TypeVar

import sqlalchemy as sa

from bot.engine import parking, transitions
from bot.engine.dbos_queue import Queue
from bot.engine.heartbeat import CHANNEL
from bot.engine.transitions import Again, Ending
from bot.errors import Refused, TryAgain, reason_of
from bot.events import Event, Receipt, Record
from bot.receipts import Clock, clean
from bot.store.group_commit import GroupCommit
from bot.text import whole

ID_BYTES = 1_000
WOKEN_AT_ONCE = 100
"""So many parked events go on in one transaction at most: others who write need not wait long."""

NEW = Ending("received")
"""What an event that is to run is accepted as."""


T = TypeVar("T")


class Acceptance:
    """Usable from any thread. `ring` is called when there may be work."""

    def __init__(self, commits: GroupCommit, queue: Queue, ring: Callable[[], None], clock: Clock) -> None:
        self._commits, self._queue, self._ring, self._clock = commits, queue, ring, clock

    def accept(self, event: Event, ending: Ending = NEW, record: Record | None = None) -> Future[Receipt]:
        """Record an event, and queue it unless it has ended already; the Future is done once that is on disk.

        `record` is called in the same transaction (see `bot.events.Emit`).
        """
        event = whole(event)  # every door's events come through here: half a character goes no further
        _check(event)
        asked = self._commits.submit(lambda connection: self._add(connection, event, ending, record))
        accepted: Future[Receipt] = Future()

        def finish(done: Future[Receipt]) -> None:
            if not accepted.set_running_or_notify_cancel():
                return  # whoever emitted was cancelled; the event is safe all the same
            error = done.exception()
            if error is None:
                accepted.set_result(done.result())  # first: whoever waits for this acknowledges it
                self._ring()
            else:
                accepted.set_exception(_plain(error))

        asked.add_done_callback(finish)
        return accepted

    def _add(self, connection: sa.Connection, event: Event, ending: Ending, record: Record | None) -> Receipt:
        receipt, order = transitions.add(connection, event, ending, self._clock())
        if order and ending.state == "received":
            self._put(connection, Again(event.id, receipt.conversation, order))
        if record is not None:
            record(connection)
        return receipt

    def _put(self, connection: sa.Connection, again: Again) -> None:
        # Each start of a run has an id of its own: the queue never takes it for one that it has seen, be it before a
        # retry or before the event was forgotten. That an event comes once is the receipt's to know.
        run_id = f"{again.event_id}~{again.changed}"
        self._queue.put(connection, run_id, again, self._clock())
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"NOTIFY {CHANNEL}")

    def request_stop(self, event_id: str, by: str) -> Future[bool]:
        """Note that a person wants no answer any more; a parked event goes on, to be told so. False: it has ended."""

        def stop(connection: sa.Connection) -> bool:
            found = transitions.stop_asked(connection, event_id, by, self._clock())
            return found and (self._call(connection, event_id) or True)

        return self._rung(self._commits.submit(stop))

    def wake(self, event_id: str) -> Future[bool]:
        """Let a parked event go on, and one that is being worked on if it parks now. False: it has ended."""

        def call(connection: sa.Connection) -> bool:
            known = transitions.read(connection, event_id)
            return known is not None and known.finished_at is None and (self._call(connection, event_id) or True)

        return self._rung(self._commits.submit(call))

    def retell(self, event_ids: Sequence[str], waits_for: str, reason: str) -> list[Future[None]]:
        """Say anew what these wait for, those that are parked for this code."""

        def told(connection: sa.Connection, some: Sequence[str]) -> None:
            parking.retold(connection, some, waits_for, reason, self._clock())

        parts = [event_ids[at : at + WOKEN_AT_ONCE] for at in range(0, len(event_ids), WOKEN_AT_ONCE)]
        return [self._commits.submit(partial(told, some=part)) for part in parts]

    def hurry(self, waits_for: str) -> Future[int]:
        """Make everything due that is parked for this code; the rounds of the workers wake it."""
        return self._commits.submit(lambda connection: parking.hurried(connection, waits_for, self._clock()))

    def wake_due(self) -> int:
        """Let the parked events go on whose time has come. Returns how many were queued; blocks."""
        woken = 0
        while found := self._commits.submit(self._wake_some).result():
            woken += found
        if woken:
            self._ring()
        return woken

    def _wake_some(self, connection: sa.Connection) -> int:
        found = parking.due(connection, self._clock(), WOKEN_AT_ONCE)
        for again in found:
            self._put(connection, again)
        return len(found)

    def queue_beside(self, event_id: str) -> None:
        """Queue what is open in the conversation of an event whose own place in the queue was lost; blocks."""

        def put(connection: sa.Connection) -> None:
            again = transitions.open_beside(connection, event_id, self._clock())
            if again is not None:
                self._put(connection, again)

        self._rung(self._commits.submit(put)).result()

    def retry(self, event_ids: Sequence[str]) -> tuple[list[str], dict[str, str]]:
        """Run failed, skipped or parked events again, each under its own id; from any thread or process.

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
        if again is not None:
            self._put(connection, again)
            return ""
        known = transitions.read(connection, event_id)
        if known is None:
            return "no such event"
        if known.state == "waiting":
            return "" if self._call(connection, event_id) else "it waits for an earlier one of its conversation"
        return f"it is {known.state}, neither failed nor skipped"

    def _call(self, connection: sa.Connection, event_id: str) -> bool:
        found = parking.called(connection, event_id, self._clock())
        for again in found:
            self._put(connection, again)
        return bool(found)

    def _rung(self, asked: Future[T]) -> Future[T]:
        asked.add_done_callback(lambda _: self._ring())
        return asked


def _check(event: Event) -> None:
    for name, value in (("id", event.id), ("conversation", event.conversation)):
        if not value.strip():
            raise ValueError(f"An event needs {name}.")
    if event.id != clean(event.id) or not event.id.isprintable() or len(event.id.encode()) > ID_BYTES:
        raise ValueError(f"An event's id must be printable text of at most {ID_BYTES} bytes, so that it sorts.")


def _plain(error: BaseException) -> BaseException:
    if isinstance(error, sa.exc.DataError):  # of what came in, and no outage: the next time it would be the same
        return Refused("It holds something that Bellhop's database cannot keep, so it was not accepted.")
    if isinstance(error, sa.exc.SQLAlchemyError):
        return TryAgain(f"Bellhop's database takes no writes now ({reason_of(error)}), so nothing was accepted.")
    return error
