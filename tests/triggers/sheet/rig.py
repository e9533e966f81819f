"""One spreadsheet of the stand-in, looked after without sockets or real time: rounds, a model, and a crash at will."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa

from bot.doors.sheet.columns import wanted_columns
from bot.doors.sheet.faults import SheetFault, fault_of
from bot.doors.sheet.row_store import RowStore
from bot.doors.sheet.rule import SheetRule
from bot.doors.sheet.settings import SheetSettings
from bot.doors.sheet.spreadsheet import GoogleCalls
from bot.doors.sheet.wait_store import StoredWait
from bot.events import Event, Receipt
from bot.events import Record as DoorRecord
from bot.rules.rule import Rule
from bot.store.creation import create_tables
from bot.store.schema import METADATA
from playground.sheets import SPREADSHEET_ID, Lost, SheetsStandIn
from triggers.sheet.handover import Handover
from triggers.sheet.planner.debounce import Debounce
from triggers.sheet.reconciler import Reconciler
from triggers.sheet.tab_store import TabStore
from triggers.sheet.tabs import Tab

TAB = "Questions"


class Clock:
    def __init__(self) -> None:
        self.at = 1_700_000_000.0

    def __call__(self) -> float:
        return self.at

    def pass_(self, seconds: float) -> None:
        self.at += seconds


class Crash(BaseException):
    """The process dies at this call."""


@dataclass
class HandleClient:
    """The calls of gspread's HTTPClient that rounds use, straight into the stand-in."""

    standin: SheetsStandIn
    token: str

    def _call(self, method: str, rest: str, body: Any = None, query: Any = None) -> Any:
        path = f"/v4/spreadsheets/{SPREADSHEET_ID}{rest}"
        data = b"" if body is None else json.dumps(body).encode()
        headers = {"authorization": f"Bearer {self.token}"}
        try:
            answer = self.standin.handle(method, path, urlencode(query or {}, doseq=True), data, headers)
        except Lost:
            raise SheetFault("lost", "passing", is_unknown=True) from None
        if answer.status != 200:
            message = answer.json()["error"]["message"] if answer.body[:1] == b"{" else ""
            raise fault_of(answer.status, message, "bot@example", SPREADSHEET_ID)
        return answer.json()

    def spreadsheets_get(self, _id: str, params: Any) -> Any:
        return self._call("GET", "", query=params)

    def values_batch_get(self, _id: str, ranges: list[str], params: Any) -> Any:
        return self._call("GET", "/values:batchGet", query={**params, "ranges": ranges})

    def values_batch_update(self, _id: str, body: Any) -> Any:
        return self._call("POST", "/values:batchUpdate", body)

    def batch_update(self, _id: str, body: Any) -> Any:
        return self._call("POST", ":batchUpdate", body)


RULE = Rule(name="sheet", on="sheet", ask="{Question}", options=SheetRule(tab=TAB))


@cache
def settings_with(settle_s: float) -> SheetSettings:
    return SheetSettings(_env_file=None, sheet_settle_seconds=settle_s)


def memory_database() -> sa.Engine:
    return sa.create_engine("sqlite://", poolclass=sa.pool.StaticPool, connect_args={"check_same_thread": False})


GAMES = memory_database()
"""One for all games of a process: tables and compiled statements are made once."""


def emptied(database: sa.Engine) -> sa.Engine:
    """The same database without a row in it."""
    create_tables(database)
    with database.begin() as connection:
        for table in METADATA.tables.values():
            connection.execute(sa.delete(table))
    return database


