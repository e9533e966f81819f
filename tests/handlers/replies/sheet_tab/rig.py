"""A tab of the stand-in that gets rows from events, without sockets or real time; and a crash at will."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from bot.doors.sheet.spreadsheet import GoogleCalls
from bot.errors import TryAgain
from bot.events import Answer, Event, FilePath, SheetTab
from handlers.replies.sheet_tab.added_row import Headers
from handlers.replies.sheet_tab.appender import Appender
from handlers.replies.sheet_tab.journal import Journal
from handlers.replies.sheet_tab.reply import SheetTabReply
from handlers.replies.sheet_tab.tab_writer import TabWriter
from playground.sheets import SPREADSHEET_ID, SheetsStandIn
from tests.triggers.sheet.rig import Clock, Crash, HandleClient

TAB = "Log"
HEADER = ("From", "Subject", "Answer", "Bot")
WHEN = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)


def event(number: int = 1, text: str = "", **fields: str) -> Event:
    there = FilePath("/inbox", f"{number}.txt")
    return Event(f"file:{number}", "folder", "folder", text, f"subject {number}", WHEN, "c", there, (), fields, "ana")


def answer(text: str = "the answer", values: dict[str, Any] | None = None, **more: Any) -> Answer:
    return Answer(text, "claude-sonnet-5-5", "end_turn", values=values, **more)


def one_at_a_time() -> sa.Engine:
    """A database in memory whose one connection the threads of a rig take in turn."""
    pool = {"poolclass": sa.pool.QueuePool, "pool_size": 1, "max_overflow": 0}
    return sa.create_engine("sqlite://", connect_args={"check_same_thread": False}, **pool)


class Rig:
    """One spreadsheet; `start` begins a new process on the same database. Google's clock passes while a row waits."""

    def __init__(self, rows: list[list[Any]] | None = None, header: tuple[str, ...] = HEADER, tab: str = TAB) -> None:
        self.clock = Clock()
        self.standin = SheetsStandIn(clock=self.clock, sleep=self.clock.pass_)
        self.standin.quota.user_limit = self.standin.quota.project_limit = 1_000_000
        self.standin.add_spreadsheet({tab: [list(header), *(rows or [])]}, row_count=60)
        self.place = SheetTab(SPREADSHEET_ID, tab)
        self.ana = self.standin.person()
        self.bearer = self.standin.issue_token()
        self.database = one_at_a_time()
        self.headers = Headers("Answer", "Bot")
        self.pauses = 0
        self.start()

    def start(self, **more: Any) -> None:
        self.journal = Journal(self.database)
        calls = GoogleCalls(HandleClient(self.standin, self.bearer), SPREADSHEET_ID)
        writer = TabWriter(calls, self.journal, self.headers, email="bot@example", clock=self.clock)
        self.appender = Appender(writer, self.journal, clock=self.clock, **{"sleep": self._sleep, **more})

    async def _sleep(self, seconds: float) -> None:
        self.pauses += 1
        self.clock.pass_(seconds)
        await asyncio.sleep(0)

    def reply(self, one: Event, kinds: dict[str, Any] | None = None) -> SheetTabReply:
        return SheetTabReply(one, self.place, kinds or {}, lambda _: self.appender)

    async def finish(self, one: Event, said: Answer, kinds: dict[str, Any] | None = None) -> int:
        """As the engine does: again after each crash and each passing fault. Returns how often."""
        for tried in range(1, 400):
            try:
                await self.reply(one, kinds).finish(said)
            except Crash:
                self.start()
                self.clock.pass_(10.0)
            except TryAgain as fault:
                self.clock.pass_(fault.after_s or 2.0)
                await asyncio.sleep(0.001)  # the threads of a process that crashed need real time to end
            else:
                return tried
        raise AssertionError("it never ended")

    def grid(self) -> list[list[str]]:
        width = len(self.standin.grid()[0])
        return [[*row, *[""] * width][:width] for row in self.standin.grid()[1:]]
