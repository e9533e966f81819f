"""The reservations: what calls on their way may still cost, so that a ceiling holds over all processes.

A call is reserved before it is made, and settled in the transaction that books its payment. What nobody settled,
because its worker died, is booked as an estimate: it stands on Claude's bill, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from bot.ceilings import Ceiling
from bot.events import Usage
from bot.money import pico_of, usd_of
from bot.payments import Payment, amounts_of, book, day_of
from bot.store.schema import AMOUNTS, METADATA, payments
from bot.store.statements import DIALECTS, Statement

WARN_SHARE = 0.8
"""From here on whoever runs the bot is warned, once a day."""
LOCK = 7_345_002
"""The number of the advisory lock on Postgres under which money is given out. On SQLite writers take turns anyhow."""


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False)


reservations = sa.Table(
    "reservations",
    METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    *(sa.Column(name, sa.Text, nullable=False) for name in ("event", "rule", "person", "model")),
    _number("most_pico"),
    *(_number(name) for name in (*AMOUNTS, "cost_pico")),  # what it probably comes to
    _number("is_batch"),
    sa.Column("until", sa.Float, nullable=False),  # seconds since 1970: nothing settles it after that
    sa.Index("reservations_by_event", "event"),
)


warnings = sa.Table(
    "budget_warnings",
    METADATA,
    *(sa.Column(name, sa.Text, primary_key=True) for name in ("day", "scope")),
)
"""Which ceilings were warned of, and on which day."""


@dataclass(frozen=True, slots=True)
class Reservation:
    """One call: `most_usd` it may cost, `likely` and `likely_usd` what it probably comes to, `until_s` when it is over.

    `is_batch`: it outlives the run that made it, and only its answer settles it.
    """

    id: str
    event_id: str
    rule: str
    person: str
    model: str
    most_usd: float
    likely: Usage
    likely_usd: float
    until_s: float
    is_batch: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """How much of a ceiling is spent today, and how much more is reserved."""

    ceiling: Ceiling
    spent_usd: float
    reserved_usd: float

    @property
    def is_spent(self) -> bool:
        """Nothing is left today."""
        return self.spent_usd >= self.ceiling.limit_usd

    @property
    def is_near(self) -> bool:
        """Whoever runs the bot should know."""
        return self.spent_usd >= self.ceiling.limit_usd * WARN_SHARE

    @property
    def is_open(self) -> bool:
        """One more call may begin: at most that one goes over the ceiling, whatever it comes to."""
        return pico_of(self.spent_usd) + pico_of(self.reserved_usd) < pico_of(self.ceiling.limit_usd)


def standing(connection: sa.Connection, ceiling: Ceiling, now_s: float, but: str = "") -> Standing:
    """How a ceiling stands, without the reservation of the id `but`."""
    kind = "rule" if ceiling.rule is not None else "person" if ceiling.person is not None else "all"
    values = {"rule": ceiling.rule, "person": ceiling.person}
    spent = _SPENT[kind].run(connection, {**values, "day": day_of(now_s)}).scalar()
    held = _HELD[kind].run(connection, {**values, "but": but}).scalar()
    return Standing(ceiling, usd_of(int(spent or 0)), usd_of(int(held or 0)))


def standings(database: sa.Engine, ceilings: Sequence[Ceiling], now_s: float) -> list[Standing]:
    """How all of these stand."""
    with database.connect() as connection:
        return [standing(connection, one, now_s) for one in ceilings]


def reserve(
    connection: sa.Connection, wanted: Reservation, ceilings: Sequence[Ceiling], now_s: float
) -> Standing | None:
    """Reserve a call; None when it may begin, else a ceiling that it does not fit under: one that is spent, if any."""
    if ceilings and connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))
    # Written first: from here on no other process of a SQLite file gives money out.
    _RESERVE.run(connection, _row(wanted))
    full = worst([standing(connection, ceiling, now_s, wanted.id) for ceiling in ceilings])
    if full is not None:
        free(connection, wanted.id)
    return full


def worst(standings: Sequence[Standing]) -> Standing | None:
    """The ceiling that keeps a call from beginning: one that is spent before one that is only reserved."""
    return next((one for one in sorted(standings, key=lambda one: not one.is_spent) if not one.is_open), None)


def warn_once(connection: sa.Connection, one: Standing, now_s: float) -> bool:
    """Whether nobody was warned of this ceiling today, in any process; from now on somebody was."""
    row = {"day": day_of(now_s), "scope": one.ceiling.scope}
    return _WARN[connection.dialect.name].run(connection, row).first() is not None


def forget_warnings(connection: sa.Connection, before_s: float) -> None:
    """Those of days before that time; only those of today are asked for."""
    connection.execute(sa.delete(warnings).where(warnings.c.day < day_of(before_s)))


def free(connection: sa.Connection, reservation_id: str) -> None:
    """Let go of a reservation: its call was paid for otherwise, or never made."""
    _FREE.run(connection, {"id": reservation_id})


def settle(connection: sa.Connection, event_id: str) -> None:
    """Let go of all that an event had reserved: its answer is booked in the same transaction."""
    _SETTLE.run(connection, {"event": event_id})


def abandon(connection: sa.Connection, event_id: str, now_s: float) -> None:
    """Book what an event's run reserved and nobody settled: it was cut off in the middle of its call."""
    _book_all(connection, _ABANDONED.run(connection, {"event": event_id}).mappings().all(), now_s)


