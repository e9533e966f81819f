"""What the engine writes when an event is parked, stands behind a parked one, or goes on: always in one transaction.

A parked event has no entry in the queue, so it costs what its row costs. Whoever wakes it writes "received" and gives
it a new entry in the same transaction; the row's state decides that this happens once, whoever else tries it too.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from bot.engine.transitions import AGAIN, CONVERSATION, OPEN, STAMP, TURN, Again, Run, again_of, write
from bot.errors import Waits
from bot.events import Event
from bot.serial import from_json
from bot.store.schema import receipts
from bot.store.statements import Statement

TURN_WORDS = "It waits for an earlier one of its conversation, which waits too."


def parked(connection: sa.Connection, run: Run, waits: Waits, now_s: float) -> None:
    """Park a run's event. When it was called or stopped meanwhile, it is due at once."""
    until_s = waits.until.timestamp() if waits.until else None
    what = {"to_reason": waits.reason, "to_code": waits.waits_for, "to_wake": until_s, "to_note": waits.note}
    write(connection, _PARKED, run, now_s, what)


@dataclass(frozen=True, slots=True)
class Behind:
    """An event that stands behind a parked one of its conversation, and what that one waits for, until when."""

    event: Event
    reason: str
    waits_for: str
    until: datetime | None


def stand_behind(connection: sa.Connection, named: str, now_s: float) -> list[Behind] | None:
    """Let what may not overtake a parked event of its conversation wait for it: those that begin to, if any.

    None: it is parked no more, woken by another process since the caller looked.
    """
    head = _HEAD.run(connection, {"named": named}).first()
    if head is None:
        return []
    # Held until this is written: whoever wakes the head meanwhile must find what stands behind it.
    locked = _LOCK.run(connection, {"event_id": head.id}).first()
    if locked is not None and locked.state == "waiting" and locked.waits_for != TURN:
        found = _BEHIND.run(connection, {"named": named, "event_id": head.id, "now": now_s}).all()
        until = datetime.fromtimestamp(locked.wake_at, UTC) if locked.wake_at is not None else None
        return [
            Behind(from_json(Event, json.loads(row.event)), locked.reason, locked.waits_for, until) for row in found
        ]
    return None


def called(connection: sa.Connection, event_id: str, now_s: float) -> list[Again]:
    """Let a parked event go on, with what stands behind it. One that is being worked on goes on if it parks now."""
    if (row := _CALL.run(connection, {"event_id": event_id, "now": now_s}).first()) is not None:
        return _with_those_behind(connection, row, now_s)
    _NOTE_CALL.run(connection, {"event_id": event_id, "now": now_s})
    return []


def retold(connection: sa.Connection, event_ids: Sequence[str], waits_for: str, reason: str, now_s: float) -> None:
    """Say anew what these wait for, those of them that are parked for this code."""
    for event_id in event_ids:
        _RETELL.run(connection, {"event_id": event_id, "code": waits_for, "to_reason": reason, "now": now_s})


def hurried(connection: sa.Connection, waits_for: str, now_s: float) -> int:
    """Make everything due that is parked for this code. Returns how many events that are."""
    return int(_HURRY.run(connection, {"code": waits_for, "now": now_s}).rowcount)


def due(connection: sa.Connection, now_s: float, limit: int) -> list[Again]:
    """Let the parked events go on whose time has come, with what stands behind them."""
    return [
        again
        for found in _DUE.run(connection, {"now": now_s, "most": limit}).all()
        if (row := _CALL_DUE.run(connection, {"event_id": found.id, "now": now_s}).first()) is not None
        for again in _with_those_behind(connection, row, now_s)
    ]


def is_due(connection: sa.Connection, now_s: float) -> bool:
    """Whether anything is to be woken now."""
    return bool(_DUE.run(connection, {"now": now_s, "most": 1}).all())


def _with_those_behind(connection: sa.Connection, row: sa.Row[Any], now_s: float) -> list[Again]:
    behind = _RELEASE.run(connection, {"conversation": row.conversation, "now": now_s}).all()
    return [again for one in (row, *behind) if (again := again_of(one))]


_ID = receipts.c.id == sa.bindparam("event_id")
_NOW = sa.bindparam("now", type_=sa.Float)
_PARKED_NOW = (receipts.c.state == "waiting", receipts.c.waits_for != TURN)
_GOES_ON = {"state": "received", "reason": "", "waits_for": "", "wake_at": None, **STAMP}

_PARKED = Statement(
    sa.update(receipts)
    .where(_ID, receipts.c.attempts == sa.bindparam("attempt"))
    .values(
        state="waiting",
        reason=sa.bindparam("to_reason"),
        waits_for=sa.bindparam("to_code"),
        wake_at=sa.case(
            (receipts.c.stopped_by != "", _NOW),
            (receipts.c.wake_at.is_not(None), receipts.c.wake_at),
            else_=sa.bindparam("to_wake", type_=sa.Float),
        ),
        note=sa.func.coalesce(sa.bindparam("to_note", type_=sa.Text), receipts.c.note),
        # Its process lived on: that is no sign of poison.
        strikes=sa.case((receipts.c.strikes > 0, receipts.c.strikes - 1), else_=0),
        **STAMP,
    )
)
_HEAD = Statement(
    sa.select(receipts.c.id)
    .where(receipts.c.conversation == CONVERSATION, OPEN)
    .order_by(receipts.c.event_time, receipts.c.id)
    .limit(1)
)
_LOCK = Statement(
    sa.select(*(receipts.c[name] for name in ("state", "waits_for", "reason", "wake_at"))).where(_ID).with_for_update()
)
_BEHIND = Statement(
    sa.update(receipts)
    .where(receipts.c.conversation == CONVERSATION, OPEN, receipts.c.id != sa.bindparam("event_id"))
    .where(sa.or_(receipts.c.state == "received", receipts.c.state == "working"))
    .values(state="waiting", waits_for=TURN, reason=TURN_WORDS, wake_at=None, **STAMP)
    .returning(receipts.c.event)
)
_CALL = Statement(sa.update(receipts).where(_ID, *_PARKED_NOW).values(**_GOES_ON).returning(*AGAIN))
_RETELL = Statement(
    sa.update(receipts)
    .where(_ID, receipts.c.state == "waiting", receipts.c.waits_for == sa.bindparam("code"))
    .values(reason=sa.bindparam("to_reason"), **STAMP)
)
_HURRY = Statement(
    sa.update(receipts)
    .where(receipts.c.state == "waiting", receipts.c.waits_for == sa.bindparam("code"), receipts.c.wake_at > _NOW)
    .values(wake_at=_NOW)
)
_CALL_DUE = Statement(
    sa.update(receipts).where(_ID, *_PARKED_NOW, receipts.c.wake_at <= _NOW).values(**_GOES_ON).returning(*AGAIN)
)
_NOTE_CALL = Statement(sa.update(receipts).where(_ID, receipts.c.state == "working").values(wake_at=_NOW, **STAMP))
_DUE = Statement(
    sa.select(receipts.c.id)
    # Not state == "waiting": that would lead through the index of states, past everything that waits.
    .where(receipts.c.wake_at <= _NOW, receipts.c.state != "working")
    .order_by(receipts.c.wake_at, receipts.c.id)
    .limit(sa.bindparam("most", type_=sa.Integer))
)
_RELEASE = Statement(
    sa.update(receipts)
    .where(receipts.c.conversation == sa.bindparam("conversation"), OPEN)
    .where(receipts.c.state == "waiting", receipts.c.waits_for == TURN)
    .values(**_GOES_ON)
    .returning(*AGAIN)
)
