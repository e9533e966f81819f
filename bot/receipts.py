"""The receipts: what became of every event, what it cost, and the answer itself, kept in one table."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, TypeVar, get_args

import sqlalchemy as sa

from bot.deliveries import Deliveries
from bot.events import Answer, Delivery, Event, Receipt, State, Usage
from bot.money import usd_of
from bot.serial import from_json
from bot.store.schema import AMOUNTS, NextChange, receipts
from bot.text import whole_text

KEY_BYTES = 500
"""Postgres refuses index entries above about 2,700 bytes, so longer conversations are named by their hash."""
LOOK_BACK = 1_000
"""On Postgres a change may be committed after one with a higher number: so many numbers are looked at twice, …"""
LOOK_BACK_S = 10.0
"""… when they are younger than this."""

MOST_NAMED = 1_000
"""Values named in one statement; databases allow 32,766 and more."""

T = TypeVar("T")

Clock = Callable[[], float]
"""Seconds since 1970, as `time.time` gives them."""


@dataclass(frozen=True, slots=True)
class Changes:
    """Receipts that changed, oldest change first, and the number to ask from next time. A receipt may come twice."""

    sequence: int
    receipts: tuple[Receipt, ...]


class Receipts:
    """Read (and lightly mark) receipts; usable from any thread and any process, whether or not an engine runs.

    Makes its tables when they are missing. Raises SettingsError when the database cannot be reached.
    """

    def __init__(self, database: sa.Engine, *, clock: Clock = time.time) -> None:
        self._database, self._clock, self._deliveries = database, clock, Deliveries(database)

    def get(self, event_id: str) -> Receipt | None:
        """The receipt of one event."""
        found = self._rows(sa.select(*SHOWN).where(receipts.c.id == event_id))
        return self._with_deliveries(found)[0] if found else None

    def of(self, event_ids: Sequence[str]) -> dict[str, Receipt]:
        """The receipts of these events by id, as far as there are any; with deliveries once they have ended."""
        parts = [event_ids[at : at + MOST_NAMED] for at in range(0, len(event_ids), MOST_NAMED)]
        rows = [row for part in parts for row in self._rows(sa.select(*SHOWN).where(receipts.c.id.in_(part)))]
        ended = self._with_deliveries([row for row in rows if row["finished_at"]])
        return {row["id"]: receipt_from_row(row) for row in rows} | {receipt.id: receipt for receipt in ended}

    def known(self, event_ids: Sequence[str]) -> set[str]:
        """Those of these events that there is a receipt of."""
        parts = [event_ids[at : at + MOST_NAMED] for at in range(0, len(event_ids), MOST_NAMED)]
        queries = [sa.select(receipts.c.id).where(receipts.c.id.in_(part)) for part in parts]
        return {row["id"] for query in queries for row in self._rows(query)}

    def newest(self, state: str | None = None, source: str | None = None, limit: int = 50) -> list[Receipt]:
        """The newest receipts first, of one state or one trigger when asked."""
        chosen = sa.select(*SHOWN).order_by(receipts.c.received_at.desc(), receipts.c.changed.desc()).limit(limit)
        if state:
            chosen = chosen.where(receipts.c.state == state)
        if source:
            chosen = chosen.where(receipts.c.source == source)
        return self._with_deliveries(self._rows(chosen))

    def answered_by(self, rule: str, limit: int) -> list[Receipt]:
        """The newest receipts of a rule's answered events, the earliest answered first."""
        mine = (receipts.c.rule == rule) & (receipts.c.state == "answered")
        chosen = sa.select(*SHOWN).where(mine).order_by(receipts.c.finished_at.desc(), receipts.c.id.desc())
        return [receipt_from_row(row) for row in reversed(self._rows(chosen.limit(limit)))]

    def of_rule(self, rule: str, limit: int) -> list[Receipt]:
        """A rule's newest receipts, newest first."""
        chosen = sa.select(*SHOWN).where(receipts.c.rule == rule).order_by(receipts.c.received_at.desc())
        return [receipt_from_row(row) for row in self._rows(chosen.limit(limit))]

    def in_conversation(self, conversation: str, limit: int = 100) -> list[Receipt]:
        """The receipts of one conversation, newest first."""
        mine = receipts.c.conversation == conversation_key(conversation)
        chosen = sa.select(*SHOWN).where(mine).order_by(receipts.c.received_at.desc(), receipts.c.changed.desc())
        return [receipt_from_row(row) for row in self._rows(chosen.limit(limit))]

    def has_answer_in(self, thread: str) -> bool:
        """Whether an answer that a rule sent elsewhere stands at the head of this thread (see bot/deliveries.py)."""
        return bool(self._deliveries.event_in(thread))

    def open_below(self, prefix: str) -> list[str]:
        """The ids of the open events of all conversations whose names begin so, oldest first."""
        mine = receipts.c.conversation.startswith(prefix, autoescape=True)
        chosen = sa.select(receipts.c.id).where(mine, receipts.c.finished_at.is_(None)).order_by(receipts.c.event_time)
        return [str(row["id"]) for row in self._rows(chosen)]

    def changed_since(self, sequence: int, limit: int = 500) -> Changes:
        """What changed after `sequence` (0: everything); for a page that follows along."""
        changed = receipts.c.changed
        later: sa.ColumnElement[bool] = changed > sequence
        if self._database.dialect.name == "postgresql":
            young = receipts.c.updated_at > self._clock() - LOOK_BACK_S
            later = sa.or_(later, sa.and_(changed > sequence - LOOK_BACK, young))
        rows = self._rows(sa.select(*SHOWN, changed).where(later).order_by(changed).limit(limit))
        return Changes(max([sequence, *(row["changed"] for row in rows)]), tuple(map(receipt_from_row, rows)))

    def counts(self) -> dict[State, int]:
        """How many receipts are in each state; every state is there."""
        rows = self._rows(sa.select(receipts.c.state, sa.func.count().label("n")).group_by(receipts.c.state))
        found = {row["state"]: int(row["n"]) for row in rows}
        return {state: found.get(state, 0) for state in get_args(State)}

    def event(self, event_id: str) -> Event | None:
        """The event itself, as it came in."""
        return self._stored(receipts.c.event, event_id, Event)

    def answer(self, event_id: str) -> Answer | None:
        """The stored answer; None while there is none."""
        return self._stored(receipts.c.answer, event_id, Answer)

    def note(self, event_id: str) -> dict[str, Any]:
        """What whoever parked the event left for later; empty when nothing."""
        found = self._rows(sa.select(receipts.c.note).where(receipts.c.id == event_id))
        return json.loads(found[0]["note"] or "{}") if found else {}

    def parked(self, waits_for: str) -> dict[str, dict[str, Any]]:
        """The notes of all events that are parked for this code, by id, the earliest accepted first."""
        mine = (receipts.c.state == "waiting") & (receipts.c.waits_for == waits_for)
        rows = self._rows(sa.select(receipts.c.id, receipts.c.note).where(mine).order_by(receipts.c.received_at))
        return {row["id"]: json.loads(row["note"] or "{}") for row in rows}

    def stopped_by(self, event_id: str) -> str:
        """Who wanted no answer any more; "" while nobody did."""
        found = self._rows(sa.select(receipts.c.stopped_by).where(receipts.c.id == event_id))
        return str(found[0]["stopped_by"]) if found else ""

    def set_feedback(self, event_id: str, value: str) -> None:
        """Keep what the reader thought of the answer."""
        marked = {"feedback": value, "changed": NextChange(), "updated_at": self._clock()}
        with self._database.begin() as connection:
            connection.execute(sa.update(receipts).where(receipts.c.id == event_id).values(**marked))

    def _with_deliveries(self, rows: Sequence[sa.RowMapping]) -> list[Receipt]:
        found = [receipt_from_row(row) for row in rows]
        known: dict[str, tuple[Delivery, ...]] = {}
        for at in range(0, len(found), MOST_NAMED):
            known |= self._deliveries.of([receipt.id for receipt in found[at : at + MOST_NAMED]])
        return [replace(receipt, deliveries=known.get(receipt.id, ())) for receipt in found]

    def _rows(self, statement: sa.Select[Any]) -> list[sa.RowMapping]:
        with self._database.connect() as connection:
            return list(connection.execute(statement).mappings())

    def _stored(self, column: sa.Column[Any], event_id: str, kind: type[T]) -> T | None:
        found = self._rows(sa.select(column.label("json")).where(receipts.c.id == event_id))
        return from_json(kind, json.loads(found[0]["json"])) if found and found[0]["json"] else None


