"""Which rows we began to add, in a table of their own: what a crash between writing and noting it is told by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bot.store.creation import create_tables
from bot.store.schema import GOES_WITH_EVENT, METADATA

DOUBT_S = 240.0
"""A write whose response was lost may still take effect this long: our own time limits, and the API's 180 s.
Source: https://developers.google.com/workspace/sheets/api/limits
"""

_added = sa.Table(
    "sheet_added",
    METADATA,
    sa.Column("token", sa.Text, primary_key=True),
    sa.Column("event", sa.Text, nullable=False, server_default=""),  # "" of what began before this was kept
    sa.Column("begun_at", sa.Float, nullable=False),  # seconds since 1970
    sa.Column("is_there", sa.Boolean, nullable=False),
    info={GOES_WITH_EVENT: ("event", "begun_at")},
)


@dataclass(frozen=True, slots=True)
class Begun:
    """A row whose writing has begun. `is_there`: it is known to stand in its tab, or to have stood there."""

    begun_at: float
    is_there: bool

    def is_in_doubt(self, now: float) -> bool:
        """Whether that writing may still take effect. A clock that was set back ends the doubt."""
        return 0.0 <= now - self.begun_at < DOUBT_S


class Journal:
    """The table; each method is one transaction, and may be called from any thread."""

    def __init__(self, database: sa.Engine) -> None:
        self._database = database
        self._insert = (postgresql if database.dialect.name == "postgresql" else sqlite).insert
        create_tables(database)

    def begun(self, token: str) -> Begun | None:
        """How far this row is; None: nobody has begun it."""
        query = sa.select(_added.c.begun_at, _added.c.is_there).where(_added.c.token == token)
        with self._database.connect() as connection:
            row = connection.execute(query).first()
        return Begun(*row) if row else None

    def begin(self, event_ids: Mapping[str, str], now: float) -> set[str]:
        """Note that these rows are about to be written, by token the event of each; those of them that may be.

        Left out is what stands there already, and what another process is writing or wrote a moment ago.
        """
        insert = self._insert(_added)
        is_over = (_added.c.begun_at <= now - DOUBT_S) | (_added.c.begun_at > now)
        begin = insert.on_conflict_do_update(
            index_elements=["token"], set_={"begun_at": now}, where=~_added.c.is_there & is_over
        ).returning(_added.c.token)
        with self._database.begin() as connection:
            rows = [
                {"token": token, "event": event_id, "begun_at": now, "is_there": False}
                for token, event_id in event_ids.items()
            ]
            return {str(row["token"]) for row in rows if connection.execute(begin, row).first() is not None}

    def forget(self, tokens: Iterable[str]) -> None:
        """The write was refused: nothing of it took effect."""
        self._run(sa.delete(_added).where(_added.c.token == sa.bindparam("old")), tokens)

    def note(self, tokens: Iterable[str]) -> None:
        """They stand there."""
        self._run(sa.update(_added).where(_added.c.token == sa.bindparam("old")).values(is_there=True), tokens)

    def _run(self, statement: sa.Executable, tokens: Iterable[str]) -> None:
        old = [{"old": token} for token in tokens]
        if old:
            with self._database.begin() as connection:
                connection.execute(statement, old)
