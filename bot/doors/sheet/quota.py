"""The quota of one credential, shared by all its spreadsheets and processes through the database."""

from __future__ import annotations

import time
from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bot.store.creation import create_tables
from bot.store.schema import METADATA

CALLS_PER_MINUTE = 50.0
"""Of 60 reads and 60 writes. Source: https://developers.google.com/workspace/sheets/api/limits"""

KINDS = ("read", "write")
BURST = 9.0
"""Calls at once after a rest: with those that flow in meanwhile, any 60 seconds hold at most 59."""

_quota = sa.Table(
    "sheet_quota",
    METADATA,
    sa.Column("credential", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("left", sa.Float, nullable=False),
    sa.Column("at", sa.Float, nullable=False),
)


def after_taking(left: float, at: float, now: float) -> tuple[float, float]:
    """(calls left after one more, 0.0), or (calls left, seconds to wait) when there is none to take."""
    rate = CALLS_PER_MINUTE / 60.0
    filled = min(BURST, left + max(0.0, now - at) * rate)
    if filled >= 1.0:
        return filled - 1.0, 0.0
    return filled, (1.0 - filled) / rate


class NoQuota:
    """`bot check` makes a handful of calls; it does not wait for its turn."""

    def take(self, kind: str) -> float:
        """Always at once."""
        del kind
        return 0.0


class Quota:
    """Two token buckets, for reads and writes. `clock` gives seconds since 1970: it is shared by processes."""

    def __init__(self, database: sa.Engine, credential: str, *, clock: Callable[[], float] = time.time) -> None:
        self._database, self._credential, self._clock = database, credential, clock
        self._insert = (postgresql if database.dialect.name == "postgresql" else sqlite).insert
        create_tables(database)
        with database.begin() as connection:
            first = [{"credential": credential, "kind": kind, "left": BURST, "at": clock()} for kind in KINDS]
            connection.execute(self._insert(_quota).on_conflict_do_nothing(), first)

    def take(self, kind: str) -> float:
        """Take one call and return 0.0, or the seconds to wait before asking again."""
        mine = (_quota.c.credential == self._credential) & (_quota.c.kind == kind)
        with self._database.begin() as connection:
            # A write first: two processes must not both read the same last call.
            connection.execute(sa.update(_quota).where(mine).values(kind=kind))
            row = connection.execute(sa.select(_quota).where(mine)).one()
            now = self._clock()
            left, wait_s = after_taking(row.left, row.at, now)
            connection.execute(sa.update(_quota).where(mine).values(left=left, at=now))
        return wait_s
