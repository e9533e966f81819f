"""What the engine writes into a receipt at each stage, always inside the caller's transaction.

A run is known by its number of attempt, which is also its fence: once a newer run of the same event has begun, the
older one (a worker that was frozen and taken over) writes nothing any more and gets Superseded instead.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from bot import reservations
from bot.events import Answer, Event, Place, Receipt, State, Usage
from bot.money import usd_of
from bot.payments import SUMS, Payment, record
from bot.receipts import SHOWN, clean, conversation_key, receipt_from_row
from bot.serial import from_json, to_json
from bot.store.schema import AMOUNTS, NextChange, receipts
from bot.store.statements import DIALECTS, Statement

ENDED = ("answered", "failed", "skipped")
_ADDED = (
    *("id", "source", "rule", "subject", "person", "conversation", "state", "reason", "code"),
    *("event_time", "received_at", "updated_at", "finished_at", "event"),
)


TURN = "turn"
"""`waits_for` of an event that is not parked itself: an earlier one of its conversation is."""
SUSPECT = 3
"""An event that began so often without an end may be what stops the process; from then on `strike` counts."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How an event stands when it is accepted or over: its state, why in words, and why as a code."""

    state: State
    reason: str = ""
    code: str = ""

    @property
    def values(self) -> dict[str, str]:
        """For the statements that close a receipt."""
        return {"to_state": self.state, "to_reason": clean(self.reason), "to_code": self.code}


@dataclass(frozen=True, slots=True)
class Again:
    """An event to queue again: its conversation, and the number of this change, which names its new start."""

    event_id: str
    conversation: str
    changed: int


class Superseded(Exception):
    """A newer run of this event has begun: this one has nothing more to do."""


@dataclass(frozen=True, slots=True)
class Run:
    """One start of an event: which event, the number of the start, and what earlier starts left behind."""

    event: Event
    attempt: int
    strikes: int
    place: Place | None
    has_answer: bool
    stopped_by: str
    note: Mapping[str, Any]
    """What was noted when it was parked."""


def add(connection: sa.Connection, event: Event, ending: Ending, now_s: float) -> tuple[Receipt, int]:
    """Write the receipt of a new event: the receipt, and its number in the order of arrival.

    The number is 0 when the id was known; nothing is changed then.
    """
    words: dict[str, Any] = {name: clean(getattr(event, name)) for name in ("source", "rule", "subject", "person")}
    shown: dict[str, Any] = {
        "id": event.id,
        "conversation": conversation_key(event.conversation),
        "state": ending.state,
        "reason": clean(ending.reason),
        "code": ending.code,
    }
    times = {"received_at": now_s, "updated_at": now_s, "finished_at": now_s if ending.state in ENDED else None}
    row = {**words, **shown, **times, "event_time": event.time.timestamp(), "event": json.dumps(to_json(event))}
    added = _ADD[connection.dialect.name].run(connection, row).first()
    if added is not None:
        at = datetime.fromtimestamp(now_s, UTC)
        over = at if ending.state in ENDED else None
        return Receipt(**words, **shown, received_at=at, finished_at=over), int(added.changed)
    known = read(connection, event.id)
    assert known is not None
    return known, 0


def read(connection: sa.Connection, event_id: str) -> Receipt | None:
    """The receipt as this transaction sees it."""
    row = _READ.run(connection, {"event_id": event_id}).mappings().first()
    return receipt_from_row(row) if row else None


def begin(connection: sa.Connection, named: str, now_s: float, hold_s: float = 0.0) -> Run | None:
    """Start the earliest open event, by its own time, of the conversation that the named event belongs to.

    None when there is nothing to do: no event of the conversation is open, or the earliest is parked, or it was
    accepted less than `hold_s` ago.
    """
    before_s = now_s - hold_s if hold_s else _EVER_S
    row = _BEGIN.run(connection, {"named": named, "now": now_s, "before": before_s}).first()
    if row is None:
        return None
    if row.attempts > 1:
        reservations.abandon(connection, row.id, now_s)
    place = json.loads(row.place) if row.place else None
    event, note = from_json(Event, json.loads(row.event)), json.loads(row.note or "{}")
    return Run(event, row.attempts, row.strikes, place, bool(row.has_answer), row.stopped_by, note)


