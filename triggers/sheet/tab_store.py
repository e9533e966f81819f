"""What the sheet trigger remembers besides the rows: whose turn it is, tabs by name, people's words."""

from __future__ import annotations

import os
import secrets
import socket
import time
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bot.doors.sheet.rows import Content
from bot.store.creation import create_tables
from bot.store.schema import METADATA
from triggers.sheet.planner.jobs import Before, Given

_leases = sa.Table(
    "sheet_leases",
    METADATA,
    sa.Column("spreadsheet", sa.Text, primary_key=True),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("until", sa.Float, nullable=False),
    sa.Column("rings", sa.Integer, nullable=False, server_default="0"),
)
_tabs = sa.Table(
    "sheet_tabs",
    METADATA,
    sa.Column("spreadsheet", sa.Text, primary_key=True),
    sa.Column("title", sa.Text, primary_key=True),
    sa.Column("tab", sa.BigInteger, nullable=False),
)
_words = sa.Table(
    "sheet_words",
    METADATA,
    sa.Column("spreadsheet", sa.Text, primary_key=True),
    sa.Column("tab", sa.BigInteger, primary_key=True),
    sa.Column("words", sa.JSON, nullable=False),
    sa.Column("is_uncertain", sa.Boolean, nullable=False),
    sa.Column("given", sa.JSON, nullable=False),
)


class TabStore:
    """The three tables; every method is one transaction and may be called from any thread."""

    def __init__(self, database: sa.Engine, *, clock: Callable[[], float] = time.time) -> None:
        self._database, self._clock = database, clock
        self._insert = (postgresql if database.dialect.name == "postgresql" else sqlite).insert
        words = self._insert(_words)
        new = {name: words.excluded[name] for name in ("words", "is_uncertain", "given")}
        self._remember_words = words.on_conflict_do_update(index_elements=["spreadsheet", "tab"], set_=new)
        self._owner = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        create_tables(database)

    def take_over(self, spreadsheet: str) -> None:
        """Look after a spreadsheet from now on, whoever did before: the door's lease is ours (see bot.store.leases)."""
        mine = {"owner": self._owner, "until": self._clock()}
        insert = self._insert(_leases).values(spreadsheet=spreadsheet, **mine)
        with self._database.begin() as connection:
            connection.execute(insert.on_conflict_do_update(index_elements=["spreadsheet"], set_=mine))

    def is_ours(self, spreadsheet: str) -> bool:
        """Whether nobody has taken over meanwhile: a process that froze and thaws must touch the sheet no more."""
        owner = sa.select(_leases.c.owner).where(_leases.c.spreadsheet == spreadsheet)
        with self._database.connect() as connection:
            return connection.execute(owner).scalar() == self._owner

    def release(self, spreadsheet: str) -> None:
        """Let others take over at once."""
        mine = (_leases.c.spreadsheet == spreadsheet) & (_leases.c.owner == self._owner)
        with self._database.begin() as connection:
            connection.execute(sa.delete(_leases).where(mine))

    def ring(self, spreadsheet: str) -> None:
        """Ask whoever looks after this spreadsheet to look now."""
        with self._database.begin() as connection:
            more = sa.update(_leases).values(rings=_leases.c.rings + 1)
            connection.execute(more.where(_leases.c.spreadsheet == spreadsheet))

    def rings(self, spreadsheet: str) -> int:
        """How often it was asked to."""
        query = sa.select(_leases.c.rings).where(_leases.c.spreadsheet == spreadsheet)
        with self._database.connect() as connection:
            return connection.execute(query).scalar() or 0

    def tab(self, spreadsheet: str, title: str) -> int | None:
        """The sheetId that a tab of this name had when it was last found."""
        query = sa.select(_tabs.c.tab).where(_tabs.c.spreadsheet == spreadsheet, _tabs.c.title == title)
        with self._database.connect() as connection:
            return connection.execute(query).scalar()

    def remember_tab(self, spreadsheet: str, title: str, tab: int) -> None:
        """This name means that sheetId, whatever the tab will be called."""
        insert = self._insert(_tabs).values(spreadsheet=spreadsheet, title=title, tab=tab)
        with self._database.begin() as connection:
            connection.execute(insert.on_conflict_do_update(index_elements=["spreadsheet", "title"], set_={"tab": tab}))

    def before(self, spreadsheet: str, tab: int) -> Before:
        """What stood in this tab before the last write."""
        query = sa.select(_words).where(_words.c.spreadsheet == spreadsheet, _words.c.tab == tab)
        with self._database.connect() as connection:
            row = connection.execute(query).first()
        if row is None:
            return Before()
        words, rows = _words_of(row.words)
        given = tuple(Given(fingerprint, tuple(outputs), until) for fingerprint, outputs, until in row.given)
        return Before(words, rows, bool(row.is_uncertain), given)

    def remember_before(self, spreadsheet: str, tab: int, before: Before) -> None:
        """Keep what stands there, so that a write that hits it by mistake can be undone even after a crash."""
        plain = {
            fingerprint: {"rows": before.rows.get(fingerprint, 0), "contents": _plain(contents)}
            for fingerprint, contents in before.words.items()
        }
        given = [[one.fingerprint, list(one.outputs), one.until] for one in before.given]
        row = {"words": plain, "is_uncertain": before.is_uncertain, "given": given}
        with self._database.begin() as connection:
            connection.execute(self._remember_words, {"spreadsheet": spreadsheet, "tab": tab, **row})


def _plain(contents: Counter[Content]) -> list[list[Any]]:
    return [[list(outputs), status, count] for (outputs, status), count in contents.items()]


def _words_of(kept: Mapping[str, Any]) -> tuple[dict[str, Counter[Content]], dict[str, int]]:
    """People's words, and in how many rows their questions stood; earlier versions kept a list of words alone."""
    found = {
        fingerprint: one if isinstance(one, dict) else {"rows": 0, "contents": one} for fingerprint, one in kept.items()
    }
    words = {
        fingerprint: Counter({(tuple(outputs), status): count for outputs, status, count in one["contents"]})
        for fingerprint, one in found.items()
    }
    return words, {fingerprint: one["rows"] for fingerprint, one in found.items()}
