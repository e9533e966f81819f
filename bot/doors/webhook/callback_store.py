"""The callbacks that are owed, in a table of their own: written with the event, paid off when its receipt was taken."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bot.store.creation import create_tables
from bot.store.schema import METADATA, receipts

INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}

_callbacks = sa.Table(
    "hook_callbacks",
    METADATA,
    sa.Column("event_id", sa.Text, primary_key=True),
    sa.Column("rule", sa.Text, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
    sa.Column("next_at", sa.Float, nullable=False, server_default="0"),  # seconds since 1970, as all times here
    sa.Column("settled_for", sa.Float, nullable=False, server_default="0"),  # the end that was told, or given up
    sa.Index("hook_callbacks_by_next", "next_at"),
)
SETTLED = 1e18
"""`next_at` of what is settled."""


@dataclass(frozen=True, slots=True)
class Owed:
    """A callback whose time has come: `tries` failed before; `finished_at` is the end of the event that it tells."""

    event_id: str
    rule: str
    tries: int
    finished_at: float

    @property
    def message_id(self) -> str:
        """What the receiver knows this message by, the same for every try."""
        return f"msg_{hashlib.sha256(f'{self.event_id} {self.finished_at}'.encode()).hexdigest()[:32]}"


class CallbackStore:
    """The table; every method is one transaction, unless it is given one, and may be called from any thread."""

    def __init__(self, database: sa.Engine) -> None:
        self._database = database
        create_tables(database)

    def owe(self, connection: sa.Connection, event_id: str, rule: str) -> None:
        """A new event whose end is to be told, in the transaction that keeps it."""
        insert = INSERT[connection.dialect.name](_callbacks).on_conflict_do_nothing()
        connection.execute(insert, {"event_id": event_id, "rule": rule})

    def due(self, now_s: float, limit: int) -> list[Owed]:
        """What is to be sent now: the longest due first."""
        chosen = sa.select(*(_callbacks.c[name] for name in ("event_id", "rule", "tries")), receipts.c.finished_at)
        chosen = chosen.join(receipts, receipts.c.id == _callbacks.c.event_id)
        chosen = chosen.where(_callbacks.c.next_at <= now_s, receipts.c.finished_at.is_not(None))
        with self._database.connect() as connection:
            rows = connection.execute(chosen.order_by(_callbacks.c.next_at).limit(limit))
            return [Owed(**row) for row in rows.mappings()]

    def reopen(self) -> int:
        """Owe again what was settled for an event that has run again since; returns how many."""
        ended = sa.select(receipts.c.id).where(
            receipts.c.id == _callbacks.c.event_id, receipts.c.finished_at > _callbacks.c.settled_for
        )
        again = sa.update(_callbacks).where(_callbacks.c.next_at == SETTLED, ended.exists())
        with self._database.begin() as connection:
            return int(connection.execute(again.values(next_at=0.0)).rowcount)

    def put_off(self, owed: Owed, next_at: float) -> None:
        """It failed; it is tried again then."""
        self._write(owed, tries=owed.tries + 1, next_at=next_at)

    def settle(self, owed: Owed) -> None:
        """It was taken, or is given up."""
        self._write(owed, tries=0, next_at=SETTLED, settled_for=owed.finished_at)

    def forget(self) -> None:
        """Forget those whose receipts are forgotten."""
        known = sa.select(receipts.c.id).where(receipts.c.id == _callbacks.c.event_id).exists()
        with self._database.begin() as connection:
            connection.execute(sa.delete(_callbacks).where(~known))

    def _write(self, owed: Owed, **values: float) -> None:
        with self._database.begin() as connection:
            connection.execute(sa.update(_callbacks).where(_callbacks.c.event_id == owed.event_id).values(**values))