def strike(connection: sa.Connection, run: Run, now_s: float) -> None:
    """Count a start of a suspect, whose `begin` counted none."""
    write(connection, _STRIKE, run, now_s, {})


def opened(connection: sa.Connection, run: Run, place: Place, now_s: float) -> None:
    """Keep where the reply was opened."""
    write(connection, _OPENED, run, now_s, {"to_place": json.dumps(place)})


def stored(connection: sa.Connection, run: Run, answer: Answer, now_s: float) -> Answer:
    """Book what of an answer was not booked yet, and keep it; returns it with what its whole event came to."""
    payment = Payment(f"{run.event.id}#{run.attempt}", run.event.id, answer.model, answer.usage, answer.cost_usd)
    mine = {"event_id": run.event.id, "attempt": run.attempt, "now": now_s}
    total = _PAID.run(connection, {**mine, **record(connection, payment, now_s)}).mappings().first()
    if total is None:
        raise Superseded
    reservations.settle(connection, run.event.id)
    usage = Usage(*(total[name] for name in AMOUNTS))
    answer = replace(answer, usage=usage, cost_usd=usd_of(total["cost_pico"]))
    write(connection, _STORED, run, now_s, {"to_answer": json.dumps(to_json(answer))})
    return answer


def ended(connection: sa.Connection, run: Run, ending: Ending, now_s: float) -> None:
    """Close the receipt; nothing stays reserved for it."""
    if ending.state != "answered":  # its answer has settled everything
        reservations.end(connection, run.event.id, now_s)
    write(connection, _ENDED, run, now_s, ending.values)


def handed_back(connection: sa.Connection, event_ids: list[str], now_s: float) -> None:
    """A clean stop took these events from their runs: that is no sign of poison."""
    held = sa.update(receipts).where(receipts.c.id.in_(event_ids), receipts.c.state == "working")
    back = {
        "state": "received",
        "strikes": sa.case((receipts.c.strikes > 0, receipts.c.strikes - 1), else_=0),
        "changed": NextChange(),
        "updated_at": now_s,
    }
    connection.execute(held.values(**back))


def given_up(connection: sa.Connection, event_id: str, ending: Ending, now_s: float) -> bool:
    """Close a receipt whose run the engine itself gave up; False when it was closed already, or is parked."""
    reservations.end(connection, event_id, now_s)
    return _GIVEN_UP.run(connection, {"event_id": event_id, "now": now_s, **ending.values}).rowcount > 0


def stop_asked(connection: sa.Connection, event_id: str, by: str, now_s: float) -> bool:
    """Note that a person wants no answer any more; False when the event has already ended."""
    return _STOP.run(connection, {"event_id": event_id, "now": now_s, "by": clean(by)}).rowcount > 0


def reopened(connection: sa.Connection, event_id: str, now_s: float) -> Again | None:
    """Give a failed or skipped event a fresh start; None when it is neither.

    A stored answer stays, so that it is not paid again; the place goes, because the failure was shown there.
    """
    return again_of(_REOPEN.run(connection, {"event_id": event_id, "now": now_s}).first())


def open_beside(connection: sa.Connection, event_id: str, now_s: float) -> Again | None:
    """The earliest event of the same conversation that still has to run, to queue again; None when there is none."""
    return again_of(_BESIDE.run(connection, {"named": event_id, "now": now_s, "before": _EVER_S}).first())


def again_of(row: sa.Row[Any] | None) -> Again | None:
    """What a statement with AGAIN in its RETURNING found."""
    return Again(row.id, row.conversation, int(row.changed)) if row else None


def write(connection: sa.Connection, change: Statement, run: Run, now_s: float, values: dict[str, Any]) -> None:
    """Change the run's receipt. Raises Superseded when the run is not its newest."""
    mine = {"event_id": run.event.id, "attempt": run.attempt, "now": now_s}
    if change.run(connection, {**mine, **values}).rowcount == 0:
        raise Superseded


