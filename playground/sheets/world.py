"""What the gate, the control and the socket need of a stand-in: its state, and the acts that change it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from playground.sheets.book import Book
from playground.sheets.calls import Answer, Call
from playground.sheets.clock import Clock
from playground.sheets.drive import Drive
from playground.sheets.faults import Faults
from playground.sheets.people import Person
from playground.sheets.quota import Quota
from playground.sheets.reads import Behaviour
from playground.sheets.tokens import Tokens


class World(Protocol):
    """Google as one test or one playground sees it (`SheetsStandIn` says what each part is)."""

    clock: Clock
    now: Callable[[], float]
    wall_clock: Callable[[], float]
    lock: threading.RLock
    behaviour: Behaviour
    quota: Quota
    faults: Faults
    tokens: Tokens
    drive: Drive
    books: dict[str, Book]
    before_call: Callable[[Call], None]
    after_call: Callable[[Call, Answer], None]
    calls: list[Call]

    def book(self, spreadsheet_id: str = "") -> Book:
        """The spreadsheet of that id; without one, the first."""

    def person(self, name: str = "ana", spreadsheet_id: str = "") -> Person:
        """A person with the spreadsheet open."""

    def add_spreadsheet(
        self,
        tabs: dict[str, list[list[Any]]],
        *,
        spreadsheet_id: str = "",
        title: str = "",
        shared_with: Iterable[str] = (),
        row_count: int = 1000,
        column_count: int = 26,
    ) -> Book:
        """A new spreadsheet with these tabs."""

    def revoke_key(self, email: str = "") -> None:
        """The account's key no longer signs in."""

    def take(self, call: Call) -> tuple[float, Callable[[], Answer]]:
        """Seconds to wait, then what gives the answer."""
