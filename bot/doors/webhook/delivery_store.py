"""What is remembered of deliveries, in tables of their own: which came already, with what body, and their files."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bot.doors.webhook.callback_store import CallbackStore
from bot.store.creation import create_tables
from bot.store.schema import METADATA, receipts
from bot.store.statements import Statement
from bot.text import name_text

INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
REMEMBERED_S = 7 * 86_400.0
"""A delivery is remembered for so long at least, also when its receipt is forgotten before."""
SURELY_LATER_S = 3_600.0

_deliveries = sa.Table(
    "hook_deliveries",
    METADATA,
    sa.Column("hook", sa.Text, primary_key=True),
    sa.Column("delivery", sa.Text, primary_key=True),  # a hash of what its sender calls it
    sa.Column("body_sha256", sa.Text, nullable=False),
    sa.Column("event_id", sa.Text, nullable=False),
    sa.Column("seen_at", sa.Float, nullable=False),  # seconds since 1970
    sa.Index("hook_deliveries_by_time", "seen_at"),
)
_files = sa.Table(
    "hook_files",
    METADATA,
    sa.Column("event_id", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("data", sa.LargeBinary, nullable=False),
)


@dataclass(frozen=True, slots=True)
class File:
    """A file that came along. Its name is for people, and made sound here; nothing is opened by it."""

    name: str
    data: bytes

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", name_text(self.name))


@dataclass(frozen=True, slots=True)
class Known:
    """A delivery that is remembered: the body it came with, as a hash ("": not compared), and the event it became.

    `seen_at` in seconds since 1970. `is_forgotten`: the receipt of that event is kept no more.
    """

    body_sha256: str
    event_id: str
    seen_at: float
    is_forgotten: bool = False


class DeliveryStore:
    """The tables, and that of the `callbacks` that are owed; usable from any thread.

    What takes a connection is part of its caller's transaction.
    """

    def __init__(self, database: sa.Engine) -> None:
        self.database, self.callbacks = database, CallbackStore(database)
        create_tables(database)

    def remember(self, connection: sa.Connection, hook: str, delivery: str, known: Known) -> Known | None:
        """Remember a delivery; what was remembered under this name before, which changes nothing."""
        values = {"hook": hook, "delivery": delivery, "seen_at": known.seen_at}
        values |= {"body_sha256": known.body_sha256, "event_id": known.event_id}
        is_new = _REMEMBER[connection.dialect.name].run(connection, values).first() is not None
        return None if is_new else self._known(connection, hook, delivery)

    def _known(self, connection: sa.Connection, hook: str, delivery: str) -> Known:
        received = sa.select(receipts.c.received_at).where(receipts.c.id == _deliveries.c.event_id).scalar_subquery()
        row = connection.execute(sa.select(_deliveries, received.label("received_at")).where(_is(hook, delivery))).one()
        # Within its own transaction a repeated event stands there anew: then it came long after its delivery did.
        is_forgotten = row.received_at is None or row.received_at > row.seen_at + SURELY_LATER_S
        return Known(row.body_sha256, row.event_id, row.seen_at, is_forgotten)

    def is_known(self, hook: str, delivery: str) -> bool:
        """Whether anything is remembered under this name."""
        with self.database.connect() as connection:
            return connection.execute(sa.select(_deliveries.c.hook).where(_is(hook, delivery))).first() is not None

    def keep_files(self, connection: sa.Connection, event_id: str, files: Sequence[File]) -> None:
        """Keep what came along with an event; what is there changes nothing."""
        rows = [
            {"event_id": event_id, "number": number, "name": file.name, "data": file.data}
            for number, file in enumerate(files)
        ]
        connection.execute(INSERT[connection.dialect.name](_files).on_conflict_do_nothing(), rows)

    def files(self, event_id: str) -> list[File]:
        """The files that came with an event, in order."""
        query = sa.select(_files.c.name, _files.c.data).where(_files.c.event_id == event_id).order_by(_files.c.number)
        with self.database.connect() as connection:
            return [File(row.name, bytes(row.data)) for row in connection.execute(query)]

    def forget(self, now_s: float | None = None) -> int:
        """Forget deliveries and files whose receipts are forgotten, and which are old enough; returns how many."""
        before_s = (time.time() if now_s is None else now_s) - REMEMBERED_S
        gone = sa.select(receipts.c.id).where(receipts.c.id == _deliveries.c.event_id).exists()
        lost = sa.select(receipts.c.id).where(receipts.c.id == _files.c.event_id).exists()
        with self.database.begin() as connection:
            connection.execute(sa.delete(_files).where(~lost))
            old = sa.delete(_deliveries).where(_deliveries.c.seen_at < before_s, ~gone)
            return int(connection.execute(old).rowcount)


def _is(hook: str, delivery: str) -> sa.ColumnElement[bool]:
    return sa.and_(_deliveries.c.hook == hook, _deliveries.c.delivery == delivery)


_REMEMBER = {
    name: Statement(
        insert(_deliveries)
        .values({column.name: sa.bindparam(column.name) for column in _deliveries.c})
        .on_conflict_do_nothing()
        .returning(_deliveries.c.hook)
    )
    for name, insert in INSERT.items()
}
