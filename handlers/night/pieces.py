"""The rows of the night lane's batches: prepared, sent, found, over; every call is one transaction."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, replace
from typing import Any, Literal

import sqlalchemy as sa

from handlers.night.tables import entries, pieces

State = Literal["prepared", "sending", "out", "over"]
MOST_NAMED = 500
"""Rows named in one statement."""
KEPT_S = 31 * 86_400.0
"""Results can be had for 29 days; after that nobody asks for a batch again."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One batch of ours. `id` is ours, `batch_id` Claude's; `anchor` was the newest batch when it was sent.

    `is_sure`: Claude gave us the name itself, or an entry of ours was seen in it.
    """

    id: str
    state: State
    count: int
    size_bytes: int
    anchor: str = ""
    batch_id: str = ""
    is_sure: bool = False
    rejected: tuple[str, ...] = ()
    since_s: float | None = None
    done: int = 0


@dataclass(frozen=True, slots=True)
class Gathered:
    """What waits for the next batch: how many, since when, and when the last one came, in seconds since 1970."""

    count: int
    oldest_s: float
    newest_s: float
    is_quick: bool


class Pieces:
    """Usable from any thread; written by the one process that runs the lane."""

    def __init__(self, database: sa.Engine) -> None:
        self._database = database

    def gathered(self) -> Gathered | None:
        """What waits for the next batch; None when nothing does."""
        oldest, newest = sa.func.min(entries.c.gathered_at), sa.func.max(entries.c.gathered_at)
        quick = sa.func.min(sa.cast(entries.c.is_quick, sa.Integer))
        asked = sa.select(sa.func.count(), oldest, newest, quick).where(entries.c.state == "gathered")
        with self._database.connect() as connection:
            count, oldest_s, newest_s, is_quick = connection.execute(asked).one()
        return Gathered(count, oldest_s, newest_s, bool(is_quick)) if count else None

    def next_ids(self, most: int) -> list[tuple[str, int]]:
        """The events that go next, the earliest first, with the size of each request in bytes."""
        asked = sa.select(entries.c.event_id, entries.c.size_bytes).where(entries.c.state == "gathered")
        with self._database.connect() as connection:
            rows = connection.execute(asked.order_by(entries.c.gathered_at, entries.c.event_id).limit(most)).all()
        return [(row.event_id, row.size_bytes) for row in rows]

    def prepare(self, event_ids: list[str], now_s: float) -> Piece | None:
        """Make a batch of these events, of those that still wait for one; None when none does."""
        piece = Piece(secrets.token_hex(6), "prepared", 0, 0)
        with self._database.begin() as connection:
            sizes: list[int] = []
            for at in range(0, len(event_ids), MOST_NAMED):
                some = event_ids[at : at + MOST_NAMED]
                mine = sa.and_(entries.c.event_id.in_(some), entries.c.state == "gathered")
                moved = sa.update(entries).where(mine).values(state="sent", piece=piece.id)
                sizes += connection.execute(moved.returning(entries.c.size_bytes)).scalars()
            if not sizes:
                return None
            piece = replace(piece, count=len(sizes), size_bytes=sum(sizes))
            row = {"id": piece.id, "state": piece.state, "size": piece.count, "size_bytes": piece.size_bytes}
            connection.execute(sa.insert(pieces).values(**row, made_at=now_s))
        return piece

    def without_withdrawn(self, piece: Piece) -> Piece | None:
        """The batch without what was taken out before it was sent; None when nothing is left of it."""
        mine = entries.c.piece == piece.id
        counted = sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(entries.c.size_bytes), 0)).where(mine)
        with self._database.begin() as connection:
            connection.execute(sa.delete(entries).where(mine, entries.c.state == "withdrawn"))
            count, size_bytes = connection.execute(counted).one()
            if not count:
                connection.execute(sa.delete(pieces).where(pieces.c.id == piece.id))
                return None
        return self.change(piece, count=count, size_bytes=int(size_bytes))

    def undo(self, piece: Piece) -> None:
        """Let the events of a batch that was not sent wait for the next one."""
        mine = entries.c.piece == piece.id
        with self._database.begin() as connection:
            connection.execute(sa.delete(entries).where(mine, entries.c.state == "withdrawn"))
            connection.execute(sa.update(entries).where(mine).values(state="gathered", piece=""))
            connection.execute(sa.delete(pieces).where(pieces.c.id == piece.id))

    def open(self) -> list[Piece]:
        """Every batch that is not over, the earliest first."""
        asked = sa.select(pieces).where(pieces.c.state != "over").order_by(pieces.c.made_at, pieces.c.id)
        with self._database.connect() as connection:
            return [_piece(row) for row in connection.execute(asked)]

    def known(self) -> set[str]:
        """Claude's names of all batches of ours."""
        with self._database.connect() as connection:
            return set(connection.execute(sa.select(pieces.c.batch_id).where(pieces.c.batch_id != "")).scalars())

    def change(self, piece: Piece, **values: Any) -> Piece:
        """Write fields of a batch; returns it as it is now."""
        changed = replace(piece, **values)
        row = {_COLUMNS.get(name, name): value for name, value in values.items()}
        if "rejected" in row:
            row["rejected"] = json.dumps(list(changed.rejected))
        with self._database.begin() as connection:
            connection.execute(sa.update(pieces).where(pieces.c.id == piece.id).values(**row))
        return changed

    def forget_old(self, now_s: float) -> None:
        """Forget batches that were over long ago."""
        old = sa.and_(pieces.c.state == "over", pieces.c.made_at < now_s - KEPT_S)
        with self._database.begin() as connection:
            connection.execute(sa.delete(pieces).where(old))

    def names(self, piece: Piece) -> list[str]:
        """The names of a batch's entries, in the order in which they are sent."""
        asked = sa.select(entries.c.name).where(entries.c.piece == piece.id).order_by(entries.c.name)
        with self._database.connect() as connection:
            return list(connection.execute(asked).scalars())

    def request(self, name: str) -> bytes:
        """The request of one entry."""
        asked = sa.select(entries.c.request).where(entries.c.name == name)
        with self._database.connect() as connection:
            return bytes(connection.execute(asked).scalar() or b"")


def fitting(sized: list[tuple[str, int]], most_bytes: int, wrapping_bytes: int) -> list[str]:
    """The first of these that fit into one batch together, one at least. Pure."""
    taken: list[str] = []
    left = most_bytes
    for event_id, size_bytes in sized:
        left -= size_bytes + wrapping_bytes
        if left < 0 and taken:
            break
        taken.append(event_id)
    return taken


_COLUMNS = {"since_s": "since", "count": "size"}


def _piece(row: sa.Row[Any]) -> Piece:
    named = (row.id, row.state, row.size, row.size_bytes, row.anchor, row.batch_id, bool(row.is_sure))
    return Piece(*named, tuple(json.loads(row.rejected)), row.since, row.done)