def end(connection: sa.Connection, event_id: str, now_s: float) -> None:
    """Nothing is reserved for this event any more: calls in flight are booked, what waits in a batch is let go."""
    abandon(connection, event_id, now_s)
    settle(connection, event_id)


def expire(connection: sa.Connection, now_s: float) -> int:
    """Book what is reserved beyond its time; returns how many."""
    found = _EXPIRED.run(connection, {"now": now_s}).mappings().all()
    _book_all(connection, found, now_s)
    return len(found)


def is_expired(connection: sa.Connection, now_s: float) -> bool:
    """Whether there is something to expire."""
    return _IS_EXPIRED.run(connection, {"now": now_s}).first() is not None


def _book_all(connection: sa.Connection, rows: Sequence[sa.RowMapping], now_s: float) -> None:
    for row in rows:
        usage, usd = Usage(*(int(row[name]) for name in AMOUNTS)), usd_of(int(row["cost_pico"]))
        payment = Payment(str(row["id"]), str(row["event"]), str(row["model"]), usage, usd, is_estimated=True)
        book(connection, payment, now_s)


def _row(wanted: Reservation) -> dict[str, Any]:
    return {
        "id": wanted.id,
        "event": wanted.event_id,
        "rule": wanted.rule,
        "person": wanted.person,
        "model": wanted.model,
        "most_pico": pico_of(wanted.most_usd),
        "until": wanted.until_s,
        "is_batch": int(wanted.is_batch),
        **amounts_of(wanted.likely, wanted.likely_usd),
    }


def _spent(kind: str) -> Statement:
    total = sa.select(sa.func.sum(payments.c.cost_pico)).where(payments.c.day == sa.bindparam("day", type_=sa.Text))
    return Statement(total if kind == "all" else total.where(payments.c[kind] == sa.bindparam(kind, type_=sa.Text)))


def _held(kind: str) -> Statement:
    total = sa.select(sa.func.sum(reservations.c.most_pico)).where(reservations.c.id != sa.bindparam("but"))
    return Statement(total if kind == "all" else total.where(reservations.c[kind] == sa.bindparam(kind, type_=sa.Text)))


_WARN = {
    name: Statement(
        dialect.insert(warnings)
        .values(day=sa.bindparam("day"), scope=sa.bindparam("scope"))
        .on_conflict_do_nothing()
        .returning(warnings.c.scope)
    )
    for name, dialect in DIALECTS.items()
}
_KINDS = ("all", "rule", "person")
_SPENT, _HELD = {kind: _spent(kind) for kind in _KINDS}, {kind: _held(kind) for kind in _KINDS}
_GONE = (*(reservations.c[name] for name in ("id", "event", "model", *AMOUNTS, "cost_pico")),)
_OVER = reservations.c.until < sa.bindparam("now", type_=sa.Float)
_OF_EVENT = reservations.c.event == sa.bindparam("event", type_=sa.Text)
_RESERVE = Statement(
    sa.insert(reservations).values({column.name: sa.bindparam(column.name) for column in reservations.columns})
)
_FREE = Statement(sa.delete(reservations).where(reservations.c.id == sa.bindparam("id", type_=sa.Text)))
_SETTLE = Statement(sa.delete(reservations).where(_OF_EVENT))
_ABANDONED = Statement(sa.delete(reservations).where(_OF_EVENT, reservations.c.is_batch == 0).returning(*_GONE))
_EXPIRED = Statement(sa.delete(reservations).where(_OVER).returning(*_GONE))
_IS_EXPIRED = Statement(sa.select(reservations.c.id).where(_OVER).limit(1))
