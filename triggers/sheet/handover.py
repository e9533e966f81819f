"""Claimed rows become events of the engine, and rows that wait long for their answer are asked about there."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Protocol, TypeVar

import structlog

from bot.doors.sheet.row_cache import RowCache
from bot.doors.sheet.row_store import Record, RowStore
from bot.errors import TryAgain
from bot.events import Emit, Event, SheetRow

log = structlog.get_logger()

T = TypeVar("T")
SUBJECT_CHARACTERS = 60

REVIEW_EVERY_S, REVIEW_AFTER_S = 300.0, 900.0
"""A row that waits this long for its answer: ask the engine what became of its event."""


class InThread(Protocol):
    """Runs work in the thread that the rows of a spreadsheet belong to."""

    async def __call__(self, work: Callable[[], T], /) -> T:
        """What the work returns."""


class Handover:
    """The way of one spreadsheet's rows to the engine. `elsewhere`: the rules that send their answers away.

    `event_at`: when it last made an event, in seconds since 1970.
    """

    def __init__(
        self,
        cache: RowCache,
        row_store: RowStore,
        elsewhere: frozenset[str],
        *,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._cache, self._row_store, self._elsewhere = cache, row_store, elsewhere
        self._clock, self._monotonic = clock, monotonic
        self._reviewed_at = monotonic()
        self.event_at: float | None = None

    async def hand_over(self, emit: Emit, in_thread: InThread) -> None:
        """Emit every claimed row; one whose event the engine does not take now is handed over again later."""
        taken: list[Record] = []
        for record in self._cache.waiting():
            try:
                await emit(event_from_row(record))
            except TryAgain as fault:
                log.warning("event not taken, will be handed over again", token=record.token, reason=fault.reason)
                break
            taken.append(replace(record, state="done" if record.rule in self._elsewhere else "asked"))
            self.event_at = self._clock()
        if taken:
            await in_thread(lambda: self._cache.save(taken))

    async def review(self, emit: Emit, in_thread: InThread) -> None:
        """Now and then: an event that ended without telling its row is told there (an id is accepted once)."""
        now = self._monotonic()
        if now <= self._reviewed_at + REVIEW_EVERY_S:
            return
        self._reviewed_at = now
        before = self._clock() - REVIEW_AFTER_S
        late = [one for one in self._cache.records.values() if one.state == "asked" and one.written_at < before]
        for record in late[:100]:
            receipt = await emit(event_from_row(record))
            if receipt.state in {"failed", "skipped"}:
                reason = receipt.reason or "it was not answered"
                await in_thread(lambda one=record, why=reason: self._tell(one, why))  # type: ignore[misc]  # defaults bind the loop's values

    def _tell(self, record: Record, reason: str) -> None:
        self._row_store.store_answer(record.token, record.spreadsheet, reason=reason)


def event_from_row(record: Record) -> Event:
    """The event of a claimed row. Its token names this one version of the row, so it is a conversation of its own."""
    fields = dict(record.inputs)
    text = "\n\n".join(fields.values()) if len(fields) == 1 else "\n".join(f"{k}: {v}" for k, v in fields.items())
    return Event(
        id=f"sheet:{record.spreadsheet}:{record.tab}:{record.token}",
        source="sheet",
        rule=record.rule,
        text=text,
        subject=" ".join(next(iter(fields.values()), "").split())[:SUBJECT_CHARACTERS],
        time=datetime.fromtimestamp(record.claimed_at, UTC),
        conversation=record.token,
        reply_to=SheetRow(record.spreadsheet, record.tab, record.token),
        fields=fields,
    )
