"""The ceilings of money: per day, per rule and per person, in US dollars, counted from 00:00 UTC."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from bot.errors import SPENT, Refused
from bot.events import Event, Usage
from bot.rules.rule import Rule
from bot.settings import Settings


class Ledger(Protocol):
    """Where payments are kept (bot/receipts.py)."""

    def spent_usd(self, since: datetime, rule: str | None = None, person: str | None = None) -> float:
        """US dollars paid since then, of one rule or one person when asked."""

    def pay(self, event_id: str, model: str, usage: Usage, cost_usd: float) -> None:
        """Book an attempt that was paid but gave no answer."""


@dataclass(frozen=True, slots=True)
class Ceiling:
    """`limit_usd` a day for `whom`: a rule, a person, or everybody (both None)."""

    limit_usd: float
    whom: str
    rule: str | None = None
    person: str | None = None


def ceilings(event: Event, rule: Rule, settings: Settings) -> tuple[Ceiling, ...]:
    """The ceilings that this event stands under. Pure."""
    found = []
    if settings.daily_budget_usd is not None:
        found.append(Ceiling(settings.daily_budget_usd, "this bot"))
    if rule.daily_budget_usd is not None:
        found.append(Ceiling(rule.daily_budget_usd, f'the rule "{rule.name}"', rule=rule.name))
    if settings.person_daily_budget_usd is not None and event.person:
        found.append(Ceiling(settings.person_daily_budget_usd, "each person", person=event.person))
    return tuple(found)


class Budget:
    """Refuses events once a ceiling is reached; answers already on their way may still go over it, each once."""

    def __init__(
        self, settings: Settings, ledger: Ledger, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._settings, self._ledger, self._now = settings, ledger, now

    async def check(self, event: Event, rule: Rule) -> None:
        """Raise Refused, in plain words, when nothing is left for this event today."""
        midnight = midnight_before(self._now())
        for ceiling in ceilings(event, rule, self._settings):
            spent_usd = await asyncio.to_thread(self._ledger.spent_usd, midnight, ceiling.rule, ceiling.person)
            if spent_usd >= ceiling.limit_usd:
                raise Refused(reached(ceiling), SPENT)

    async def book(self, event: Event, model: str, usage: Usage, cost_usd: float) -> None:
        """Keep what an attempt cost that gave no answer."""
        await asyncio.to_thread(self._ledger.pay, event.id, model, usage, cost_usd)


def midnight_before(now: datetime) -> datetime:
    """When the day of `now` began, in UTC; the next one begins 24 hours later."""
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def reached(ceiling: Ceiling) -> str:
    """The friendly sentence."""
    return (
        f"Today's budget of ${ceiling.limit_usd:.2f} for {ceiling.whom} is used up. It opens again at 00:00 UTC; "
        "until then the person who runs this bot can raise it."
    )
