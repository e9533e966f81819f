"""What the sheet trigger remembers besides the rows: whose turn it is, tabs by name, people's words."""

from __future__ import annotations

import os
import secrets
import socket
import time
from collections import Counter
from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bot.doors.sheet.row_store import create_tables
from triggers.sheet.planner.jobs import Before, Given

LEASE_S = 20.0
"""A process that was not heard of for so long no longer looks after its spreadsheet; others take over."""

_tables = sa.MetaData()
_leases = sa.Table(
    "sheet_leases",
    _tables,
    sa.Column("spreadsheet", sa.Text, primary_key=True),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("until", sa.Float, nullable=False),
    sa.Column("rings", sa.Integer, nullable=False, server_default="0"),
)
_tabs = sa.Table(
    "sheet_tabs",
    _tables,
    sa.Column("spreadsheet", sa.Text, primary_key=True),
    sa.Column("title", sa.Text, primary_key=True),
    sa.Column("tab", sa.BigInteger, nullable=False),
)
_words = sa.Table(
    "sheet_words",
    _tables,
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
        self._owner = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        create_tables(database, _tables)

    def hold(self, spreadsheet: str) -> bool:
        """Take or keep the lease on a spreadsheet: only its holder reads and writes there."""
        mine = {"owner": self._owner, "until": self._clock() + LEASE_S}
        insert = self._insert(_leases).values(spreadsheet=spreadsheet, **mine).on_conflict_do_nothing()
        with self._database.begin() as connection:
            connection.execute(insert)
            held = connection.execute(sa.select(_leases).where(_leases.c.spreadsheet == spreadsheet)).one()
            if held.owner != self._owner and held.until > self._clock() and not _is_dead(held.owner, self._owner):
                return False
            same = (_leases.c.spreadsheet == spreadsheet) & (_leases.c.owner == held.owner)
            return connection.execute(sa.update(_leases).where(same).values(**mine)).rowcount == 1

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
        found = {
            fingerprint: Counter({(tuple(outputs), status): count for outputs, status, count in contents})
            for fingerprint, contents in row.words.items()
        }
        given = tuple(Given(fingerprint, tuple(outputs), until) for fingerprint, outputs, until in row.given)
        return Before(found, bool(row.is_uncertain), given)

    def remember_before(self, spreadsheet: str, tab: int, before: Before) -> None:
        """Keep what stands there, so that a write that hits it by mistake can be undone even after a crash."""
        plain = {
            fingerprint: [[list(outputs), status, count] for (outputs, status), count in contents.items()]
            for fingerprint, contents in before.words.items()
        }
        given = [[one.fingerprint, list(one.outputs), one.until] for one in before.given]
        row = {"words": plain, "is_uncertain": before.is_uncertain, "given": given}
        insert = self._insert(_words).values(spreadsheet=spreadsheet, tab=tab, **row)
        new = {name: insert.excluded[name] for name in row}
        with self._database.begin() as connection:
            connection.execute(insert.on_conflict_do_update(index_elements=["spreadsheet", "tab"], set_=new))


def _is_dead(owner: str, mine: str) -> bool:
    """Whether that owner was a process of this machine that has ended: nobody needs to wait for its lease."""
    host, pid, _ = owner.rsplit(":", 2)
    my_host, my_pid, _ = mine.rsplit(":", 2)
    if host != my_host or os.name != "posix":
        return False
    if pid == my_pid:
        return True
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
