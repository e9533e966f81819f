"""What became of answers at the places that their rules name, one row for each place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bot.events import Delivery
from bot.store.creation import create_tables
from bot.store.schema import METADATA, receipts

_INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}

_deliveries = sa.Table(
    "deliveries",
    METADATA,
    sa.Column("event", sa.Text, primary_key=True),
    sa.Column("place", sa.Text, primary_key=True),  # as the rule names it
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("link", sa.Text, nullable=False),
    sa.Column("thread", sa.Text, nullable=False),
    sa.Index("deliveries_by_thread", "thread"),
)
_SHOWN = [_deliveries.c[name] for name in ("place", "state", "reason", "link")]


class Deliveries:
    """The table; usable from any thread and any process."""

    def __init__(self, database: sa.Engine) -> None:
        self._database = database
        create_tables(database)

    def of(self, event_ids: Sequence[str]) -> dict[str, tuple[Delivery, ...]]:
        """Those of these events, by id, in the order of the rule."""
        found: dict[str, tuple[Delivery, ...]] = {}
        mine = _deliveries.c.event.in_(list(event_ids))
        query = sa.select(_deliveries.c.event, *_SHOWN).where(mine).order_by(_deliveries.c.number)
        with self._database.connect() as connection:
            for event_id, *shown in connection.execute(query):
                found[event_id] = (*found.get(event_id, ()), Delivery(*shown))
        return found

    def keep(self, event_id: str, number: int, delivery: Delivery, thread: str = "") -> None:
        """Write what became of the answer at one place; `thread` is the one there that belongs to it."""
        state = {"state": delivery.state, "reason": delivery.reason, "link": delivery.link, "thread": thread}
        with self._database.begin() as connection:
            insert = _INSERT[connection.dialect.name](_deliveries).values(
                event=event_id, place=delivery.to, number=number, **state
            )
            connection.execute(insert.on_conflict_do_update(index_elements=["event", "place"], set_=state))

    @staticmethod
    def forget(connection: sa.Connection) -> None:
        """Those of events that are forgotten, in the caller's transaction."""
        kept = sa.select(receipts.c.id).where(receipts.c.id == _deliveries.c.event).exists()
        connection.execute(sa.delete(_deliveries).where(~kept))

    def event_in(self, thread: str) -> str:
        """The event whose answer stands at the head of this thread; "" where none of ours does."""
        query = sa.select(_deliveries.c.event).where(_deliveries.c.thread == thread).limit(1)
        with self._database.connect() as connection:
            return connection.execute(query).scalar() or ""