def receipt_from_row(row: sa.RowMapping) -> Receipt:
    """The receipt that a row of the table holds."""
    return Receipt(
        **{name: row[name] for name in _PLAIN},
        received_at=datetime.fromtimestamp(row["received_at"], UTC),
        working_at=_moment(row["working_at"]),
        wake_at=_moment(row["wake_at"] if row["state"] == "waiting" else None),
        finished_at=_moment(row["finished_at"]),
        usage=Usage(*(row[name] for name in AMOUNTS)),
        cost_usd=usd_of(row["cost_pico"]),
    )


def conversation_key(conversation: str) -> str:
    """The conversation as a key of bounded length."""
    text = clean(conversation)
    if len(text.encode()) <= KEY_BYTES:
        return text
    return f"{text[:80]}#{hashlib.sha256(text.encode()).hexdigest()}"


def clean(text: str) -> str:
    """Text that both databases can keep: a file name may hold bytes that are no text, a message a NUL."""
    return whole_text(text).replace("\0", "")


def _moment(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


_PLAIN = (
    *("id", "source", "rule", "subject", "conversation", "state", "attempts", "model"),
    *("reason", "person", "feedback", "code", "waits_for"),
)
_MOMENTS = ("received_at", "working_at", "finished_at", "wake_at")
SHOWN = [receipts.c[name] for name in (*_PLAIN, *_MOMENTS, *AMOUNTS, "cost_pico")]
