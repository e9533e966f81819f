"""The queue of one spreadsheet's new rows: many at a time, each exactly once, whatever becomes of the calls."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial

from bot.doors.sheet.faults import SheetFault
from bot.errors import BellhopError, Refused, TryAgain
from bot.events import SheetTab
from bot.retry import backoff_s
from bot.rules.rule import ColumnKind
from handlers.replies.sheet_tab.added_row import NewRow
from handlers.replies.sheet_tab.journal import Journal
from handlers.replies.sheet_tab.tab_writer import TabWriter

MOST_ROWS = 200
MOST_CHARACTERS = 1_500_000
"""One write stays well below the 2 MB that are recommended.
Source: https://developers.google.com/workspace/sheets/api/limits
"""

CHECK_EVERY_S = 60.0
"""Before Claude is paid a tab is looked at, but not for each event of a burst."""

HOLDS_S = 5.0
"""Whoever brings a row waits so long for it. Then the row goes on alone, and its event waits without a worker."""
PATIENCE_S = 600.0
LONGEST_PAUSE_S = 30.0
OWNER_S = 60.0
"""What only the owner of the sheet can mend is tried again after this."""
WAITING = "The sheet could not be written yet; the answer is kept, and goes in as soon as it can."


@dataclass(frozen=True, eq=False)
class _Order:
    row: NewRow
    done: asyncio.Future[Exception | None]


class Appender:
    """One for each spreadsheet in a process; `clock` gives seconds since 1970.

    Whoever comes first writes for all who wait by then, so a burst needs few calls.
    """

    def __init__(
        self,
        writer: TabWriter,
        journal: Journal,
        *,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        holds_s: float = HOLDS_S,
    ) -> None:
        self._writer, self._journal, self._clock, self._sleep = writer, journal, clock, sleep
        self._holds_s = holds_s
        self._lock = asyncio.Lock()
        self._orders: list[_Order] = []
        self._checked: dict[tuple[SheetTab, tuple[str, ...]], float] = {}
        self._seen: dict[SheetTab, tuple[float, set[str]]] = {}
        self._adding: dict[str, asyncio.Task[None]] = {}

    async def check(self, place: SheetTab, kinds: Mapping[str, ColumnKind]) -> None:
        """Whether rows can be added there. Raises Refused and TryAgain."""
        key = (place, tuple(kinds))
        async with self._lock:
            if 0.0 <= self._clock() - self._checked.get(key, float("-inf")) < CHECK_EVERY_S:
                return
            try:
                await asyncio.to_thread(self._writer.check, place, kinds)
            except SheetFault as fault:
                raise _plain(fault) from None
            self._checked[key] = self._clock()

    async def add(self, row: NewRow) -> None:
        """Return once the row stands in its tab. Raises Refused and TryAgain; may be repeated without a second row.

        TryAgain is raised as well when it takes long; the row is not given up by that, and who asks again joins in.
        """
        adding = self._adding.get(row.token)
        if adding is None:
            adding = self._adding[row.token] = asyncio.create_task(self._add(row))
            adding.add_done_callback(partial(self._over, row.token))
        await asyncio.wait({adding}, timeout=self._holds_s)
        if not adding.done():
            raise TryAgain(WAITING)
        adding.result()

    def _over(self, token: str, adding: asyncio.Task[None]) -> None:
        # Nobody may ask again: its event went to another process. Whoever does finds in the journal what became of it.
        self._adding.pop(token, None)
        if not adding.cancelled():
            adding.exception()

    async def aclose(self) -> None:
        """Give up what is on its way; whoever brings it again finds what became of it."""
        adding = list(self._adding.values())
        for task in adding:
            task.cancel()
        await asyncio.gather(*adding, return_exceptions=True)

    async def _add(self, row: NewRow) -> None:
        ends_at, tried = self._clock() + PATIENCE_S, 0
        while not await self._is_added(row):
            if self._clock() > ends_at:
                raise TryAgain(WAITING)
            tried += 1
            await self._sleep(backoff_s(tried, 1.0, LONGEST_PAUSE_S))

    async def _is_added(self, row: NewRow) -> bool:
        """One try; False: it may stand there, or could not be written just now."""
        begun = await asyncio.to_thread(self._journal.begun, row.token)
        try:
            if begun is not None and (begun.is_there or await self._stands(row)):
                return True
            if begun is not None and begun.is_in_doubt(self._clock()):
                return False
            await self._write(row)
        except SheetFault as fault:
            if fault.kind == "passing":
                return False
            raise _plain(fault) from None
        return True

    async def _stands(self, row: NewRow) -> bool:
        """Whether the row is in its tab, by a read that began after now; all who wait share it."""
        asked_at = self._clock()
        async with self._lock:
            read_at, tokens = self._seen.get(row.place, (float("-inf"), set[str]()))
            if read_at < asked_at:
                read_at, tokens = self._clock(), await asyncio.to_thread(self._writer.tokens, row.place)
                self._seen[row.place] = (read_at, tokens)
        if row.token in tokens:
            await asyncio.to_thread(self._journal.note, [row.token])
        return row.token in tokens

    async def _write(self, row: NewRow) -> None:
        order = _Order(row, asyncio.get_running_loop().create_future())
        self._orders.append(order)
        async with self._lock:
            if not order.done.done() and order in self._orders:
                await self._write_some()
        fault = await order.done
        if fault is not None:
            raise fault

    async def _write_some(self) -> None:
        orders = self._take()
        try:
            results = await asyncio.to_thread(self._writer.write, [order.row for order in orders])
        except BaseException as error:  # whoever waits behind a cancelled one must hear of it
            fault = error if isinstance(error, SheetFault | BellhopError) else SheetFault(WAITING, "passing")
            _tell(orders, dict.fromkeys((order.row.token for order in orders), fault))
            if not isinstance(error, SheetFault | BellhopError):
                raise
        else:
            _tell(orders, results)

    def _take(self) -> list[_Order]:
        """The orders of the next write."""
        size, count = 0, 0
        for order in self._orders[:MOST_ROWS]:
            size += order.row.characters
            if count and size > MOST_CHARACTERS:
                break
            count += 1
        taken, self._orders = self._orders[:count], self._orders[count:]
        return taken


def _tell(orders: list[_Order], results: Mapping[str, Exception | None]) -> None:
    for order in orders:
        if not order.done.done():  # one whose waiter was cancelled
            order.done.set_result(results[order.row.token])


def _plain(fault: SheetFault) -> Refused | TryAgain:
    if fault.kind == "request":
        return Refused(fault.reason)
    return TryAgain(fault.reason, OWNER_S if fault.kind == "owner" else None)
