"""The ceilings of money: per day (from 00:00 UTC), per rule and per person, in US dollars, over all processes."""

from __future__ import annotations

import asyncio
import random
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol, TypeVar

import sqlalchemy as sa
import structlog

from bot.ceilings import Ceiling, ceilings, shared_ceilings
from bot.errors import RESERVED, SPENT, Refused, Waits
from bot.events import Event, Usage
from bot.payments import Payment, book, day_of
from bot.reservations import Reservation, Standing, free, reserve, standing, warn_once, worst
from bot.rules.rule import Rule
from bot.settings import Settings
from handlers.claude.forecast import Forecast

T = TypeVar("T")

GRACE_S = 60.0
BATCH_S = 26 * 3_600.0
"""A reservation lasts as long as its answer may take, and a little; a batch may take a day."""
SOONEST_S, LATEST_S = 10.0, 300.0
"""Who waits for money is called when some is freed; should that call get lost, it looks again, the later the older."""
CALLED_ONCE_SPENT = 1_000
IN_FLIGHT = "It waits for other answers to be paid, which may use up today's budget"

log = structlog.get_logger()


class Books(Protocol):
    """Where money is kept, and events wait (bot/engine/engine.py)."""

    async def keep(self, change: Callable[[sa.Connection], T]) -> T:
        """Write, however long the database is away."""

    async def wake(self, event_id: str) -> bool:
        """Let a parked event go on."""

    def parked(self, waits_for: str) -> dict[str, dict[str, Any]]:
        """The notes of the events that wait for this, by id, the earliest first."""


Warn = Callable[[str, str], Awaitable[None]]
"""Tells whoever runs the bot: a key, the same for the same thing, and words."""


class Budget:
    """Gives out money for calls, so that at most one of them goes over a ceiling, and calls who waits for some."""

    def __init__(
        self,
        settings: Settings,
        books: Books,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        warn: Warn | None = None,
    ) -> None:
        self.settings, self.books, self.now = settings, books, now
        self._warn = warn
        self._tasks: set[asyncio.Task[None]] = set()

    async def check(self, event: Event, rule: Rule) -> None:
        """Raise Refused (code SPENT) when nothing is left for this event today, Waits while all of it is reserved.

        Reserves nothing: it only saves the work before a call that may not be made.
        """
        found, now_s = ceilings(event, rule, self.settings), self.now().timestamp()
        if found:
            stand = await self.books.keep(lambda connection: [standing(connection, one, now_s) for one in found])
            self.refuse(event, worst(stand))

    def till(self, event: Event, rule: Rule, *, is_batch: bool = False) -> EventTill:
        """Where the calls for one event are reserved and paid; `is_batch`: for half the price, and within a day."""
        return EventTill(self, event, ceilings(event, rule, self.settings), is_batch=is_batch)

    def refuse(self, event: Event, full: Standing | None) -> None:
        """Raise what a ceiling means for a call that does not fit under it; None: it fits."""
        if full is None:
            return
        if full.is_spent:
            raise Refused(reached(full.ceiling), SPENT)
        age_s = (self.now() - event.time).total_seconds()
        after_s = min(max(age_s / 4, SOONEST_S), LATEST_S) * (1 + random.random())  # noqa: S311  # not all at once
        until = self.now() + timedelta(seconds=after_s)
        raise Waits(IN_FLIGHT, until, waits_for=RESERVED, note={"scope": full.ceiling.scope})

    def paid(self, event: Event, rule: Rule) -> None:
        """A call of this event is paid: warn where a ceiling is near, call who waits for money; in the background."""
        found = ceilings(event, rule, self.settings)
        if found:
            task = asyncio.create_task(self._look(found))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def call_all(self) -> None:
        """Let all that waits for money look again, unless the bot's own is spent: the ceilings may be others now."""
        found, now_s = shared_ceilings(self.settings, ()), self.now().timestamp()
        stand = await self.books.keep(lambda connection: [standing(connection, one, now_s) for one in found])
        for code in (RESERVED,) if any(one.is_spent for one in stand) else (RESERVED, SPENT):
            for event_id in await asyncio.to_thread(self.books.parked, code):
                await self.books.wake(event_id)

    async def _look(self, found: Sequence[Ceiling]) -> None:
        now_s = self.now().timestamp()
        stand, near = await self.books.keep(lambda connection: _stand(connection, found, now_s))
        for one in near:
            words = nearly(one)
            log.warning("a ceiling of money is near", words=words)
            if self._warn:
                await self._warn(f"budget:{day_of(now_s)}:{one.ceiling.scope}", words)
        await self._call(stand)

    async def _call(self, stand: Sequence[Standing]) -> None:
        waiting = await asyncio.to_thread(self.books.parked, RESERVED)
        for one in stand:
            mine = [event_id for event_id, note in waiting.items() if note.get("scope") == one.ceiling.scope]
            for event_id in mine[: CALLED_ONCE_SPENT if one.is_spent else 1]:
                await self.books.wake(event_id)


