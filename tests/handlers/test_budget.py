"""The tests of the ceilings: a day, a rule, a person; friendly words when one is reached; what is only reserved."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from bot.errors import RESERVED, SPENT, Refused, Waits
from bot.events import Usage
from bot.rules.rule import Rule
from bot.settings import load_settings
from handlers.budget import Budget
from handlers.claude.forecast import Forecast
from tests.bot.engines import throwaway_database
from tests.handlers.books import Books
from tests.handlers.test_prompt import event_of

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 23, 0, 30, tzinfo=timezone(timedelta(hours=2)))
SETTINGS = load_settings(_env_file=None, daily_budget_usd=5, person_daily_budget_usd=1)
RULE = Rule(name="invoices", on="slack", daily_budget_usd=2)
EVENT = replace(event_of(), person="U1", rule="invoices", time=NOW)
M = 1_000_000


def call(most_usd=0.5, likely_usd=0.02):
    """A call of Sonnet 5.5 that may cost so much, and likely costs so much."""
    model = "claude-sonnet-5-5"
    return Forecast(model, Usage(0, round(most_usd * M / 10)), Usage(round(likely_usd * M / 2)))


@pytest.fixture(params=["sqlite", "postgres"])
def books(request, tmp_path):
    with throwaway_database(request.param, tmp_path) as url:
        found = Books(url)
        yield found
        found.database.dispose()


def budget_of(books, settings=SETTINGS, now=NOW, warn=None):
    return Budget(settings, books, now=lambda: now, warn=warn)


def spend(books, usd, now=NOW, **changes):
    books.spend(replace(EVENT, id=f"spent{changes}", **changes), usd, now.timestamp())


@pytest.mark.parametrize(
    ("usd", "changes", "words"),
    [
        (5.0, {"rule": "x", "person": "y"}, r"budget of \$5\.00 for this bot is used up"),
        (2.5, {"person": "y"}, r'\$2\.00 for the rule "invoices"'),
        (1.0, {"rule": "x"}, r"\$1\.00 for each person"),
    ],
)
async def test_a_reached_ceiling_refuses_in_friendly_words(books, usd, changes, words):
    spend(books, usd, **changes)
    budget = budget_of(books)
    with pytest.raises(Refused, match=words) as caught:
        await budget.check(EVENT, RULE)
    assert caught.value.code == SPENT
    with pytest.raises(Refused, match=words):
        await budget.till(EVENT, RULE).reserve(call())
    assert books.reserved() == []


async def test_below_every_ceiling_nothing_happens_and_the_day_begins_at_midnight_utc(books):
    spend(books, 0.99)
    spend(books, 100.0, datetime(2026, 11, 21, 23, 59, tzinfo=UTC), person="y")
    await budget_of(books).check(EVENT, RULE)
    with pytest.raises(Refused):
        await budget_of(books, now=datetime(2026, 11, 21, 23, 59, tzinfo=UTC)).check(EVENT, RULE)


async def test_without_ceilings_money_is_given_all_the_same_and_kept_in_view(books):
    spend(books, 1000.0)
    budget, rule = budget_of(books, load_settings(_env_file=None)), Rule(name="r", on="slack")
    await budget.check(EVENT, rule)
    await budget.till(EVENT, rule).reserve(call())
    assert books.reserved() == [EVENT.id]


async def test_a_ceiling_of_nothing_refuses_everything(books):
    with pytest.raises(Refused):
        await budget_of(books, load_settings(_env_file=None, daily_budget_usd=0)).check(EVENT, RULE)


async def test_one_call_may_go_over_and_the_next_waits_until_it_is_paid(books):
    budget = budget_of(books)
    first, second = budget.till(EVENT, RULE), budget.till(replace(EVENT, id="e2"), RULE)
    spend(books, 0.7)
    await first.reserve(call(0.5))
    with pytest.raises(Waits) as caught:
        await second.reserve(call(0.5))
    assert (caught.value.waits_for, caught.value.note) == (RESERVED, '{"scope": "person:U1"}')
    assert caught.value.until
    assert NOW + timedelta(seconds=9) < caught.value.until < NOW + timedelta(seconds=21)
    with pytest.raises(Waits):
        await budget.check(EVENT, RULE)
    await first.settle("claude-sonnet-5-5", Usage(1), 0.1)
    await second.reserve(call(0.5))
    assert books.reserved() == ["e2"]
    assert books.paid()[-1] == (EVENT.id, 0.1)


async def test_whoever_waits_long_looks_less_often(books):
    budget = budget_of(books)
    await budget.till(EVENT, RULE).reserve(call(6.0))
    old = replace(EVENT, time=NOW - timedelta(days=1))
    with pytest.raises(Waits) as caught:
        await budget.check(old, RULE)
    assert caught.value.until
    assert caught.value.until >= NOW + timedelta(minutes=5)


async def test_a_person_at_their_own_ceiling_stops_nobody_else(books):
    budget = budget_of(books)
    spend(books, 1.0)
    with pytest.raises(Refused):
        await budget.till(EVENT, RULE).reserve(call())
    await budget.till(replace(EVENT, person="U2"), RULE).reserve(call())


async def test_what_is_spent_counts_before_what_is_only_reserved(books):
    budget = budget_of(books)
    await budget.till(replace(EVENT, person="U2"), RULE).reserve(call(6.0))
    spend(books, 1.0, rule="x")
    with pytest.raises(Refused, match="each person"):
        await budget.till(EVENT, RULE).reserve(call())


async def test_a_call_that_cost_nothing_leaves_nothing(books):
    till = budget_of(books).till(EVENT, RULE)
    await till.reserve(call())
    await till.settle("claude-sonnet-5-5", Usage(), 0.0)
    assert (books.reserved(), books.paid()) == ([], [])


async def test_two_hundred_at_once_get_no_more_than_there_is(books):
    tills = [budget_of(books).till(replace(EVENT, id=f"e{n}", person=f"p{n}"), RULE) for n in range(200)]
    given = await asyncio.gather(*(till.reserve(call(0.5)) for till in tills), return_exceptions=True)
    assert [one for one in given if one is None] == [None] * 4
    assert all(isinstance(one, Waits) for one in given if one is not None)
    assert len(books.reserved()) == 4


async def test_whoever_waits_is_called_once_money_is_freed_and_all_are_once_it_is_spent(books):
    notes = {f"w{n}": {"scope": "rule:invoices"} for n in range(30)} | {"other": {"scope": "rule:other"}}
    books.waiting = {RESERVED: notes}
    budget = budget_of(books)
    budget.paid(EVENT, RULE)
    await settled(budget)
    assert books.woken == ["w0"]
    spend(books, 2.0)
    budget.paid(EVENT, RULE)
    await settled(budget)
    assert books.woken == ["w0", *(f"w{n}" for n in range(30))]


async def test_a_start_calls_everybody_who_waits_for_money_unless_there_is_none(books):
    books.waiting = {RESERVED: {"a": {}}, SPENT: {"b": {}}}
    await budget_of(books).call_all()
    assert books.woken == ["a", "b"]
    spend(books, 5.0)
    await budget_of(books).call_all()
    assert books.woken == ["a", "b", "a"]


async def test_of_a_near_ceiling_somebody_is_told_once_a_day_by_one_process(books):
    told = []

    async def warn(key, words):
        told.append((key, words))

    spend(books, 1.6)
    for _ in range(2):
        budget = budget_of(books, warn=warn)
        budget.paid(EVENT, RULE)
        await settled(budget)
    assert told == [
        (
            "budget:2026-11-22:rule:invoices",
            '$1.60 are spent today, 80% of the budget of $2.00 for the rule "invoices".',
        ),
        ("budget:2026-11-22:person:U1", "$1.60 are spent today, 160% of the budget of $1.00 for each person (U1)."),
    ]


async def settled(budget):
    """Wait for what the budget does in the background."""
    await asyncio.gather(*budget._tasks)
