"""A sheet to measure at, and the two who answer its rows: Bellhop's sheet door and the usual poller."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Protocol, Self

import gspread
from google.oauth2.service_account import Credentials

from bot.doors.sheet.client import GOOGLE_SHEETS, SCOPES
from bot.doors.sheet.door import DOOR
from bot.doors.sheet.settings import SheetSettings
from bot.errors import Refused
from bot.events import Answer, Event, Receipt, Record
from bot.settings import Settings
from bot.store.database import open_database
from handlers.replies.sheet import SheetReplies
from playground.serving import serve
from playground.sheets import SPREADSHEET_ID, SheetsStandIn
from playground.sheets.calls import Call
from triggers.sheet import SheetTrigger

PARALLEL = 50
POLL_S = 2.0
AFTER_429_S = 5.0


def share(values: list[float], part: float) -> float:
    """The percentile `part` (0 to 1)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


class Sheet:
    """One spreadsheet of a strict stand-in. Times are seconds since 1970."""

    tab = "Questions"

    def __init__(self, questions: list[str]) -> None:
        self.standin = SheetsStandIn()
        rows = [["Question", "Answer", "Bot"], *([text] for text in questions)]
        self.standin.add_spreadsheet({self.tab: rows}, row_count=len(rows) + 200)
        self.person = self.standin.person()
        self.typed_at: dict[str, float] = {}
        self.claimed_at: dict[str, float] = {}
        self.done_at: dict[str, float] = {}
        self.standin.after_call = lambda call, _: self._look(call)
        self._writes: list[float] = []
        self.settings = Settings(_env_file=None)

    @classmethod
    @asynccontextmanager
    async def opened(cls, work: Path, questions: list[str], settle_s: float = 0.0) -> AsyncIterator[Self]:
        """Serve it over HTTP until the block ends."""
        await asyncio.to_thread(work.mkdir, parents=True)
        sheet = cls(questions)
        with serve(sheet.standin.app) as url:
            sheet.settings = Settings(
                _env_file=None,
                google_service_account_file=sheet.standin.service_account_file(work / "account.json", url),
                sheet_id=SPREADSHEET_ID,
                sheet_tab=cls.tab,
                sheet_settle_seconds=settle_s,
                google_sheets_api_url=url,
                google_drive_api_url=url,
                database_url=f"sqlite:///{work}/bot.db",
            )
            yield sheet

    def _look(self, call: Call) -> None:
        """After each write: which rows say what since then."""
        if call.method == "GET" or "/v4/" not in call.path:
            return
        now = time.time()
        self._writes.append(now)
        for question, answer, status in self.rows():
            if status:
                self.claimed_at.setdefault(question, now)
            if answer:
                self.done_at.setdefault(question, now)

    def rows(self) -> list[tuple[str, str, str]]:
        """Question, answer and status of each row with a question."""
        found = [[*map(str, row), "", "", ""][:3] for row in self.standin.grid(self.tab)[1:]]
        return [(question, answer, status) for question, answer, status in found if question]

    def type_question(self, row: int, text: str) -> None:
        """A person completes a row (from 1)."""
        self.person.type(self.tab, f"A{row}", text)
        self.typed_at[text] = time.time()

    def right(self) -> int:
        """Rows that show their own answer."""
        return sum(answer == answer_to(question) for question, answer, _ in self.rows())

    def wrong(self) -> int:
        """Rows that show another's, and answers beside no question."""
        stray = sum(len(row) > 1 and not row[0] and bool(row[1]) for row in self.standin.grid(self.tab)[1:])
        return stray + sum(bool(answer) and answer != answer_to(question) for question, answer, _ in self.rows())

    def unanswered(self) -> int:
        """Rows that show none."""
        return sum(not answer for _, answer, _ in self.rows())

    def counts(self) -> tuple[int, int]:
        """Reads and writes so far."""
        return self.standin.quota.counts["read"], self.standin.quota.counts["write"]

    def calls(self) -> int:
        """Both, and what was refused."""
        return sum(self.counts()) + self.refused()

    def refused(self) -> int:
        """429s so far."""
        return self.standin.quota.counts["refused"]

    def most_in_a_minute(self, kind: str) -> int:
        """The largest number of writes in any 60 seconds."""
        assert kind == "write"
        return max((sum(at <= other < at + 60.0 for other in self._writes) for at in self._writes), default=0)


def answer_to(question: str) -> str:
    """What the model says."""
    return f"Answer to {question}"


class Side(Protocol):
    """Somebody who answers rows until the block ends; PARALLEL calls at a time, of about `model_s` seconds."""

    @classmethod
    def running(cls, sheet: Sheet, model_s: float) -> contextlib.AbstractAsyncContextManager[Any]: ...