@dataclass(slots=True)
class EventTill:
    """The till of one event (handlers/claude/till.py)."""

    budget: Budget
    event: Event
    found: tuple[Ceiling, ...]
    is_batch: bool = False
    _open: str = field(default="", init=False)

    async def reserve(self, call: Forecast) -> None:
        """Reserve a call under every ceiling. Raises Refused (code SPENT) or Waits."""
        now_s = self.budget.now().timestamp()
        lasts_s = BATCH_S if self.is_batch else self.budget.settings.claude_deadline_seconds + GRACE_S
        wanted = Reservation(
            id=uuid.uuid4().hex,
            event_id=self.event.id,
            rule=self.event.rule,
            person=self.event.person,
            model=call.model,
            most_usd=call.most_usd(batch=self.is_batch),
            likely=call.likely,
            likely_usd=call.likely_usd(batch=self.is_batch),
            until_s=now_s + lasts_s,
            is_batch=self.is_batch,
        )
        full = await self.budget.books.keep(lambda connection: reserve(connection, wanted, self.found, now_s))
        self.budget.refuse(self.event, full)
        self._open = wanted.id

    async def settle(self, model: str, usage: Usage, cost_usd: float) -> None:
        """The reserved call is over and gave no whole answer: book what it used, and let go of the rest."""
        mine, self._open = self._open, ""
        payment = Payment(mine or uuid.uuid4().hex, self.event.id, model, usage, cost_usd)
        now_s = self.budget.now().timestamp()
        await self.budget.books.keep(lambda connection: _settle(connection, payment, now_s))


def _settle(connection: sa.Connection, payment: Payment, now_s: float) -> None:
    free(connection, payment.id)
    if payment.usage != Usage():
        book(connection, payment, now_s)


def _stand(connection: sa.Connection, found: Sequence[Ceiling], now_s: float) -> tuple[list[Standing], list[Standing]]:
    """How all of these stand, and of which somebody must be warned."""
    stand = [standing(connection, ceiling, now_s) for ceiling in found]
    return stand, [one for one in stand if one.is_near and warn_once(connection, one, now_s)]


def midnight_before(now: datetime) -> datetime:
    """When the day of `now` began, in UTC; the next one begins 24 hours later."""
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def reached(ceiling: Ceiling) -> str:
    """The friendly sentence."""
    return (
        f"Today's budget of {_usd(ceiling.limit_usd, ceiling)} for {ceiling.whom} is used up. It opens again at "
        "00:00 UTC; until then the person who runs this bot can raise it."
    )


def nearly(one: Standing) -> str:
    """What whoever runs the bot is told."""
    ceiling = one.ceiling
    whom = f"{ceiling.whom} ({ceiling.person})" if ceiling.person else ceiling.whom
    share = f"{one.spent_usd / ceiling.limit_usd:.0%} of " if ceiling.limit_usd else ""
    limit, spent = _usd(ceiling.limit_usd, ceiling), _usd(one.spent_usd, ceiling)
    return f"{spent} are spent today, {share}the budget of {limit} for {whom}."


def _usd(amount: float, ceiling: Ceiling) -> str:
    return f"${amount:.2f}" if ceiling.limit_usd >= 1 or not ceiling.limit_usd else f"${amount:.4f}"
