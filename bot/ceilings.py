"""The ceilings of money that there are: per day (from 00:00 UTC), per rule and per person, in US dollars. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.events import Event
from bot.rules.rule import Rule
from bot.settings import Settings


@dataclass(frozen=True, slots=True)
class Ceiling:
    """`limit_usd` a day (UTC) for `whom`: a rule, a person, or everybody (both None)."""

    limit_usd: float
    whom: str
    rule: str | None = None
    person: str | None = None

    @property
    def scope(self) -> str:
        """What it covers, as a key."""
        return f"rule:{self.rule}" if self.rule is not None else f"person:{self.person}" if self.person else "all"


def shared_ceilings(settings: Settings, rules: Sequence[Rule]) -> tuple[Ceiling, ...]:
    """Those of the bot and of these rules."""
    bot = [Ceiling(limit, "this bot") for limit in (settings.daily_budget_usd,) if limit is not None]
    own = [(rule.name, limit) for rule in rules if (limit := rule.daily_budget_usd) is not None]
    return (*bot, *(Ceiling(limit, f'the rule "{name}"', rule=name) for name, limit in own))


def ceilings(event: Event, rule: Rule, settings: Settings) -> tuple[Ceiling, ...]:
    """Those that an event stands under."""
    shared = shared_ceilings(settings, (rule,))
    if settings.person_daily_budget_usd is None or not event.person:
        return shared
    return (*shared, Ceiling(settings.person_daily_budget_usd, "each person", person=event.person))
