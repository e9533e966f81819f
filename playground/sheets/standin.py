"""The stand-in itself: its spreadsheets and accounts, and every call from the door to the answer.

One base URL serves /v4/spreadsheets/…, /drive/v3/files/…, /token and /_control/…. A call can also be made without a
socket, through `handle`, which is what long property runs do.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from starlette.types import ASGIApp

from playground import names
from playground.service_account import Account
from playground.sheets.book import Book, row_of
from playground.sheets.calls import Answer, Call, Lost
from playground.sheets.cells import Slot
from playground.sheets.clock import Clock
from playground.sheets.drive import Drive
from playground.sheets.faults import Faults
from playground.sheets.gate import Gate
from playground.sheets.people import Person
from playground.sheets.quota import Quota
from playground.sheets.reads import Behaviour
from playground.sheets.tab import new_tab
from playground.sheets.tokens import DRIVE_SCOPES, SHEETS_SCOPE, Tokens
from playground.sheets.values import shown_grid
from playground.sheets.web import web_app

SPREADSHEET_ID, PROJECT, ACCOUNT = names.SPREADSHEET_ID, names.PROJECT, names.ACCOUNT


class SheetsStandIn:
    """Google Sheets v4, Drive v3 metadata and the OAuth token endpoint, for one test or one playground.

    `clock` gives seconds (quotas, tokens, Drive's lag, history); `speed` makes a minute of it pass in 1/speed minutes
    and shortens `slow` faults alike. `wall_clock` judges signed assertions, whose times are real.
    `before_call(call)` runs before every API call (not token, not control), `after_call(call, answer)` when it has
    taken effect and nothing was answered yet; what they raise reaches a caller of `handle`, and closes a socket's
    connection: crash points.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.time,
        speed: float = 1.0,
        wall_clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        token_life_s: int = 3600,
        drive_lag_s: float = 180.0,
    ) -> None:
        self.clock = Clock(clock, speed)
        self.now = self.clock.now
        self.wall_clock = wall_clock
        self.sleep = sleep
        self.lock = threading.RLock()
        self.behaviour = Behaviour()
        self.quota = Quota()
        self.faults = Faults()
        self.tokens = Tokens(life_s=token_life_s)
        self.drive = Drive(lag_s=drive_lag_s)
        self.books: dict[str, Book] = {}
        self.before_call: Callable[[Call], None] = lambda _: None
        self.after_call: Callable[[Call, Answer], None] = lambda _, __: None
        self.calls: list[Call] = []
        self._gate = Gate(self)
        self.app: ASGIApp = web_app(self)

    def account(self, email: str = ACCOUNT, project: str = PROJECT) -> Account:
        """The service account of that address, made (with a fresh key) when it is new."""
        with self.lock:
            return self.tokens.accounts.get(email) or self.tokens.new_account(email, project)

    def service_account_file(self, path: str | Path, base_url: str, email: str = ACCOUNT) -> Path:
        """Write the service account's JSON; its token_uri is `{base_url}/token`. Returns the path."""
        return self.tokens.write_file(self.account(email), Path(path), f"{base_url}/token")

    def admit(self, account: Account, base_url: str) -> None:
        """Know an account that was made elsewhere; its file's token_uri is `{base_url}/token`."""
        with self.lock:
            self.tokens.admit(account, f"{base_url}/token")

    def issue_token(self, scopes: Sequence[str] = (SHEETS_SCOPE, DRIVE_SCOPES[-1]), email: str = ACCOUNT) -> str:
        """A bearer token without signing in (and without making a key), for runs without sockets."""
        return self.tokens.issue(email, PROJECT, frozenset(scopes), self.now())

    def revoke_key(self, email: str = ACCOUNT) -> None:
        """The account's key no longer signs in, and its tokens are dead."""
        self.tokens.revoke(self.account(email))

    def add_spreadsheet(
        self,
        tabs: dict[str, list[list[Any]]],
        *,
        spreadsheet_id: str = SPREADSHEET_ID,
        title: str = "Bellhop playground",
        shared_with: Iterable[str] = (ACCOUNT,),
        row_count: int = 1000,
        column_count: int = 26,
    ) -> Book:
        """A spreadsheet with these tabs (title → rows of values; the first gets sheetId 0), shared for editing."""
        made = [
            new_tab(
                index * 1_000_003,
                name,
                (row_of(row) for row in rows),
                row_count=max(row_count, len(rows)),
                column_count=column_count,
            )
            for index, (name, rows) in enumerate(tabs.items())
        ]
        book = Book(spreadsheet_id, title, made, writers=set(shared_with), created_at=self.now())
        with self.lock:
            self.books[spreadsheet_id] = book
        return book

    def book(self, spreadsheet_id: str = "") -> Book:
        """The spreadsheet of that id; without one, the first. Raises KeyError."""
        return self.books[spreadsheet_id] if spreadsheet_id else next(iter(self.books.values()))

    def person(self, name: str = "ana", spreadsheet_id: str = "") -> Person:
        """A person with the spreadsheet open."""
        return Person(self.book(spreadsheet_id), name, self.lock, self.now, self.behaviour)

    def grid(self, tab: str = "", spreadsheet_id: str = "") -> list[list[Any]]:
        """What a person sees in a tab (the first by default): rows of text, trailing blanks left out."""
        with self.lock:
            book = self.book(spreadsheet_id)
            return shown_grid(book.tab(tab) if tab else book.tabs[0])

    def slots(self, tab: str = "", spreadsheet_id: str = "") -> list[list[Slot]]:
        """What a tab really holds, cell by cell."""
        with self.lock:
            book = self.book(spreadsheet_id)
            return [list(row) for row in (book.tab(tab) if tab else book.tabs[0]).rows]

    def handle(
        self, method: str, path: str, query: str = "", body: bytes = b"", headers: dict[str, str] | None = None
    ) -> Answer:
        """Answer one request without a socket. Raises Lost where a socket would close without an answer.

        `path` is percent-encoded; header names in lower case ("authorization").
        """
        call = Call(method.upper(), path, query, body, headers or {})
        delay_s, finish = self._gate.take(call)
        if delay_s:
            self.sleep(delay_s / self.clock.speed)
        try:
            return finish()
        except Lost as lost:
            if lost.after_s:
                self.sleep(lost.after_s / self.clock.speed)
            raise

    def take(self, call: Call) -> tuple[float, Callable[[], Answer]]:
        """For servers: seconds to wait (on the stand-in's clock), then what gives the answer or raises Lost."""
        return self._gate.take(call)
