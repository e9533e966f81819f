"""The reply into a sheet's row: it stores what is to be written, and waits until the row shows it.

Only the loop of a spreadsheet writes to it, many rows at a time; this reply never calls Google.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime

import sqlalchemy as sa

from bot.doors.sheet.row_store import Record, RowStore, row_store_of
from bot.doors.sheet.wait_store import StoredWait
from bot.errors import NotWanted, Refused, TryAgain
from bot.events import Address, Answer, Event, Place, SheetRow
from bot.parts import Parts
from bot.waiting import until_words

LOOK_EVERY_S = 2.0
"""In one process the loop rings at once; beside another process the store is looked at this often."""

PATIENCE_S = 5.0
"""Longer than a write takes, quota and all. Then the event waits without a worker, and looks again."""
WAITING = "The sheet could not be written yet; the answer is kept, and goes in as soon as it can."
GONE = "The row is gone: it was deleted or changed before it could be answered."


class SheetReply:
    """Nobody watches a row: one shot. Storing the same answer again changes nothing."""

    watched = False

    def __init__(
        self,
        address: SheetRow,
        row_store: RowStore,
        *,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._address, self._row_store, self._clock, self._monotonic = address, row_store, clock, monotonic

    async def open(self, place: Place | None) -> Place:
        """The row is claimed already. Raises NotWanted when it is gone, before Claude is paid."""
        if place is not None:  # it may have waited since
            await asyncio.to_thread(self._row_store.end_wait, self._address.token, self._address.spreadsheet)
        record = await self._record()
        if record is not None and record.state == "gone":
            raise NotWanted(record.reason or GONE)
        return {"token": self._address.token}

    async def show(self, text_so_far: str) -> None:
        """Nobody is looking."""

    async def wait(self, reason: str, until: datetime | None) -> None:
        """The status cell says so from the loop's next write on."""
        words = until_words(reason, until, datetime.fromtimestamp(self._clock(), UTC))
        until_s = until.timestamp() if until else None
        wait = StoredWait(self._address.token, self._address.spreadsheet, words, until_s)
        await asyncio.to_thread(self._row_store.store_wait, wait)

    async def finish(self, answer: Answer) -> None:
        """Return once the answer stands in its row. Raises NotWanted when the row is gone or was filled by somebody."""
        version = await asyncio.to_thread(
            self._row_store.store_answer,
            self._address.token,
            self._address.spreadsheet,
            values=answer.values,
            text=with_notes(answer),
        )
        record = await self._ended(version)
        if record.state in {"gone", "skipped"}:
            raise NotWanted(record.reason)
        if record.state != "done":
            raise Refused(record.reason)

    async def fail(self, reason: str) -> None:
        """Write the reason into the status cell; nothing where the row is gone or filled."""
        record = await self._record()
        if record is None or record.state in {"gone", "skipped", "failed"}:
            return
        version = await asyncio.to_thread(
            self._row_store.store_answer, self._address.token, self._address.spreadsheet, reason=reason
        )
        await self._ended(version)

    async def _ended(self, version: int) -> Record:
        """The row's record once this version was seen to. Raises TryAgain when the sheet stays out of reach."""
        ends_at = self._monotonic() + PATIENCE_S
        while self._monotonic() < ends_at:
            record = await self._record()
            if record is None:
                raise NotWanted(GONE)
            if record.settled >= version:
                return record
            await self._row_store.wait_ended(self._address.token, LOOK_EVERY_S)
        raise TryAgain(WAITING)

    async def _record(self) -> Record | None:
        return await asyncio.to_thread(self._row_store.record, self._address.token)


def with_notes(answer: Answer) -> str:
    """The answer as its cell shows it: notes for the reader (it reached its limit) stand below it."""
    return "\n\n".join([answer.text, *(f"({note})" for note in answer.notes)])


class SheetReplies:
    """Makes the reply of each event that is answered in a row; with the trigger's own engine it is rung at once."""

    def __init__(self, database: sa.Engine) -> None:
        self._row_store = row_store_of(database)

    def reply_for(self, event: Event, *, watched: bool) -> SheetReply:
        """The reply into the event's row; a cell does not grow before anybody's eyes."""
        del watched
        if not isinstance(event.reply_to, SheetRow):
            raise Refused("This event does not belong to a sheet.")
        return SheetReply(event.reply_to, self._row_store)

    async def note(self, address: Address, words: str) -> None:
        """A row has nobody of its own to tell."""

    async def aclose(self) -> None:
        """The database is not ours to close."""


def open_replies(parts: Parts) -> SheetReplies:
    """Replies into rows."""
    return SheetReplies(parts.database)
