"""The tests of the ceilings: a day, a rule, a person; a friendly sentence when one is reached."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from bot.errors import Refused
from bot.events import Usage
from bot.rules.rule import Rule
from bot.settings import load_settings
from handlers.budget import Budget
from tests.handlers.test_prompt import event_of

pytestmark = pytest.mark.anyio


@dataclass
class Book:
    """Payments in memory."""

    spent: dict[Any, float] = field(default_factory=dict)
    asked: list[Any] = field(default_factory=list)
    paid: list[Any] = field(default_factory=list)

    def spent_usd(self, since, rule=None, person=None):
        self.asked.append((since, rule, person))
        return self.spent.get((rule, person), 0.0)

    def pay(self, event_id, model, usage, cost_usd):
        self.paid.append((event_id, cost_usd))


NOW = datetime(2026, 11, 23, 0, 30, tzinfo=timezone(timedelta(hours=2)))
SETTINGS = load_settings(_env_file=None, daily_budget_usd=5, person_daily_budget_usd=1)
RULE = Rule(name="invoices", on="slack", daily_budget_usd=2)
EVENT = replace(event_of(), person="U1")


@pytest.mark.parametrize(
    ("spent", "words"),
    [
        ({(None, None): 5.0}, r"budget of \$5\.00 for this bot is used up"),
        ({("invoices", None): 2.5}, r'\$2\.00 for the rule "invoices"'),
        ({(None, "U1"): 1.0}, r"\$1\.00 for each person"),
    ],
)
async def test_a_reached_ceiling_refuses_in_friendly_words(spent, words):
    with pytest.raises(Refused, match=words):
        await Budget(SETTINGS, Book(spent), now=lambda: NOW).check(EVENT, RULE)


async def test_below_every_ceiling_nothing_happens_and_the_day_begins_at_midnight_utc():
    book = Book({(None, None): 4.99, ("invoices", None): 1.99, (None, "U1"): 0.99})
    await Budget(SETTINGS, book, now=lambda: NOW).check(EVENT, RULE)
    assert [since for since, _, _ in book.asked] == [datetime(2026, 11, 22, tzinfo=UTC)] * 3


async def test_without_ceilings_nobody_is_asked():
    book = Book({(None, None): 1000.0})
    await Budget(load_settings(_env_file=None), book).check(EVENT, Rule(name="r", on="slack"))
    assert book.asked == []


async def test_a_ceiling_of_nothing_refuses_everything():
    with pytest.raises(Refused):
        await Budget(load_settings(_env_file=None, daily_budget_usd=0), Book()).check(EVENT, RULE)


async def test_a_failed_attempt_is_booked():
    book = Book()
    await Budget(SETTINGS, book).book(EVENT, "claude-sonnet-5-5", Usage(1), 0.5)
    assert book.paid == [("e1", 0.5)]