_ID = receipts.c.id == sa.bindparam("event_id")
_MINE = (_ID, receipts.c.attempts == sa.bindparam("attempt"))
_TO_RUN = sa.or_(receipts.c.state == "received", receipts.c.state == "working")
_NOW = sa.bindparam("now", type_=sa.Float)
STAMP: dict[str, Any] = {"changed": NextChange(), "updated_at": _NOW}
_CLOSED: dict[str, Any] = {name: sa.bindparam(f"to_{name}") for name in ("state", "reason", "code")}
_CLOSED |= {"waits_for": "", "wake_at": None, "finished_at": _NOW, **STAMP}
OPEN = receipts.c.finished_at.is_(None)
"""Open events are indexed by conversation and time, under this very condition."""
CONVERSATION = (
    sa.select(receipts.c.conversation).where(receipts.c.id == sa.bindparam("named")).correlate(None).scalar_subquery()
)
AGAIN = (receipts.c.id, receipts.c.conversation, receipts.c.changed)
_HEAD = (
    sa.select(receipts.c.id, receipts.c.state, receipts.c.waits_for, receipts.c.received_at)
    .where(receipts.c.conversation == CONVERSATION, OPEN)
    .order_by(receipts.c.event_time, receipts.c.id)
    .limit(1)
    .subquery("head")
)
_MAY_BEGIN = sa.select(_HEAD.c.id).where(
    sa.or_(_HEAD.c.state != "waiting", _HEAD.c.waits_for == TURN),
    _HEAD.c.received_at <= sa.bindparam("before", type_=sa.Float),
)
_EVER_S = 1e18
_READ = Statement(sa.select(*SHOWN).where(_ID))
_ADD = {
    name: Statement(
        dialect.insert(receipts)
        .values({column: sa.bindparam(column) for column in _ADDED} | {"changed": NextChange()})
        .on_conflict_do_nothing()
        .returning(receipts.c.changed)
    )
    for name, dialect in DIALECTS.items()
}
_BEGIN = Statement(
    sa.update(receipts)
    .where(receipts.c.id == _MAY_BEGIN.scalar_subquery(), OPEN)
    .values(
        state="working",
        reason="",
        waits_for="",
        wake_at=None,
        attempts=receipts.c.attempts + 1,
        strikes=sa.case((receipts.c.strikes < SUSPECT, receipts.c.strikes + 1), else_=receipts.c.strikes),
        working_at=sa.func.coalesce(receipts.c.working_at, _NOW),
        **STAMP,
    )
    .returning(
        *(receipts.c[name] for name in ("id", "event", "attempts", "strikes", "place", "stopped_by", "note")),
        # Not IS NOT NULL: in RETURNING, SQLite before 3.42 takes that to be always true here.
        (sa.func.length(receipts.c.answer) > 0).label("has_answer"),
    )
)
_STRIKE = Statement(sa.update(receipts).where(*_MINE).values(strikes=receipts.c.strikes + 1, **STAMP))
_OPENED = Statement(sa.update(receipts).where(*_MINE).values(place=sa.bindparam("to_place"), **STAMP))
_SUMMED = [receipts.c[name] for name in (*AMOUNTS, "cost_pico")]
_PAID = Statement(sa.update(receipts).where(*_MINE).values(**SUMS, **STAMP).returning(*_SUMMED))
_STORED = Statement(sa.update(receipts).where(*_MINE).values(answer=sa.bindparam("to_answer"), **STAMP))
_ENDED = Statement(sa.update(receipts).where(*_MINE).values(_CLOSED))
_GIVEN_UP = Statement(sa.update(receipts).where(_ID, _TO_RUN).values(_CLOSED))
_STOP = Statement(sa.update(receipts).where(_ID, OPEN).values(stopped_by=sa.bindparam("by"), **STAMP))
_BESIDE = Statement(
    sa.update(receipts).where(receipts.c.id == _MAY_BEGIN.scalar_subquery(), OPEN).values(**STAMP).returning(*AGAIN)
)
_FRESH = {"state": "received", "strikes": 0, "stopped_by": "", "place": None, "note": None, "reason": "", "code": ""}
_REOPEN = Statement(
    sa.update(receipts)
    .where(_ID, sa.or_(receipts.c.state == "failed", receipts.c.state == "skipped"))
    .values(**_FRESH, finished_at=None, working_at=None, **STAMP)
    .returning(*AGAIN)
)
