"""This file is the sheet trigger: one loop for each spreadsheet of the rules, and the route that wakes one at once."""

from __future__ import annotations

import asyncio
import re
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import sqlalchemy as sa
from starlette.routing import Route

from bot.doors.sheet.client import SheetsClient, Way, credentials_of
from bot.doors.sheet.columns import wanted_columns
from bot.doors.sheet.quota import Quota
from bot.doors.sheet.row_store import ledger_of
from bot.doors.sheet.spreadsheet import GoogleCalls
from bot.errors import SettingsError
from bot.events import Emit, Health
from bot.rules.rule import Rule
from bot.settings import Settings
from triggers.sheet.hook import hook_routes
from triggers.sheet.loop import SpreadsheetLoop
from triggers.sheet.planner.debounce import Settling
from triggers.sheet.reconciler import Rounds
from triggers.sheet.tab_store import Memory
from triggers.sheet.tabs import Tab

_URL = re.compile(r"/d/([A-Za-z0-9_-]+)")
STALE_S = 120.0


class SheetTrigger:
    """One trigger for all sheet rules. Needs an open database; its tables are made when they are missing.

    `routes`: the hook that wakes a loop; empty without WEB_TOKEN. Raises SettingsError when the service account's file
    cannot be used or two rules want the same tab.
    """

    name = "sheet"

    def __init__(
        self,
        settings: Settings,
        rules: tuple[Rule, ...],
        database: sa.Engine,
        *,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings, self._database, self._clock, self._monotonic = settings, database, clock, monotonic
        self._stopping = threading.Event()
        self._memory = Memory(database, clock=clock)
        self._ledger = ledger_of(database)
        groups = by_spreadsheet(settings, rules)
        self._loops = {spreadsheet: self._loop(spreadsheet, own, len(groups)) for spreadsheet, own in groups.items()}
        self._of_rule = {rule.name: spreadsheet for spreadsheet, own in groups.items() for rule in own}
        secret = settings.web_token.get_secret_value() if settings.web_token else ""
        self.routes: Sequence[Route] = hook_routes(secret, self.wake)

    def _loop(self, spreadsheet: str, rules: Sequence[Rule], sheets: int) -> SpreadsheetLoop:
        credentials = credentials_of(self._settings)
        email: str = credentials.service_account_email
        way = Way(
            self._settings.google_sheets_api_url,
            self._settings.google_drive_api_url,
            Quota(self._database, email, clock=self._clock),
            email,
            self._monotonic,
            self._stopping.wait,
        )
        calls = GoogleCalls(SheetsClient(credentials, way=way), spreadsheet)
        settle_s = self._settings.sheet_settle_seconds
        tabs = [Tab(wanted_columns(rule, self._settings), Settling(settle_s)) for rule in rules]
        rounds = Rounds(spreadsheet, tabs, calls, self._ledger, self._memory, email=email, clock=self._clock)
        return SpreadsheetLoop(
            rounds,
            self._ledger,
            self._memory,
            self._stopping,
            sheets=sheets,
            retention_s=self._settings.retention_days * 86_400.0,
            clock=self._clock,
            monotonic=self._monotonic,
        )

    async def run(self, emit: Emit) -> None:
        """Look after every spreadsheet until cancelled; faults are logged, shown by `health` and waited out."""
        self._stopping.clear()
        async with asyncio.TaskGroup() as tasks:
            for loop in self._loops.values():
                tasks.create_task(loop.run(emit))

    def wake(self, rule: str = "") -> bool:
        """Look now at the spreadsheet of this rule (all without one); False when no sheet rule has that name."""
        if rule and rule not in self._of_rule:
            return False
        for spreadsheet, loop in self._loops.items():
            if not rule or self._of_rule[rule] == spreadsheet:
                loop.wake()
        return True

    def health(self) -> Health:
        """Fine when every spreadsheet could be read lately and no tab pauses."""
        sights = [loop.sight for loop in self._loops.values()]
        problems = [sight.problem for sight in sights if sight.problem]
        latest = max(sights, key=lambda sight: sight.seen_at or 0.0)
        at = datetime.fromtimestamp(latest.seen_at, UTC) if latest.seen_at else None
        words = "; ".join(problems) or f"watching {len(sights)} spreadsheet{'s' if len(sights) > 1 else ''}"
        return Health(not problems, words, latest.last, at)


def by_spreadsheet(settings: Settings, rules: Sequence[Rule]) -> dict[str, list[Rule]]:
    """The rules of each spreadsheet, by its id. Raises SettingsError for one without, and for two on one tab."""
    groups: dict[str, list[Rule]] = {}
    for rule in rules:
        spreadsheet = spreadsheet_id(rule.spreadsheet or settings.sheet_id or "")
        if not spreadsheet:
            raise SettingsError(f'The rule "{rule.name}" names no spreadsheet: set its `spreadsheet`, or SHEET_ID.')
        own = groups.setdefault(spreadsheet, [])
        for other in own:
            if (rule.tab or settings.sheet_tab or "") == (other.tab or settings.sheet_tab or ""):
                words = f'The rules "{other.name}" and "{rule.name}" want the same tab. Give each a tab of its own.'
                raise SettingsError(words)
        own.append(rule)
    return groups


def spreadsheet_id(text: str) -> str:
    """The id out of an id or a URL."""
    found = _URL.search(text)
    return found[1] if found else text.strip()
