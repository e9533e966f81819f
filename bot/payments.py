"""The payments: what every call to Claude cost, kept in one table, and the sums that are asked of it."""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from bot.events import Usage
from bot.money import pico_of, usd_of
from bot.receipts import Clock
from bot.store.creation import create_tables
from bot.store.schema import AMOUNTS, NextChange, payments, receipts
from bot.store.statements import DIALECTS, Statement

BY = ("day", "rule", "model", "person", "source")
"""What costs are told apart by."""
LAST = 50
"""So many payments of a rule say how long its answers are: enough for a mean, and few enough to follow a change."""
FEWEST = 3
"""Fewer answers say nothing."""


@dataclass(frozen=True, slots=True)
class Payment:
    """One paid call. `id` makes it unique: booked again (a repeated transaction) it changes nothing.

    `is_estimated`: nobody heard what it came to, because its worker died in the middle.
    """

    id: str
    event_id: str
    model: str
    usage: Usage
    cost_usd: float
    is_estimated: bool = False


@dataclass(frozen=True, slots=True)
class AnswerLength:
    """How long answers were: the mean tokens of one, with what Claude thought for it, and of how many."""

    tokens: float
    answers: int


class Payments:
    """Usable from any thread and any process. Raises SettingsError when the database cannot be reached."""

    def __init__(self, database: sa.Engine, *, clock: Clock = time.time) -> None:
        self._database, self._clock = database, clock
        create_tables(database)

    def spent_usd(self, since: datetime, rule: str | None = None, person: str | None = None) -> float:
        """What was paid since then, for one rule or one person when asked; every call counts."""
        total = sa.select(sa.func.coalesce(sa.func.sum(payments.c.cost_pico), 0).label("pico"))
        total = total.where(payments.c.paid_at >= since.timestamp())
        if rule is not None:
            total = total.where(payments.c.rule == rule)
        if person is not None:
            total = total.where(payments.c.person == person)
        return usd_of(int(self._rows(total)[0]["pico"]))

    def costs(self, days: int, by: Sequence[str] = BY) -> list[dict[str, Any]]:
        """Tokens and money of the last `days`, UTC, told apart `by` some of BY; newest day first, then the dearest."""
        keys = [payments.c[name] for name in by]
        sums = [sa.func.sum(payments.c[name]).label(name) for name in (*AMOUNTS, "cost_pico")]
        events = sa.func.count(sa.distinct(payments.c.event)).label("events")
        rows = sa.select(*keys, events, *sums).where(payments.c.day >= day_of(self._clock() - (days - 1) * 86_400))
        order = [payments.c.day.desc()] if "day" in by else []
        found = self._rows(rows.group_by(*keys).order_by(*order, sa.desc("cost_pico"), *keys))
        return [_told(row) for row in found]

    def answer_length(self, rule: str, question: str = "") -> AnswerLength | None:
        """How long the last answers of a rule were, of one `question` when asked; None while too few are known.

        A question is what its events' ids end in. All payments of an event are one answer; those of events that failed
        are none. What has no receipt any more counts as answered.
        """
        paid, ends = payments.c, payments.c.event.endswith(question, autoescape=True)
        is_heard, state = paid.is_estimated == 0, sa.func.coalesce(receipts.c.state, "answered")
        known = payments.outerjoin(receipts, receipts.c.id == paid.event)
        mine = sa.select(paid.event, paid.output_tokens).select_from(known)
        mine = mine.where(paid.rule == rule, is_heard, ends, state == "answered")
        # By time, not by day: that index has the dearest of a day first, which are no sample of it.
        last = mine.order_by(paid.paid_at.desc()).limit(LAST).subquery().c
        tokens, answers = sa.func.sum(last.output_tokens), sa.func.count(sa.distinct(last.event))
        sums = [tokens.label("tokens"), answers.label("answers")]
        (found,) = self._rows(sa.select(*sums))
        count = int(found["answers"])
        return AnswerLength(int(found["tokens"]) / count, count) if count >= FEWEST else None

    def pay(self, event_id: str, model: str, usage: Usage, cost_usd: float, payment_id: str = "") -> None:
        """Book a call that was paid but gave no answer (a broken stream); answers are booked by the engine.

        Of one `payment_id` it is booked once, whoever books it again.
        """
        payment = Payment(payment_id or uuid.uuid4().hex, event_id, model, usage, cost_usd)
        with self._database.begin() as connection:
            book(connection, payment, self._clock())

    def _rows(self, statement: sa.Select[Any]) -> list[sa.RowMapping]:
        with self._database.connect() as connection:
            return list(connection.execute(statement).mappings())


def book(connection: sa.Connection, payment: Payment, now_s: float) -> None:
    """Write a payment and add it to its event's receipt."""
    paid = record(connection, payment, now_s)
    _ADD.run(connection, {"to": payment.event_id, "now": now_s, **paid})


def record(connection: sa.Connection, payment: Payment, now_s: float) -> dict[str, Any]:
    """Write a payment; returns the values of SUMS that add it to its event's receipt, nothing when it was there."""
    amounts = amounts_of(payment.usage, payment.cost_usd)
    paid = {"id": payment.id, "to": payment.event_id, "model": payment.model, "paid_at": now_s, "day": day_of(now_s)}
    row = {**paid, **amounts, "is_estimated": int(payment.is_estimated)}
    # What cost nothing is no payment.
    new = any(amounts.values()) and _PAY[connection.dialect.name].run(connection, row).first() is not None
    return {"by": payment.model, **{f"add_{name}": amount if new else 0 for name, amount in amounts.items()}}


def amounts_of(usage: Usage, cost_usd: float) -> dict[str, int]:
    """The columns of AMOUNTS and `cost_pico`."""
    return {**dict(zip(AMOUNTS, astuple(usage), strict=True)), "cost_pico": pico_of(cost_usd)}


def _told(row: sa.RowMapping) -> dict[str, Any]:
    told = {**row, **{name: int(row[name] or 0) for name in AMOUNTS}, "cost_usd": usd_of(int(row["cost_pico"] or 0))}
    del told["cost_pico"]
    return told


def day_of(seconds: float) -> str:
    """The day in UTC, as 2026-11-23: ceilings begin anew with it."""
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()


_SUMMED = (*AMOUNTS, "cost_pico")
_TO = sa.bindparam("to", type_=sa.Text)
_OWNER = {
    name: sa.select(receipts.c[name]).where(receipts.c.id == _TO).scalar_subquery()
    for name in ("source", "rule", "person")
}
_PAID: dict[str, Any] = {
    name: sa.bindparam(name) for name in ("id", "model", "paid_at", "day", "is_estimated", *_SUMMED)
}
_PAY = {
    name: Statement(
        dialect.insert(payments)
        .values(_PAID | {"event": _TO} | {key: sa.func.coalesce(value, "") for key, value in _OWNER.items()})
        .on_conflict_do_nothing()
        .returning(payments.c.id)
    )
    for name, dialect in DIALECTS.items()
}
SUMS: dict[str, Any] = {
    "model": sa.bindparam("by"),
    **{name: receipts.c[name] + sa.bindparam(f"add_{name}") for name in _SUMMED},
}
"""What an UPDATE of a receipt sets to add a payment to it; `record` gives the values."""
_ADD = Statement(
    sa.update(receipts).where(receipts.c.id == _TO).values(**SUMS, changed=NextChange(), updated_at=sa.bindparam("now"))
)
