"""What is remembered of schedules, in a table of their own: until when each has been seen to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bot.store.creation import create_tables
from bot.store.schema import METADATA

_INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}

_schedules = sa.Table(
    "schedules",
    METADATA,
    sa.Column("rule", sa.Text, primary_key=True),
    sa.Column("cron", sa.Text, nullable=False),
    sa.Column("zone", sa.Text, nullable=False),
    sa.Column("done_until", sa.Float, nullable=False),  # seconds since 1970
)


@dataclass(frozen=True, slots=True)
class Kept:
    """How far a rule's schedule was seen to: every instant of this line up to `done_until` (seconds since 1970)."""

    rule: str
    cron: str
    zone: str
    done_until: float


class ScheduleStore:
    """The table; every method is one transaction, unless it is given one, and may be called from any thread."""

    def __init__(self, database: sa.Engine) -> None:
        self._database = database
        create_tables(database)

    def all(self) -> dict[str, Kept]:
        """Every schedule that was ever begun, by its rule."""
        with self._database.connect() as connection:
            return {row.rule: Kept(*row) for row in connection.execute(sa.select(_schedules))}

    def begin(self, kept: Kept) -> Kept:
        """Keep a first start; returns what is kept, which is another process's if that came first."""
        with self._database.begin() as connection:
            insert = _INSERT[connection.dialect.name](_schedules).on_conflict_do_nothing()
            connection.execute(insert, {name: getattr(kept, name) for name in (column.name for column in _schedules.c)})
            row = connection.execute(sa.select(_schedules).where(_schedules.c.rule == kept.rule)).one()
        return Kept(*row)

    def done(self, connection: sa.Connection, rule: str, until: float) -> None:
        """An instant was seen to, in the caller's transaction; an older one changes nothing."""
        mine = (_schedules.c.rule == rule) & (_schedules.c.done_until < until)
        connection.execute(sa.update(_schedules).where(mine).values(done_until=until))

    def change(self, kept: Kept, *, cron: str = "", zone: str = "", done_until: float) -> Kept:
        """Go on with another line from `done_until` on, or with the same one after a clock that was wrong."""
        new = replace(kept, cron=cron or kept.cron, zone=zone or kept.zone, done_until=done_until)
        values = {"cron": new.cron, "zone": new.zone, "done_until": done_until}
        with self._database.begin() as connection:
            connection.execute(sa.update(_schedules).where(_schedules.c.rule == kept.rule).values(values))
        return new
