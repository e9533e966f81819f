"""A row for each door: how it does, told by the process that runs it, read by every process that is asked."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bot.errors import PROGRAM
from bot.events import Health
from bot.store.clock import shared_now
from bot.store.database import is_held, sqlite_file
from bot.store.schema import door_health, workers

SILENT_S = 10.0
"""A row that nobody has told anew for so long: nobody runs that door."""
WORKER_SILENT_S = 15.0


@dataclass(frozen=True, slots=True)
class Told:
    """What the database knows of a door: how it did when `runner` ("": it ended) told so, `silent_s` seconds ago."""

    runner: str
    health: Health
    told_at: datetime
    silent_s: float

    @property
    def is_run(self) -> bool:
        """Whether a process runs this door, as far as the database knows."""
        return bool(self.runner) and 0 <= self.silent_s <= SILENT_S

    def now(self) -> Health:
        """How it does now, as far as the database knows."""
        if self.is_run:
            return self.health
        words = f"No process runs this door since {self.told_at:%d %b %Y %H:%M:%S} UTC."
        return replace(self.health, ok=False, words=words)


NEVER = Health(ok=False, words=f"No process runs this door: start one with `{PROGRAM} run --role triggers`.")


class HealthRows:
    """Usable from any thread. `clock` counts seconds since 1970, for words only."""

    def __init__(self, database: sa.Engine, *, clock: Callable[[], float] = time.time) -> None:
        self._database, self._clock = database, clock
        self._insert = (postgresql if database.dialect.name == "postgresql" else sqlite).insert

    def tell(self, connection: sa.Connection, runner: str, doors: Mapping[str, Health]) -> None:
        """Write how the doors do that `runner` runs, in one statement within the caller's transaction."""
        now, told_at = shared_now(self._database), self._clock()
        rows = [
            {
                "door": door,
                "runner": runner,
                "ok": health.ok,
                "words": health.words,
                "heard_at": _seconds(health.heard_at),
                "last_event_at": _seconds(health.last_event_at),
                "told_at": told_at,
                "beat": now,
            }
            for door, health in sorted(doors.items())
        ]
        new = self._insert(door_health).values(rows)
        changes = {column: new.excluded[column] for column in ("runner", "ok", "words", "told_at", "beat")}
        times = {column: _later(new.excluded, column) for column in ("heard_at", "last_event_at")}
        connection.execute(new.on_conflict_do_update(index_elements=["door"], set_={**changes, **times}))

    def tell_heard(self, connection: sa.Connection, door: str, health: Health) -> None:
        """A door was heard through its routes, by a process that does not run it: move on its times, nothing else."""
        for column in (door_health.c.heard_at, door_health.c.last_event_at):
            at = _seconds(getattr(health, column.name))
            if at is not None:
                is_later = sa.or_(column.is_(None), column < at)
                newer = sa.update(door_health).where(door_health.c.door == door, is_later).values({column.name: at})
                connection.execute(newer)

    def tell_ended(self, runner: str) -> None:
        """`runner` runs no door any more."""
        with self._database.begin() as connection:
            mine = sa.update(door_health).where(door_health.c.runner == runner)
            connection.execute(mine.values(runner="", told_at=self._clock()))

    def read(self) -> dict[str, Told]:
        """Every door that was ever told of."""
        silent_s = (shared_now(self._database) - door_health.c.beat).label("silent_s")
        with self._database.connect() as connection:
            rows = connection.execute(sa.select(door_health, silent_s)).all()
        return {row.door: _told(row) for row in rows}

    def workers(self) -> int:
        """How many workers answer events now, as far as the database knows; on SQLite there is one or none."""
        file = sqlite_file(self._database.url.render_as_string(hide_password=False))
        if file is not None:
            return int(is_held(file))
        alive = workers.c.seen_at > sa.func.now() - sa.func.make_interval(0, 0, 0, 0, 0, 0, WORKER_SILENT_S)
        with self._database.connect() as connection:
            return connection.execute(sa.select(sa.func.count()).select_from(workers).where(alive)).scalar() or 0


def latest(*moments: datetime | None) -> datetime | None:
    """The latest of these moments; None when there is none."""
    return max((moment for moment in moments if moment is not None), default=None)


def _later(new: sa.ColumnCollection[str, sa.ColumnElement[object]], column: str) -> sa.ColumnElement[object]:
    """The later of two times, unless the one of before lies in the future: then a clock was wrong."""
    before = door_health.c[column]
    is_newer = sa.or_(before.is_(None), new[column] > before, before > new["told_at"] + 60.0)
    return sa.case((is_newer, new[column]), else_=before)


def _told(row: sa.Row[tuple[object, ...]]) -> Told:
    health = Health(bool(row.ok), str(row.words), _moment(row.heard_at), _moment(row.last_event_at))
    told_at = datetime.fromtimestamp(row.told_at, UTC)
    return Told(str(row.runner), health, told_at, float(row.silent_s))


def _seconds(moment: datetime | None) -> float | None:
    return moment.timestamp() if moment is not None else None


def _moment(at_s: float | None) -> datetime | None:
    return datetime.fromtimestamp(at_s, UTC) if at_s is not None else None