@dataclass
class Rig:
    """`asked` counts what the model was asked; `model_rounds` is how many rounds an answer takes."""

    rows: list[list[Any]]
    rule: Rule = field(default_factory=lambda: RULE)
    settle_s: float = 0.0
    database: sa.Engine = field(default_factory=memory_database)
    header: tuple[str, ...] = ("Question", "Answer", "Bot")

    def __post_init__(self) -> None:
        self.clock = Clock()
        self.settings = settings_with(self.settle_s)
        self.standin = SheetsStandIn(clock=self.clock, sleep=self.clock.pass_)
        self.standin.quota.user_limit = self.standin.quota.project_limit = 1_000_000
        self.standin.add_spreadsheet({TAB: [list(self.header), *self.rows]}, row_count=max(40, len(self.rows) + 40))
        self.ana = self.standin.person()
        self.bearer = self.standin.issue_token()
        self.tokens = 0
        self.asked: Counter[tuple[str, ...]] = Counter()
        self.emitted: set[str] = set()
        self.thinking: dict[str, tuple[int, tuple[str, ...]]] = {}
        self.model_rounds = 1
        self.answer: Callable[[tuple[str, ...]], dict[str, Any]] = lambda inputs: {"text": "A:" + "/".join(inputs)}
        self.says: Callable[[], str | None] = lambda: None
        self.around_emit: Callable[[], None] = lambda: None
        self.start()

    def start(self) -> None:
        """A new process."""
        self.row_store = RowStore(self.database)
        tab_store = TabStore(self.database, clock=self.clock)
        tab = Tab(wanted_columns(self.rule, self.settings), Debounce(self.settings.sheet_settle_seconds))
        calls = GoogleCalls(HandleClient(self.standin, self.bearer), SPREADSHEET_ID)
        self.reconciler = Reconciler(
            SPREADSHEET_ID,
            [tab],
            calls,
            self.row_store,
            tab_store,
            clock=self.clock,
            email="bot@example",
            new_token=self.new_token,
        )
        self.tab, self.is_dead = tab, False
        self.handover = Handover(self.reconciler.cache, self.row_store, frozenset(), clock=self.clock)
        self.reconciler.load()

    def new_token(self) -> str:
        self.tokens += 1
        return f"t{self.tokens:07}"

    def round(self, seconds: float = 2.0) -> None:
        """One tick: a round, then events go to the model, and answers that are ready to the store."""
        self.clock.pass_(seconds)
        try:
            with contextlib.suppress(SheetFault):
                self.reconciler.step()
            if self.reconciler.cache.claimed():
                asyncio.run(self.handover.hand_over(self._emit))
        except Crash:
            self.start()
            return
        self._think()

    async def _emit(self, event: Event, record: DoorRecord | None = None) -> Receipt:
        """The engine's part: an event, once, and its row in one commit; `around_emit` may end the process beside it."""
        if self.is_dead:
            raise Crash
        self.is_dead = True
        self.around_emit()
        with self.database.begin() as connection:
            assert record is not None
            record(connection)
        if event.conversation not in self.emitted:
            self.emitted.add(event.conversation)
            inputs = tuple(event.fields.values())
            self.asked[inputs] += 1
            self.thinking[event.conversation] = (self.model_rounds, inputs)
        self.around_emit()
        self.is_dead = False
        return Receipt(event.id, "sheet", event.rule, event.subject, event.conversation, "received", event.time)

    def _think(self) -> None:
        for token, (left, inputs) in list(self.thinking.items()):
            if left > 0:
                self.thinking[token] = (left - 1, inputs)
                self._say(token)
                continue
            del self.thinking[token]
            self.row_store.store_answer(token, SPREADSHEET_ID, **self.answer(inputs))

    def _say(self, token: str) -> None:
        """The reply's part while its event is parked: `says` gives the words, "" when it goes on, None: as before."""
        words = self.says()
        if words:
            self.row_store.store_wait(StoredWait(token, SPREADSHEET_ID, words))
        elif words is not None:
            self.row_store.end_wait(token, SPREADSHEET_ID)

    def run(self, rounds: int) -> list[list[str]]:
        for _ in range(rounds):
            self.round()
        return self.grid()

    def run_for(self, seconds: float, rounds: int) -> None:
        for _ in range(rounds):
            self.round(seconds / rounds)

    def grid(self) -> list[list[str]]:
        return self.standin.grid()[1:]

    def plain(self) -> list[tuple[str, str, str]]:
        """Question, answer and the status's first word of each row."""
        rows = [[*row, "", "", ""][:3] for row in self.grid()]
        return [(row[0], row[1], row[2].split(" ")[0].rstrip(":")) for row in rows]
