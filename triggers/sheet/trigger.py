"""The sheet trigger: one loop for each spreadsheet of the rules, and the route that wakes one at once."""

from __future__ import annotations

import asyncio
import hmac
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import sqlalchemy as sa
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.doors.sheet.client import Api, SheetsClient, credentials_of
from bot.doors.sheet.columns import wanted_columns
from bot.doors.sheet.quota import Quota
from bot.doors.sheet.row_store import row_store_of
from bot.doors.sheet.rule import by_spreadsheet
from bot.doors.sheet.settings import SheetSettings
from bot.doors.sheet.spreadsheet import GoogleCalls
from bot.events import Emit, Health
from bot.rules.rule import Rule
from bot.settings import Settings
from triggers.sheet.loop import SpreadsheetLoop
from triggers.sheet.planner.debounce import Debounce
from triggers.sheet.reconciler import Reconciler
from triggers.sheet.tab_store import TabStore
from triggers.sheet.tabs import Tab


class SheetTrigger:
    """One trigger for all sheet rules. Needs an open database; its tables are made when they are missing.

    Raises SettingsError when the service account's file cannot be used or two rules want the same tab.
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
        self._own = settings.door(SheetSettings)
        self._stopping = threading.Event()
        self._tab_store = TabStore(database, clock=clock)
        self._row_store = row_store_of(database)
        groups = by_spreadsheet(self._own, rules)
        self._loops = {spreadsheet: self._loop(spreadsheet, own, len(groups)) for spreadsheet, own in groups.items()}
        self._of_rule = {rule.name: spreadsheet for spreadsheet, own in groups.items() for rule in own}

    def _loop(self, spreadsheet: str, rules: Sequence[Rule], sheets: int) -> SpreadsheetLoop:
        credentials = credentials_of(self._own)
        email: str = credentials.service_account_email
        api = Api(
            self._own.google_sheets_api_url,
            self._own.google_drive_api_url,
            Quota(self._database, email, clock=self._clock),
            email,
            self._monotonic,
            self._stopping.wait,
        )
        calls = GoogleCalls(SheetsClient(credentials, api=api), spreadsheet)
        settle_s = self._own.sheet_settle_seconds
        tabs = [Tab(wanted_columns(rule, self._own), Debounce(settle_s)) for rule in rules]
        reconciler = Reconciler(
            spreadsheet, tabs, calls, self._row_store, self._tab_store, email=email, clock=self._clock
        )
        return SpreadsheetLoop(
            reconciler,
            self._row_store,
            self._tab_store,
            self._stopping,
            sheets=sheets,
            retention_s=self._settings.retention_days * 86_400.0,
            clock=self._clock,
            monotonic=self._monotonic,
        )

    def routes(self, _emit: Emit) -> list[Route]:
        """The hook that wakes a loop, in whichever process that runs; none without WEB_TOKEN."""
        secret = self._settings.web_token
        return hook_routes(secret.get_secret_value() if secret else "", self.wake)

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
        """Fine when every spreadsheet could be read lately and no tab pauses. Heard: all of them were read since."""
        looks = [loop.last_look for loop in self._loops.values()]
        problems = [look.problem for look in looks if look.problem]
        heard_at = min(look.seen_at or 0.0 for look in looks)
        event_at = max(loop.handover.event_at or 0.0 for loop in self._loops.values())
        words = "; ".join(problems) or f"watching {len(looks)} spreadsheet{'s' if len(looks) > 1 else ''}"
        return Health(not problems, words, _moment(heard_at), _moment(event_at))


def _moment(at_s: float) -> datetime | None:
    return datetime.fromtimestamp(at_s, UTC) if at_s else None


def hook_routes(secret: str, wake: Callable[[str], bool]) -> list[Route]:
    """POST /hooks/sheet/<rule> with WEB_TOKEN as bearer wakes the loop of that rule; no route without that secret.

    Nothing of the request but the rule's name is read.
    """
    if not secret:
        return []

    async def receive(request: Request) -> Response:
        given = request.headers.get("authorization", "").removeprefix("Bearer ").encode()
        if not hmac.compare_digest(given, secret.encode()):
            return JSONResponse({"error": "Send WEB_TOKEN as: Authorization: Bearer …"}, 401)
        if not wake(request.path_params["rule"]):
            return JSONResponse({"error": "no sheet rule has that name"}, 404)
        return JSONResponse({"ok": True}, 202)

    return [Route("/hooks/sheet/{rule}", receive, methods=["POST"])]
