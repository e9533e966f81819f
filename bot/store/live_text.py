"""What is there so far of answers that are being written, in pieces: so that other processes can show them growing.

A piece takes the place of everything from its start on. Losing the last ones in a power cut loses nothing: the answer
itself is kept with its receipt, and whoever writes it again begins with a new first piece.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from bot.store.creation import create_tables
from bot.store.schema import METADATA, receipts
from bot.store.statements import Statement

_pieces = sa.Table(
    "live_text",
    METADATA,
    sa.Column("event_id", sa.Text, primary_key=True),
    sa.Column("number", sa.BigInteger, primary_key=True),
    sa.Column("start", sa.BigInteger, nullable=False),  # in characters
    sa.Column("text", sa.Text, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Piece:
    """`text` stands from the character `start` of its event's answer on. `number` grows; 0 while it is not kept."""

    event_id: str
    start: int
    text: str
    number: int = 0


class LiveTextStore:
    """The table; every method is one transaction, and may be called from any thread."""

    def __init__(self, database: sa.Engine) -> None:
        self._database = database
        create_tables(database)

    def append(self, pieces: Sequence[Piece]) -> None:
        """Keep these after what is there."""
        with self._unsynced() as connection:
            for piece in pieces:
                _APPEND.run(connection, {"to": piece.event_id, "at": piece.start, "new": piece.text})

    def after(self, numbers: Mapping[str, int]) -> list[Piece]:
        """The pieces of these events after the number given for each (0: all), in order."""
        with self._database.connect() as connection:
            return [
                Piece(**row)
                for event_id, number in numbers.items()
                for row in _AFTER.run(connection, {"to": event_id, "after": number}).mappings()
            ]

    def remove(self, event_ids: Sequence[str]) -> None:
        """Forget what was there of these."""
        with self._unsynced() as connection:
            connection.execute(sa.delete(_pieces).where(_pieces.c.event_id.in_(event_ids)))

    def sweep(self) -> None:
        """Forget what a crash left of events that have ended since."""
        is_open = sa.select(receipts.c.id).where(receipts.c.id == _pieces.c.event_id, receipts.c.finished_at.is_(None))
        with self._unsynced() as connection:
            connection.execute(sa.delete(_pieces).where(~is_open.exists()))

    @contextlib.contextmanager
    def _unsynced(self) -> Iterator[sa.Connection]:
        """A transaction that waits for no disk."""
        with self._database.connect() as connection:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql("SET LOCAL synchronous_commit = off")
                yield connection
                connection.commit()
                return
            connection.exec_driver_sql("PRAGMA synchronous=NORMAL")
            try:
                yield connection
                connection.commit()
            finally:
                connection.rollback()
                connection.exec_driver_sql("PRAGMA synchronous=FULL")


_OF = _pieces.c.event_id == sa.bindparam("to", type_=sa.Text)
# One for each event: few are being written at a time, and a statement that names them all is another one each time.
_AFTER = Statement(
    sa.select(_pieces)
    .where(_OF, _pieces.c.number > sa.bindparam("after", type_=sa.BigInteger))
    .order_by(_pieces.c.number)
)
_APPEND = Statement(
    sa.insert(_pieces).from_select(
        ["event_id", "number", "start", "text"],
        sa.select(
            sa.bindparam("to", type_=sa.Text),
            sa.func.coalesce(sa.func.max(_pieces.c.number), 0) + 1,
            sa.bindparam("at", type_=sa.BigInteger),
            sa.bindparam("new", type_=sa.Text),
        ).where(_OF),
    )
)
