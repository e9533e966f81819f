"""What the folder trigger remembers, in its own tables: every file ever seen to, and what is on its way.

`folder_files` outlives every receipt: a file answered a year ago is not answered again because its receipt is gone.
`folder_claims` holds each event from the moment its file was taken until it was handed over and its copy has expired.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bot.doors.folder.filenames import from_text, to_text
from bot.doors.folder.reasons import DENIED
from bot.doors.folder.signature import Signature

MOST_NAMED = 1000
"""Values named in one statement; databases allow 32,766 and more."""

_tables = sa.MetaData()
_roots = sa.Table(
    "folder_roots",
    _tables,
    sa.Column("root", sa.Text, primary_key=True),
    sa.Column("first_started_at", sa.Float, nullable=False),
)
_files = sa.Table(
    "folder_files",
    _tables,
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
    _tables,
    sa.Column("event_id", sa.Text, primary_key=True),
    sa.Column("event", sa.JSON, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("copy", sa.Text, nullable=False),
    sa.Column("claimed_at", sa.Float, nullable=False),
    sa.Column("is_handed_over", sa.Boolean, nullable=False, index=True),
)


@dataclass(frozen=True, slots=True)
class KnownFile:
    """The latest version of a name that was seen to; `sha256` is "" when it was not read."""

    watch: str
    root: str
    name: str
    signature: Signature
    sha256: str
    order_ns: int
    outcome: str


@dataclass(frozen=True, slots=True)
class Claim:
    """An event to hand over, as plain JSON; with a `reason` it is recorded as skipped, otherwise answered."""

    event_id: str
    event: dict[str, object]
    reason: str
    copy: str
    claimed_at: float


class FileStore:
    """The three tables; every method is one transaction and may be called from any thread."""

    def __init__(self, database: sa.Engine) -> None:
        self._database = database
        dialect = postgresql if database.dialect.name == "postgresql" else sqlite
        self._insert = dialect.insert
        _tables.create_all(database)

    def is_first_start(self, root: str) -> bool:
        """Whether this root was never watched before."""
        query = sa.select(_roots.c.root).where(_roots.c.root == to_text(root))
        with self._database.begin() as connection:
            return connection.execute(query).first() is None

    def known(self, root: str) -> dict[str, Signature]:
        """The signature of every name seen to; without those that a change of permission may still save."""
        query = sa.select(_files.c.name, _files.c.signature)
        query = query.where(_files.c.root == to_text(root), _files.c.outcome != DENIED)
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

    def _select(self, condition: sa.ColumnElement[bool]) -> list[KnownFile]:
        with self._database.begin() as connection:
            return [_known(row) for row in connection.execute(sa.select(_files).where(condition))]

    def record(
        self, files: Sequence[KnownFile], claims: Sequence[Claim], first_start_of: tuple[str, float] | None = None
    ) -> None:
        """Remember files and claim their events, all or nothing; a claim that stands already stays as it is."""
        with self._database.begin() as connection:
            if files:
                self._upsert_files(connection, files)
            if claims:
                insert = self._insert(_claims).on_conflict_do_nothing()
                connection.execute(insert, [_claim_row(claim) for claim in claims])
            if first_start_of:
                root, at = first_start_of
                row = {"root": to_text(root), "first_started_at": at}
                connection.execute(self._insert(_roots).on_conflict_do_nothing(), row)

    def _upsert_files(self, connection: sa.Connection, files: Sequence[KnownFile]) -> None:
        insert = self._insert(_files)
        changed = {name: insert.excluded[name] for name in ("signature", "sha256", "order_ns", "outcome")}
        upsert = insert.on_conflict_do_update(index_elements=["watch"], set_=changed)
        connection.execute(upsert, [_row(file) for file in files])

    def waiting_claims(self) -> list[Claim]:
        """Claims not handed over yet, oldest first: what a crash left behind."""
        query = sa.select(_claims).where(_claims.c.is_handed_over.is_(False))
        with self._database.begin() as connection:
            rows = connection.execute(query.order_by(_claims.c.claimed_at, _claims.c.event_id))
            return [Claim(row.event_id, row.event, row.reason, row.copy, row.claimed_at) for row in rows]

    def mark_handed_over(self, event_ids: Iterable[str]) -> None:
        """These events are durable elsewhere now."""
        change = sa.update(_claims).where(_claims.c.event_id == sa.bindparam("id")).values(is_handed_over=True)
        with self._database.begin() as connection:
            connection.execute(change, [{"id": event_id} for event_id in event_ids])

    def copies(self) -> set[str]:
        """Every private copy that a claim still speaks of."""
        with self._database.begin() as connection:
            return set(connection.execute(sa.select(_claims.c.copy).where(_claims.c.copy != "")).scalars())

    def forget_claims(self, before: float) -> None:
        """Forget the claims that were handed over and are older than `before` (seconds since 1970)."""
        old = (_claims.c.claimed_at < before) & _claims.c.is_handed_over.is_(True)
        with self._database.begin() as connection:
            connection.execute(sa.delete(_claims).where(old))


def _mark(signature: Signature) -> str:
    return ":".join(map(str, signature))


def _signature(mark: str) -> Signature:
    return Signature(*map(int, mark.split(":")))


def _row(file: KnownFile) -> dict[str, object]:
    names = {"root": to_text(file.root), "name": to_text(file.name), "signature": _mark(file.signature)}
    rest = {"watch": file.watch, "sha256": file.sha256, "order_ns": file.order_ns, "outcome": file.outcome}
    return names | rest


def _claim_row(claim: Claim) -> dict[str, object]:
    # By hand: `asdict` copies the whole event, leaf by leaf, which took half the time of a large burst.
    what = {"event_id": claim.event_id, "event": claim.event, "reason": claim.reason, "copy": claim.copy}
    return what | {"claimed_at": claim.claimed_at, "is_handed_over": False}


def _known(row: sa.Row[tuple[object, ...]]) -> KnownFile:
    names = (row.watch, from_text(row.root), from_text(row.name))
    return KnownFile(*names, _signature(row.signature), row.sha256, row.order_ns, row.outcome)
