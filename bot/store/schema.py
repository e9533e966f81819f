"""Bellhop's own tables, which live in the same database as the engine's: one row for each event."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from bot.errors import SettingsError, reason_of

METADATA = sa.MetaData()


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, server_default="")


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False, server_default="0")


def _amounts() -> tuple[sa.Column[int] | sa.Column[float], ...]:
    tokens = [_number(f"{kind}_tokens") for kind in ("input", "output", "cache_read", "cache_write")]
    return (*tokens, sa.Column("cost_usd", sa.Float, nullable=False, server_default="0"))


receipts = sa.Table(
    "receipts",
    METADATA,
    # All times are seconds since 1970 (UTC): both databases order, compare and keep them alike.
    sa.Column("id", sa.Text, primary_key=True),
    *(_text(name) for name in ("source", "rule", "subject", "conversation", "person", "state", "reason", "feedback")),
    sa.Column("received_at", sa.Float, nullable=False),
    sa.Column("working_at", sa.Float),
    sa.Column("finished_at", sa.Float),
    sa.Column("updated_at", sa.Float, nullable=False),
    _number("changed"),  # a number that grows with every change of any receipt
    _number("attempts"),  # starts so far; also the fence: a run whose number is not the newest writes nothing
    _number("strikes"),  # starts since the last clean hand-back or retry; too many are poison
    _text("stopped_by"),
    _text("model"),
    *_amounts(),
    sa.Column("event", sa.Text, nullable=False),  # the event, the reply's place and the answer, each as JSON
    sa.Column("place", sa.Text),
    sa.Column("answer", sa.Text),
    sa.Index("receipts_by_change", "changed"),
    sa.Index("receipts_by_state", "state", "received_at"),
    sa.Index("receipts_by_time", "received_at"),
    sa.Index("receipts_by_end", "finished_at"),
    sa.Index("receipts_by_conversation", "conversation", "received_at"),
)

payments = sa.Table(
    "payments",
    METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    _text("event"),
    sa.Column("paid_at", sa.Float, nullable=False),
    _text("day"),  # of paid_at, UTC, as 2026-11-23
    *(_text(name) for name in ("rule", "person", "model")),
    *_amounts(),
    sa.Index("payments_by_time", "paid_at"),
)

workers = sa.Table(
    "workers",
    METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
)
"""Postgres only: the heartbeat of each worker, by the database's clock."""

leases = sa.Table(
    "leases",
    METADATA,
    sa.Column("name", sa.Text, primary_key=True),
    _text("owner"),
    sa.Column("until", sa.Float, nullable=False),  # by the clock of bot.store.clock
)
"""Who may do what only one process may do at a time, such as running a door."""

door_health = sa.Table(
    "door_health",
    METADATA,
    sa.Column("door", sa.Text, primary_key=True),
    _text("runner"),  # the process that runs it; "" when that one has ended in order
    sa.Column("ok", sa.Boolean, nullable=False),
    _text("words"),
    sa.Column("heard_at", sa.Float),
    sa.Column("last_event_at", sa.Float),
    sa.Column("told_at", sa.Float, nullable=False),  # by the teller's wall clock, for words
    sa.Column("beat", sa.Float, nullable=False),  # by the clock of bot.store.clock, to see who has fallen silent
)
"""How each door does, as told by the process that runs it."""

CHANGES = sa.Sequence("receipt_changes", metadata=METADATA)  # Postgres only: SQLite has no sequences


def create_tables(engine: sa.Engine) -> None:
    """Make what is missing; several processes may do so at the same time.

    Raises SettingsError when the database cannot be reached or written.
    """
    try:
        if not set(METADATA.tables) <= set(sa.inspect(engine).get_table_names()):
            _create(engine)
    except sa.exc.OperationalError as error:
        where = engine.url.render_as_string(hide_password=True)
        words = f"DATABASE_URL: the database {where} cannot be used ({reason_of(error)})."
        raise SettingsError(words) from None


def _create(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(7345001)"))
        else:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        METADATA.create_all(connection)


class NextChange(FunctionElement[int]):
    """The next number of change, as part of an INSERT or UPDATE: higher than every number given before.

    On SQLite writers take turns, so it also follows the order of commits.
    """

    type = sa.BigInteger()
    inherit_cache = True


@compiles(NextChange, "sqlite")
def _next_on_sqlite(*_: Any, **__: Any) -> str:
    return "(SELECT coalesce(max(changed), 0) + 1 FROM receipts)"


@compiles(NextChange, "postgresql")
def _next_on_postgres(*_: Any, **__: Any) -> str:
    return "nextval('receipt_changes')"
