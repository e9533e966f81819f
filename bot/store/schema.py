"""Bellhop's tables: METADATA, on which every table registers, and those of the frame itself, a row for each event.

A table that belongs to one door, or to one part of the frame, is defined where it is used, on METADATA. A new table
needs nothing more; a change to one that exists needs a step in `migrations`.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

METADATA = sa.MetaData()
"""Every table of Bellhop, whichever module it stands in; there is no second one."""


GOES_WITH_EVENT = "goes with its event"
"""In a table's `info`: its columns of the event's id and of when the row was made; it is forgotten with the event."""


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, server_default="")


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False, server_default="0")


AMOUNTS = (
    *("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens"),
    *("cache_write_1h_tokens", "thinking_tokens", "web_searches"),
)
"""What is counted of every call, in the order of `bot.events.Usage`."""


def _amounts() -> tuple[sa.Column[int], ...]:
    return (*(_number(name) for name in AMOUNTS), _number("cost_pico"))  # see bot/money.py


def _where(condition: str) -> dict[str, Any]:
    """An index of the few rows that meet a condition: it costs nothing for all the others."""
    return {f"{dialect}_where": sa.text(condition) for dialect in ("sqlite", "postgresql")}


receipts = sa.Table(
    "receipts",
    METADATA,
    # All times are seconds since 1970 (UTC): both databases order, compare and keep them alike.
    sa.Column("id", sa.Text, primary_key=True),
    *(_text(name) for name in ("source", "rule", "subject", "conversation", "person", "state", "reason", "feedback")),
    # Codes; `reason` is the same in words. `code` says why it ended, `waits_for` what a parked event waits for.
    *(_text(name) for name in ("code", "waits_for")),
    sa.Column(
        "event_time", sa.Float, nullable=False, server_default="0"
    ),  # the event's own, which is its place in its conversation
    sa.Column("received_at", sa.Float, nullable=False),
    sa.Column("working_at", sa.Float),
    sa.Column("finished_at", sa.Float),
    sa.Column("updated_at", sa.Float, nullable=False),
    sa.Column("wake_at", sa.Float),  # of a parked event, or of one that was called while it was being worked on
    _number("changed"),  # a number that grows with every change of any receipt
    _number("attempts"),  # starts so far; also the fence: a run whose number is not the newest writes nothing
    _number("strikes"),  # starts since the last clean hand-back or retry; too many are poison
    _text("stopped_by"),
    _text("model"),
    *_amounts(),
    sa.Column("event", sa.Text, nullable=False),  # the event, the reply's place and the answer, each as JSON
    sa.Column("place", sa.Text),
    sa.Column("answer", sa.Text),
    sa.Column("note", sa.Text),  # JSON: what whoever parked the event must know when it goes on
    sa.Index("receipts_by_change", "changed"),
    sa.Index("receipts_by_state", "state", "received_at"),
    sa.Index("receipts_by_time", "received_at"),
    sa.Index("receipts_by_end", "finished_at"),
    sa.Index("receipts_by_conversation", "conversation", "received_at"),
    sa.Index("receipts_open", "conversation", "event_time", "id", **_where("finished_at IS NULL")),
    sa.Index("receipts_by_wake", "wake_at", **_where("wake_at IS NOT NULL")),
)

payments = sa.Table(
    "payments",
    METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    _text("event"),
    sa.Column("paid_at", sa.Float, nullable=False),
    _text("day"),  # of paid_at, UTC, as 2026-11-23
    *(_text(name) for name in ("source", "rule", "person", "model")),
    *_amounts(),
    _number("is_estimated"),  # 1: nobody heard what the call came to, because its worker died
    sa.Index("payments_by_time", "paid_at"),
    # What a ceiling adds up stands in the index itself.
    sa.Index("payments_by_day", "day", "rule", "person", "cost_pico"),
)
"""A row for each paid call to Claude."""

workers = sa.Table(
    "workers",
    METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
)
"""Postgres only: the heartbeat of each worker, by the database's clock."""

schema_version = sa.Table(
    "schema_version",
    METADATA,
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("reached_at", sa.Float, nullable=False),  # seconds since 1970
)
"""A row for each version that this database has had; the highest counts. Written by `creation` only."""

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
