"""This file is the loop of one spreadsheet: rounds in a thread of their own, events handed to the engine, pauses."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TypeVar

import sqlalchemy as sa
import structlog

from bot.doors.sheet.client import wait_before
from bot.doors.sheet.faults import SheetFault
from bot.doors.sheet.row_store import Record, SheetLedger
from bot.errors import TryAgain
from bot.events import Emit
from triggers.sheet.events import event_from_row
from triggers.sheet.poll_interval import pause_s, soonest_s
from triggers.sheet.reconciler import Outcome, Rounds
from triggers.sheet.tab_store import Memory

log = structlog.get_logger()

T = TypeVar("T")
OTHER_S = 5.0
"""After a fault of ours or of the database, and while another process has taken over: look again after this."""

LISTEN_EVERY_S = 1.0
"""Whether another process (one that serves the web) asks to look now is seen this often."""

OWNER_S = 30.0
"""What only its owner can mend is tried again this often."""

REVIEW_EVERY_S, REVIEW_AFTER_S = 300.0, 900.0
"""A row that waits this long for its answer: ask the engine what became of its event."""

PURGE_EVERY_S = 3_600.0


@dataclass
class Sight:
    """When this loop last read its spreadsheet and last made an event: seconds since 1970. `problem` "": it works."""

    problem: str = "not looked at yet"
    seen_at: float | None = None
    event_at: float | None = None


class SpreadsheetLoop:
    """Looks after one spreadsheet as long as nobody has taken over."""

    def __init__(
        self,
        rounds: Rounds,
        ledger: SheetLedger,
        memory: Memory,
        stopping: threading.Event,
        *,
        sheets: int = 1,
        retention_s: float = 30 * 86_400.0,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.rounds, self.sight = rounds, Sight()
        self._ledger, self._memory, self._stopping = ledger, memory, stopping
        self._sheets, self._retention_s, self._clock, self._monotonic = sheets, retention_s, clock, monotonic
        self._rung = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._has_begun = self._is_ours = False
        self._wrote = True
        self._began_at = 0.0
        self._failed = 0
        self._active_at = self._reviewed_at = self._purged_at = monotonic()

    def wake(self) -> None:
        """Look now, here or in the process that looks after this spreadsheet; from any thread."""
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._rung.set)
        else:
            self._memory.ring(self.rounds.spreadsheet)

    async def run(self, emit: Emit) -> None:
        """Look after the spreadsheet until cancelled."""
        self._loop, self._has_begun = asyncio.get_running_loop(), False
        self._ledger.on_answer(self.rounds.spreadsheet, self.wake)
        thread = ThreadPoolExecutor(1, thread_name_prefix="sheet")
        listening = asyncio.create_task(self._listen())
        try:
            while True:
                began, self._began_at = self._monotonic(), self._clock()
                wait_s = await self._tick(emit, thread)
                await self._pause(began, wait_s)
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
                rings = await asyncio.to_thread(self._memory.rings, self.rounds.spreadsheet)
                if heard not in {None, rings}:
                    self._rung.set()
                heard = rings
            await asyncio.sleep(LISTEN_EVERY_S)

    def _close(self, thread: ThreadPoolExecutor) -> None:
        thread.shutdown(wait=True, cancel_futures=True)
        with contextlib.suppress(SheetFault, sa.exc.SQLAlchemyError):
            if self._is_ours and self._memory.is_ours(self.rounds.spreadsheet):
                # Answers that are there already still go in: their replies wait for it.
                self.rounds.step(with_claims=False)
        with contextlib.suppress(sa.exc.SQLAlchemyError):
            self._memory.release(self.rounds.spreadsheet)

    async def _tick(self, emit: Emit, thread: ThreadPoolExecutor) -> float:
        """One round and its events; returns the seconds until the next, counted from this one's beginning."""
        try:
            self._wrote = True  # until it is known
            outcome = await self._in(thread, self._round)
            if outcome is None:
                self.sight.problem = ""
                return OTHER_S
            await self._hand_over(emit, thread)
            await self._now_and_then(emit, thread)
        except SheetFault as fault:
            return self._trouble(fault)
        except sa.exc.SQLAlchemyError as error:
            log.warning("database failed in a round", fault=type(error).__name__)
            self.sight.problem = "the database cannot be used; trying again"
            return OTHER_S
        except Exception:  # a loop that ends for one fault would leave this spreadsheet unwatched
            log.exception("round failed", spreadsheet=self.rounds.spreadsheet)
            self.sight.problem = "the last look failed; trying again. See the log."
            self._is_ours = False  # read everything anew
            return OTHER_S
        return self._rest(outcome)

    def _round(self) -> Outcome | None:
        """None while another process looks after this spreadsheet."""
        if not self._has_begun:
            self._memory.take_over(self.rounds.spreadsheet)
            self._has_begun = True
        if not self._memory.is_ours(self.rounds.spreadsheet):
            self._is_ours = False
            return None
        if not self._is_ours:
            self.rounds.load()
            self._is_ours = True
        outcome = self.rounds.step()
        return self.rounds.step() if outcome.again else outcome

    async def _hand_over(self, emit: Emit, thread: ThreadPoolExecutor) -> None:
        """Claimed rows become events; a row whose event the engine does not take now is handed over again later."""
        waiting = self.rounds.shelf.waiting()
        taken: list[Record] = []
        for record in waiting:
            try:
                await emit(event_from_row(record))
            except TryAgain as fault:
                log.warning("event not taken, will be handed over again", token=record.token, reason=fault.reason)
                break
            is_elsewhere = any(tab.wanted.rule == record.rule and tab.wanted.goes_elsewhere for tab in self.rounds.tabs)
            taken.append(replace(record, state="done" if is_elsewhere else "asked"))
            self.sight.event_at = self._clock()
        if taken:
            await self._in(thread, lambda: self.rounds.shelf.save(taken))

    async def _now_and_then(self, emit: Emit, thread: ThreadPoolExecutor) -> None:
        now = self._monotonic()
        if now > self._reviewed_at + REVIEW_EVERY_S:
            self._reviewed_at = now
            await self._review(emit, thread)
        if now > self._purged_at + PURGE_EVERY_S:
            self._purged_at = now
            await self._in(thread, lambda: self.rounds.purge(self._clock() - self._retention_s))

    async def _review(self, emit: Emit, thread: ThreadPoolExecutor) -> None:
        """Rows that wait long: an event that ended without telling its row is told there (an id is accepted once)."""
        before = self._clock() - REVIEW_AFTER_S
        late = [one for one in self.rounds.shelf.records.values() if one.state == "asked" and one.written_at < before]
        for record in late[:100]:
            receipt = await emit(event_from_row(record))
            if receipt.state in {"failed", "skipped"}:
                reason = receipt.reason or "it was not answered"
                await self._in(thread, lambda one=record, why=reason: self._tell(one, why))  # type: ignore[misc]  # defaults bind the loop's values

    def _tell(self, record: Record, reason: str) -> None:
        self._ledger.store_answer(record.token, record.spreadsheet, reason=reason)

    def _trouble(self, fault: SheetFault) -> float:
        self._failed += 1
        if fault.reason != self.sight.problem:
            log.warning("spreadsheet fault", spreadsheet=self.rounds.spreadsheet, reason=fault.reason, kind=fault.kind)
        self.sight.problem = fault.reason
        return OWNER_S if fault.kind == "owner" else max(2.0, wait_before(self._failed))

    def _rest(self, outcome: Outcome) -> float:
        now = self._monotonic()
        self._failed, self._wrote = 0, outcome.wrote
        self.sight.seen_at = self._clock()
        self.sight.problem = " ".join(tab.problem for tab in self.rounds.tabs if tab.problem)
        if outcome.is_active or any(record.is_live for record in self.rounds.shelf.records.values()):
            self._active_at = now
        settles_in_s = None if outcome.settles_at is None else outcome.settles_at - self._began_at
        return pause_s(
            quiet_s=now - self._active_at, settles_in_s=settles_in_s, wrote=outcome.wrote, sheets=self._sheets
        )

    async def _pause(self, began: float, wait_s: float) -> None:
        """Rest; a wake-up ends it, but not before the next round is due at the earliest."""
        try:
            async with asyncio.timeout(max(0.0, began + wait_s - self._monotonic())):
                await self._rung.wait()
        except TimeoutError:
            return
        self._rung.clear()
        soonest = min(soonest_s(wrote=self._wrote), wait_s)
        await asyncio.sleep(max(0.0, began + soonest - self._monotonic()))

    async def _in(self, thread: ThreadPoolExecutor, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(thread, work)
