"""The tests of the payments: every call is counted, once, and the sums that people ask for are right."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from bot.engine import transitions
from bot.engine.transitions import Ending
from bot.events import Usage
from bot.payments import LAST, AnswerLength, Payment, Payments, book
from bot.receipts import Receipts
from bot.store.database import open_database
from bot.store.schema import receipts
from tests.bot.engines import answer_to, event, throwaway_database

NOON_S = datetime(2026, 11, 23, 12, tzinfo=UTC).timestamp()
DAY_S = 86_400


@pytest.fixture(params=["sqlite", "postgres"])
def database(request, tmp_path):
    with throwaway_database(request.param, tmp_path) as url:
        engine = open_database(url)
        yield engine
        engine.dispose()


@pytest.fixture
def payments(database):
    return Payments(database, clock=lambda: NOON_S)


def answered(database, number, now_s=NOON_S):
    """The answer as it is kept, of an event that this one run answered."""
    with database.begin() as connection:
        transitions.add(connection, event(number), Ending("received"), now_s)
        run = transitions.begin(connection, event(number).id, now_s)
        assert run
        answer = transitions.stored(connection, run, answer_to(event(number).id), now_s)
        transitions.ended(connection, run, Ending("answered"), now_s)
    return answer


def test_every_call_is_counted_in_money_and_tokens(database, payments):
    answered(database, 1)
    payments.pay(event(1).id, "claude-dear", Usage(1_000, 500, web_searches=2), 1.5)
    receipt = Receipts(database).get(event(1).id)
    assert receipt
    assert receipt.cost_usd == 1.75
    assert receipt.usage == Usage(1_100, 520, 3, 4, web_searches=2)
    midnight = datetime(2026, 11, 23, tzinfo=UTC)
    assert payments.spent_usd(midnight) == 1.75
    assert payments.spent_usd(midnight, rule="chat") == 1.75
    assert payments.spent_usd(midnight, rule="other") == 0
    assert payments.spent_usd(midnight, person="ann") == 1.75
    assert payments.spent_usd(datetime(2026, 11, 23, 13, tzinfo=UTC)) == 0


def test_an_answer_tells_what_its_whole_event_cost(database, payments):
    with database.begin() as connection:
        transitions.add(connection, event(1), Ending("received"), NOON_S)
    payments.pay(event(1).id, "claude-test", Usage(50), 0.125)
    with database.begin() as connection:
        run = transitions.begin(connection, event(1).id, NOON_S)
        assert run
        told = transitions.stored(connection, run, answer_to(event(1).id), NOON_S)
    assert told == replace(answer_to(event(1).id), usage=Usage(150, 20, 3, 4), cost_usd=0.375)
    assert Receipts(database).answer(event(1).id) == told


def test_a_payment_that_is_booked_twice_counts_once(database, payments):
    answered(database, 1)
    for _ in range(2):
        payments.pay(event(1).id, "claude-test", Usage(1), 1.0, "p")
    assert payments.spent_usd(datetime(2026, 11, 23, tzinfo=UTC)) == 1.25


def test_a_sum_of_ten_thousand_small_ones_is_exact(database, payments):
    with database.begin() as connection:
        for number in range(1_000):
            book(connection, Payment(f"p{number}", "gone", "claude-test", Usage(1), 0.1 + number * 1e-12), NOON_S)
    assert payments.spent_usd(datetime(2026, 11, 23, tzinfo=UTC)) == 100 + 999 * 500 * 1e-12


def test_costs_are_added_up_by_day_rule_model_person_and_source(database, payments):
    answered(database, 1, NOON_S - 2 * DAY_S)
    answered(database, 2)
    answered(database, 3)
    today, before = payments.costs(7)
    assert [today[name] for name in ("day", "rule", "model")] == ["2026-11-23", "chat", "claude-test"]
    assert (today["person"], today["source"]) == (event(2).person, event(2).source)
    assert (today["events"], today["input_tokens"], today["output_tokens"]) == (2, 200, 40)
    assert today["cost_usd"] == 0.5
    assert before["day"] == "2026-11-21"
    assert payments.costs(1) == [today]


def test_costs_may_be_told_apart_by_one_thing_or_none(database, payments):
    answered(database, 1, NOON_S - DAY_S)
    answered(database, 2)
    assert [(row["model"], row["events"]) for row in payments.costs(7, ("model",))] == [("claude-test", 2)]
    (total,) = payments.costs(7, ())
    assert (total["events"], total["cost_usd"]) == (2, 0.5)


def test_how_long_answers_are_is_the_mean_of_the_last_ones_of_a_rule(database, payments):
    paid(database, [600] * LAST, at_s=NOON_S - DAY_S)
    assert payments.answer_length("chat") == AnswerLength(600, LAST)
    paid(database, [100, 300] * (LAST // 2), start=LAST)
    assert payments.answer_length("chat") == AnswerLength(200, LAST)
    assert payments.answer_length("other") is None


def test_two_answers_do_not_say_how_long_a_third_will_be(database, payments):
    paid(database, [100, 200])
    assert payments.answer_length("chat") is None
    paid(database, [300], start=2)
    assert payments.answer_length("chat") == AnswerLength(200, 3)


def test_all_payments_of_an_event_are_one_answer(database, payments):
    paid(database, [100, 200, 300])
    payments.pay(event(0).id, "claude-test", Usage(1, 60), 0.1)
    assert payments.answer_length("chat") == AnswerLength(220, 3)


def test_an_event_that_failed_and_a_call_that_nobody_heard_of_say_nothing(database, payments):
    paid(database, [100, 200, 300])
    paid(database, [1], start=3, state="failed")
    with database.begin() as connection:
        book(connection, Payment("lost", event(0).id, "claude-test", Usage(1, 600), 0.1, is_estimated=True), NOON_S)
    assert payments.answer_length("chat") == AnswerLength(200, 3)


def test_answers_are_known_for_longer_than_their_receipts(database, payments):
    paid(database, [100, 200, 300])
    with database.begin() as connection:
        connection.execute(sa.delete(receipts))
    assert payments.answer_length("chat") == AnswerLength(200, 3)


def test_only_answers_to_the_same_question_count_where_one_is_named(database, payments):
    paid(database, [100, 200, 300], ending="aaaa%aaa")
    paid(database, [700, 800, 900], start=3, ending="bbbbbbbb")
    assert payments.answer_length("chat", "aaaa%aaa") == AnswerLength(200, 3)
    assert payments.answer_length("chat", "bbbbbbbb") == AnswerLength(800, 3)
    assert payments.answer_length("chat", "%") is None
    assert payments.answer_length("chat") == AnswerLength(500, 6)


def paid(database, lengths, *, start=0, state="answered", ending="", at_s=NOON_S):
    """Events of one rule, each paid once, with answers of these tokens."""
    with database.begin() as connection:
        for number, tokens in enumerate(lengths, start):
            one = event(number)
            one = replace(one, id=one.id + ending)
            transitions.add(connection, one, Ending(state), at_s)
            book(connection, Payment(f"{one.id}-p", one.id, "claude-test", Usage(1, tokens), 0.1), at_s + number)