class Ours:
    """The real trigger and the real reply; between them a model that takes its time."""

    def __init__(self, sheet: Sheet, model_s: float, replies: SheetReplies) -> None:
        self.sheet, self._model_s, self._replies = sheet, model_s, replies
        self.ready_at: dict[str, float] = {}
        self._chance = random.Random(3)
        self._known: set[str] = set()
        self._tasks: list[asyncio.Task[None]] = []
        self._free = asyncio.Semaphore(PARALLEL)
        self._answered = 0
        self._more = asyncio.Event()

    @classmethod
    @asynccontextmanager
    async def running(cls, sheet: Sheet, model_s: float) -> AsyncIterator[Self]:
        """Until the block ends."""
        database = open_database(sheet.settings.database_url)
        ours = cls(sheet, model_s, SheetReplies(database))
        trigger = SheetTrigger(sheet.settings, (DOOR.derived_rule(sheet.settings),), database)
        task = asyncio.create_task(trigger.run(ours.emit))
        try:
            yield ours
        finally:
            for one in (task, *ours._tasks):
                one.cancel()
            await asyncio.gather(task, *ours._tasks, return_exceptions=True)
            database.dispose()

    async def emit(self, event: Event, record: Record | None = None) -> Receipt:  # noqa: ARG002  # no row of a door is kept here
        """Each event once, as the engine does."""
        if event.id not in self._known:
            self._known.add(event.id)
            self._tasks.append(asyncio.create_task(self._answer(event)))
        return Receipt(event.id, "sheet", event.rule, event.subject, event.conversation, "received", event.time)

    async def _answer(self, event: Event) -> None:
        reply = self._replies.reply_for(event, watched=False)
        async with self._free:
            with contextlib.suppress(Refused):
                await reply.open(None)
            await asyncio.sleep(self._model_s * self._chance.uniform(0.5, 1.5))
        self.ready_at.setdefault(event.text, time.time())
        with contextlib.suppress(Refused):
            await reply.finish(Answer(answer_to(event.text), "model", "end_turn"))
        self._answered += 1
        self._more.set()

    async def until_answered(self, rows: int) -> float:
        """Wait for so many; returns the seconds since the call."""
        started_s = time.monotonic()
        while self._answered < rows:
            self._more.clear()
            await self._more.wait()
        return time.monotonic() - started_s


class Poller:
    """What one writes first, with gspread as its guide shows it."""

    def __init__(self, sheet: Sheet, model_s: float) -> None:
        self._sheet, self._model_s, self._chance = sheet, model_s, random.Random(3)
        self._free = asyncio.Semaphore(PARALLEL)
        self._tasks: set[asyncio.Task[None]] = set()

    @classmethod
    @asynccontextmanager
    async def running(cls, sheet: Sheet, model_s: float) -> AsyncIterator[Self]:
        """Until the block ends."""
        poller = cls(sheet, model_s)
        task = asyncio.create_task(poller._poll())
        try:
            yield poller
        finally:
            everything = (task, *poller._tasks)
            for one in everything:
                one.cancel()
            await asyncio.gather(*everything, return_exceptions=True)

    async def _poll(self) -> None:
        settings = self._sheet.settings
        own = settings.door(SheetSettings)
        account = str(own.google_service_account_file)
        credentials: Any = Credentials.from_service_account_file(account, scopes=SCOPES)  # type: ignore[no-untyped-call]  # google-auth is untyped
        client = gspread.authorize(credentials, http_client=_to(own.google_sheets_api_url))
        tab = await self._patiently(lambda: client.open_by_key(SPREADSHEET_ID).worksheet(Sheet.tab))
        known = 0
        while True:
            records = await self._patiently(tab.get_all_records)
            for number, record in enumerate(records[known:], known + 2):
                if record["Question"] and not record["Answer"]:
                    task = asyncio.create_task(self._answer(tab, number, str(record["Question"])))
                    self._tasks.add(task)
            known = max(known, len(records))
            await asyncio.sleep(POLL_S)

    async def _answer(self, tab: Any, number: int, question: str) -> None:
        async with self._free:
            await asyncio.sleep(self._model_s * self._chance.uniform(0.5, 1.5))
            await self._patiently(lambda: tab.update_cell(number, 2, answer_to(question)))

    async def _patiently(self, call: Callable[[], Any]) -> Any:
        while True:
            try:
                return await asyncio.to_thread(call)
            except gspread.exceptions.APIError:
                await asyncio.sleep(AFTER_429_S)


def _to(url: str) -> type[gspread.HTTPClient]:
    """The client of gspread, led to the stand-in."""

    class Led(gspread.HTTPClient):
        def request(self, method: str, endpoint: str, *args: Any, **kwargs: Any) -> Any:
            return super().request(method, endpoint.replace(GOOGLE_SHEETS, url), *args, **kwargs)

    return Led
