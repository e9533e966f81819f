"""What rules have read for their answers: nothing is left out after a failed run, nothing comes twice after a good one.

What a run reads is kept as pending before Claude is asked, and becomes seen in the transaction that makes its event
answered. A run that fails leaves it pending, which counts for nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bot.store.creation import create_tables
from bot.store.schema import METADATA, receipts
from bot.store.statements import Statement

_INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
MOST_NAMED = 500
"""Values named in one statement."""

_pending = sa.Table(
    "reads_pending",
    METADATA,
    sa.Column("event", sa.Text, primary_key=True),
    sa.Column("source", sa.Text, primary_key=True),  # as the rule names it; "" for the run itself
    sa.Column("item", sa.Text, primary_key=True),
    sa.Column("rule", sa.Text, nullable=False),
    sa.Column("at", sa.Float, nullable=False),  # the event's own time, in seconds since 1970
)
_seen = sa.Table(
    "reads_seen",
    METADATA,
    sa.Column("rule", sa.Text, primary_key=True),
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("item", sa.Text, primary_key=True),
    sa.Column("at", sa.Float, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a rule that reads: its event, and when that was (seconds since 1970)."""

    event: str
    rule: str
    at: float


class Reads:
    """The tables; usable from any thread and any process."""

    def __init__(self, database: sa.Engine) -> None:
        self._database = database
        create_tables(database)

    def last_run(self, rule: str, before: float) -> datetime | None:
        """When the rule's last run that was answered was, of those before that time; None when there is none."""
        mine = (_seen.c.rule == rule) & (_seen.c.source == "") & (_seen.c.at < before)
        with self._database.connect() as connection:
            at = connection.execute(sa.select(sa.func.max(_seen.c.at)).where(mine)).scalar()
        return None if at is None else datetime.fromtimestamp(at, UTC)

    def seen(self, rule: str, source: str, items: Sequence[str]) -> set[str]:
        """Those of these items that a run of this rule has told already."""
        mine = (_seen.c.rule == rule) & (_seen.c.source == source)
        found: set[str] = set()
        with self._database.connect() as connection:
            for at in range(0, len(items), MOST_NAMED):
                part = mine & _seen.c.item.in_(list(items[at : at + MOST_NAMED]))
                found |= set(connection.execute(sa.select(_seen.c.item).where(part)).scalars())
        return found

    def begin(self, run: Run, items: Mapping[str, Sequence[str]]) -> None:
        """Keep what a run reads, by its source; what an earlier try of it had read is forgotten."""
        rows = [(source, item) for source, its in items.items() for item in dict.fromkeys(its)]
        values = [
            {"event": run.event, "rule": run.rule, "at": run.at, "source": source, "item": item}
            for source, item in [("", ""), *rows]
        ]
        with self._database.begin() as connection:
            connection.execute(sa.delete(_pending).where(_pending.c.event == run.event))
            connection.execute(sa.insert(_pending), values)


def settle(connection: sa.Connection, event_id: str) -> None:
    """What this event's run has read is seen from now on, in the transaction that makes it answered."""
    rows = _READ.run(connection, {"event_id": event_id}).mappings().all()
    for row in rows:
        item = row["item"] if row["source"] else event_id
        values = {"rule": row["rule"], "source": row["source"], "item": item, "at": row["at"]}
        connection.execute(_INSERT[connection.dialect.name](_seen).on_conflict_do_nothing(), values)
    if rows:
        connection.execute(sa.delete(_pending).where(_pending.c.event == event_id))


def forget(connection: sa.Connection) -> None:
    """What is known of events that are forgotten, in the caller's transaction; each rule's last run stays."""
    is_known = sa.select(receipts.c.id).where(receipts.c.id == _pending.c.event).exists()
    connection.execute(sa.delete(_pending).where(~is_known))
    other = _seen.alias()
    last = sa.select(sa.func.max(other.c.at)).where(other.c.rule == _seen.c.rule, other.c.source == "")
    is_old_run = (_seen.c.source == "") & (_seen.c.at < last.scalar_subquery())
    is_event = sa.or_(is_old_run, _seen.c.source.startswith("events:"))
    is_kept = sa.select(receipts.c.id).where(receipts.c.id == _seen.c.item).exists()
    connection.execute(sa.delete(_seen).where(is_event, ~is_kept))


_READ = Statement(
    sa.select(*(_pending.c[name] for name in ("rule", "source", "item", "at"))).where(
        _pending.c.event == sa.bindparam("event_id")
    )
)
