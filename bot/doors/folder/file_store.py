"""What is remembered of watched folders, in tables of their own: every file ever seen to, and the roots.

`folder_files` outlives every receipt: a file answered a year ago is not answered again because its receipt is gone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bot.doors.folder.filenames import from_text, to_text
from bot.doors.folder.reasons import DENIED
from bot.doors.folder.signature import Signature
from bot.store.creation import create_tables
from bot.store.schema import METADATA
from bot.store.statements import Statement

INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
MOST_NAMED = 1000
"""Values named in one statement; databases allow 32,766 and more."""

_roots = sa.Table(
    "folder_roots",
    METADATA,
    sa.Column("root", sa.Text, primary_key=True),
    sa.Column("first_started_at", sa.Float, nullable=False),
)
_files = sa.Table(
    "folder_files",
    METADATA,
    sa.Column("watch", sa.Text, primary_key=True),
    sa.Column("root", sa.Text, nullable=False, index=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("signature", sa.Text, nullable=False, index=True),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("order_ns", sa.BigInteger, nullable=False),
    sa.Column("outcome", sa.Text, nullable=False),
)
_claims = sa.Table(
    "folder_claims",
    METADATA,
    sa.Column("event_id", sa.Text, primary_key=True),
    sa.Column("event", sa.JSON, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("copy", sa.Text, nullable=False),
    sa.Column("claimed_at", sa.Float, nullable=False),
    sa.Column("is_handed_over", sa.Boolean, nullable=False, index=True),
)
"""Events on their way to the engine, which version 0.1.0 kept here; nothing is added any more."""


@dataclass(frozen=True, slots=True)
class KnownFile:
    """The latest version of a name that was seen to; `sha256` is "" when it was not read.

    `outcome` is "claimed" (it became an event), "moved" (it was known under another name), or a reason's code.
    """

    watch: str
    root: str
    name: str
    signature: Signature
    sha256: str
    order_ns: int
    outcome: str


@dataclass(frozen=True, slots=True)
class Claim:
    """An event that version 0.1.0 took and did not hand over, as plain JSON; with a `reason` it is only skipped."""

    event_id: str
    event: dict[str, object]
    reason: str
    copy: str


class FileStore:
    """The tables; every method is one transaction, unless it is given one, and may be called from any thread."""

    def __init__(self, database: sa.Engine) -> None:
        self._database = database
        create_tables(database)

    def is_first_start(self, root: str) -> bool:
        """Whether this root was never watched before."""
        query = sa.select(_roots.c.root).where(_roots.c.root == to_text(root))
        with self._database.begin() as connection:
            return connection.execute(query).first() is None

    def known(self, root: str) -> dict[str, Signature]:
        """The signature of every name seen to; without those that a change of permission may still save."""
        query = sa.select(_files.c.name, _files.c.signature)
        query = query.where(_files.c.root == to_text(root), _files.c.outcome != DENIED.code)
        with self._database.begin() as connection:
            return {from_text(row.name): _signature(row.signature) for row in connection.execute(query)}

    def files(self, watches: Sequence[str]) -> dict[str, KnownFile]:
        """What is known of these names, by watch id."""
        parts = (watches[at : at + MOST_NAMED] for at in range(0, len(watches), MOST_NAMED))
        return {known.watch: known for part in parts for known in self._select(_files.c.watch.in_(part))}

    def twins(self, root: str, signatures: Sequence[Signature]) -> list[KnownFile]:
        """Files below `root` that had one of these signatures, under whatever name."""
        marks = [_mark(signature) for signature in signatures]
        return self._select((_files.c.root == to_text(root)) & _files.c.signature.in_(marks))

    def names_of(self, root: str, sha256: str) -> list[str]:
        """The names below `root` under which this content is known."""
        return [known.name for known in self._select((_files.c.root == to_text(root)) & (_files.c.sha256 == sha256))]

    def _select(self, condition: sa.ColumnElement[bool]) -> list[KnownFile]:
        with self._database.begin() as connection:
            return [_known(row) for row in connection.execute(sa.select(_files).where(condition))]

    def record(self, files: Sequence[KnownFile]) -> None:
        """Remember these files."""
        if files:
            with self._database.begin() as connection:
                self.write(connection, files)

    def write(self, connection: sa.Connection, files: Sequence[KnownFile]) -> None:
        """Remember these files in the caller's transaction."""
        for file in files:
            _KEEP[connection.dialect.name].run(connection, _row(file))

    def begin(self, root: str, at: float) -> None:
        """This root is watched from now on (`at`, seconds since 1970): what was there before has been seen to."""
        row = {"root": to_text(root), "first_started_at": at}
        with self._database.begin() as connection:
            connection.execute(INSERT[connection.dialect.name](_roots).on_conflict_do_nothing(), row)

    def waiting_claims(self) -> list[Claim]:
        """What version 0.1.0 left behind, oldest first."""
        query = sa.select(_claims).where(_claims.c.is_handed_over.is_(False))
        with self._database.begin() as connection:
            rows = connection.execute(query.order_by(_claims.c.claimed_at, _claims.c.event_id))
            return [Claim(row.event_id, row.event, row.reason, row.copy) for row in rows]

    def forget_claim(self, connection: sa.Connection, event_id: str) -> None:
        """The event of this claim is durable, in the caller's transaction."""
        connection.execute(sa.delete(_claims).where(_claims.c.event_id == event_id))


def _keep(dialect: str) -> Statement:
    insert = INSERT[dialect](_files).values({column.name: sa.bindparam(column.name) for column in _files.c})
    changed = {name: insert.excluded[name] for name in ("signature", "sha256", "order_ns", "outcome")}
    return Statement(insert.on_conflict_do_update(index_elements=["watch"], set_=changed))


_KEEP = {dialect: _keep(dialect) for dialect in INSERT}


def _mark(signature: Signature) -> str:
    return ":".join(map(str, signature))


def _signature(mark: str) -> Signature:
    return Signature(*map(int, mark.split(":")))


def _row(file: KnownFile) -> dict[str, object]:
    names = {"root": to_text(file.root), "name": to_text(file.name), "signature": _mark(file.signature)}
    rest = {"watch": file.watch, "sha256": file.sha256, "order_ns": file.order_ns, "outcome": file.outcome}
    return names | rest


def _known(row: sa.Row[tuple[object, ...]]) -> KnownFile:
    names = (row.watch, from_text(row.root), from_text(row.name))
    return KnownFile(*names, _signature(row.signature), row.sha256, row.order_ns, row.outcome)
