"""The loop of one spreadsheet: rounds in a thread of their own, events handed to the engine, pauses, wake-ups."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Literal

import sqlalchemy as sa
import structlog

from bot.doors.sheet.faults import SheetFault
from bot.doors.sheet.row_store import RowStore
from bot.events import Emit
from triggers.sheet.handover import Handover
from triggers.sheet.poll_interval import PollInterval
from triggers.sheet.reconciler import Reconciler, RoundResult
from triggers.sheet.tab_store import TabStore

log = structlog.get_logger()

OTHER_S = 5.0
"""After a fault of ours or of the database, and while another process has taken over: look again after this."""

LISTEN_EVERY_S = 1.0
"""Whether another process (one that serves the web) asks to look now is seen this often."""

PURGE_EVERY_S = 3_600.0


@dataclass
class LastLook:
    """When this loop last read its spreadsheet, in seconds since 1970. `problem` "": it works."""

    problem: str = "not looked at yet"
    seen_at: float | None = None


class SpreadsheetLoop:
    """Looks after one spreadsheet as long as nobody has taken over."""

    def __init__(
        self,
        reconciler: Reconciler,
        row_store: RowStore,
        tab_store: TabStore,
        stopping: threading.Event,
        *,
        sheets: int = 1,
        retention_s: float = 30 * 86_400.0,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.reconciler, self.last_look = reconciler, LastLook()
        self._tab_store, self._stopping, self._clock = tab_store, stopping, clock
        elsewhere = frozenset(tab.wanted.rule for tab in reconciler.tabs if tab.wanted.goes_elsewhere)
        self.handover = Handover(reconciler.cache, row_store, elsewhere, clock=clock, monotonic=monotonic)
        self._interval = PollInterval(sheets, clock=clock, monotonic=monotonic)
        self._retention_s, self._purged_at = retention_s, clock()
        self._rung = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._hold: Literal["none", "taken", "read"] = "none"
        row_store.on_answer(reconciler.spreadsheet, self.wake)

    def wake(self) -> None:
        """Look now, here or in the process that looks after this spreadsheet; from any thread."""
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._rung.set)
        else:
            self._tab_store.ring(self.reconciler.spreadsheet)

    async def run(self, emit: Emit) -> None:
        """Look after the spreadsheet until cancelled."""
        self._loop, self._hold = asyncio.get_running_loop(), "none"
        thread = ThreadPoolExecutor(1, thread_name_prefix="sheet")
        listening = asyncio.create_task(self._listen())
        try:
            while True:
                self._interval.begin()
                await self._pause(await self._tick(emit, thread))
        finally:
            listening.cancel()
            self._loop = None
            self._stopping.set()
            await asyncio.shield(asyncio.get_running_loop().run_in_executor(None, self._close, thread))

    async def _listen(self) -> None:
        """Hear the rings of other processes."""
        heard: int | None = None
        while True:
            with contextlib.suppress(sa.exc.SQLAlchemyError):
                rings = await asyncio.to_thread(self._tab_store.rings, self.reconciler.spreadsheet)
                if heard not in {None, rings}:
                    self._rung.set()
                heard = rings
            await asyncio.sleep(LISTEN_EVERY_S)

    def _close(self, thread: ThreadPoolExecutor) -> None:
        thread.shutdown(wait=True, cancel_futures=True)
        with contextlib.suppress(SheetFault, sa.exc.SQLAlchemyError):
            if self._hold == "read" and self._tab_store.is_ours(self.reconciler.spreadsheet):
                # Answers that are there already still go in: their replies wait for it.
                self.reconciler.step(with_claims=False)
        with contextlib.suppress(sa.exc.SQLAlchemyError):
            self._tab_store.release(self.reconciler.spreadsheet)

    async def _tick(self, emit: Emit, thread: ThreadPoolExecutor) -> float:
        """One round and its events; returns the seconds until the next, counted from this one's beginning."""
        in_thread = partial(asyncio.get_running_loop().run_in_executor, thread)
        try:
            result = await in_thread(self._round)
            if result is None:
                self.last_look.problem = ""
                return OTHER_S
            await self.handover.hand_over(emit)
            await self.handover.review(emit)
            await in_thread(self._purge)
        except SheetFault as fault:
            self._troubled_by(fault)
            return self._interval.after_fault(fault)
        except sa.exc.SQLAlchemyError as error:
            log.warning("database failed in a round", fault=type(error).__name__)
            self.last_look.problem = "the database cannot be used; trying again"
            return OTHER_S
        except Exception:  # a loop that ends for one fault would leave this spreadsheet unwatched
            log.exception("round failed", spreadsheet=self.reconciler.spreadsheet)
            self.last_look.problem = "the last look failed; trying again. See the log."
            self._hold = "taken"  # read everything anew
            return OTHER_S
        return self._rest(result)

    def _round(self) -> RoundResult | None:
        """None while another process looks after this spreadsheet."""
        if self._hold == "none":
            self._tab_store.take_over(self.reconciler.spreadsheet)
            self._hold = "taken"
        if not self._tab_store.is_ours(self.reconciler.spreadsheet):
            self._hold = "taken"
            return None
        if self._hold == "taken":
            self.reconciler.load()
            self._hold = "read"
        result = self.reconciler.step()
        return self.reconciler.step() if result.again else result

    def _purge(self) -> None:
        now = self._clock()
        if abs(now - self._purged_at) > PURGE_EVERY_S:
            self._purged_at = now
            self.reconciler.purge(now - self._retention_s)

    def _troubled_by(self, fault: SheetFault) -> None:
        if fault.reason != self.last_look.problem:
            name = self.reconciler.spreadsheet
            log.warning("spreadsheet fault", spreadsheet=name, reason=fault.reason, kind=fault.kind)
        self.last_look.problem = fault.reason

    def _rest(self, result: RoundResult) -> float:
        self.last_look.seen_at = self._clock()
        self.last_look.problem = " ".join(tab.problem for tab in self.reconciler.tabs if tab.problem)
        is_active = result.is_active or any(record.is_live for record in self.reconciler.cache.records.values())
        return self._interval.after(is_active=is_active, wrote=result.wrote, settles_at=result.settles_at)

    async def _pause(self, wait_s: float) -> None:
        """Rest; a wake-up ends it, but not before the next round is due at the earliest."""
        try:
            async with asyncio.timeout(self._interval.left_s(wait_s)):
                await self._rung.wait()
        except TimeoutError:
            return
        self._rung.clear()
        await asyncio.sleep(self._interval.soonest_left_s(wait_s))
