"""Claimed rows become events of the engine, and rows that wait long for their answer are asked about there."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import structlog

from bot.doors.sheet.row_cache import RowCache
from bot.doors.sheet.row_store import Record, RowStore
from bot.events import Emit, Event, SheetRow

log = structlog.get_logger()

SUBJECT_CHARACTERS = 60

REVIEW_EVERY_S, REVIEW_AFTER_S = 300.0, 900.0
"""A row that waits this long for its answer: ask the engine what became of its event."""


class Handover:
    """The way of one spreadsheet's rows to the engine. `elsewhere`: the rules that send their answers away.

    It runs while the thread of the spreadsheet rests. `event_at`: when it last made an event, in seconds since 1970.
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

    async def hand_over(self, emit: Emit) -> None:
        """Emit every claimed row, each event and its row in one commit; what is not taken is emitted again later."""
        await asyncio.gather(*(self._emit(record, emit) for record in self._cache.claimed()))

    async def _emit(self, claimed: Record, emit: Emit) -> None:
        asked = replace(claimed, state="done" if claimed.rule in self._elsewhere else "asked")
        try:
            await emit(event_from_row(asked), partial(self._row_store.write_asked, record=asked))
        except Exception as error:  # noqa: BLE001  # whatever the engine's fault is, the other rows go on
            reason = getattr(error, "reason", type(error).__name__)
            log.warning("event not taken, will be handed over again", token=claimed.token, reason=reason)
            return
        self._cache.records[asked.token] = asked
        self.event_at = self._clock()

    async def review(self, emit: Emit) -> None:
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
                await asyncio.to_thread(self._row_store.store_answer, record.token, record.spreadsheet, reason=reason)


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
