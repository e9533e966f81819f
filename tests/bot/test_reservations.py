"""The tests of the reservations: settled with the answer, booked when nobody does, gone when their event ends."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from bot import reservations
from bot.ceilings import Ceiling
from bot.engine import parking, transitions
from bot.engine.transitions import Ending
from bot.errors import Waits
from bot.events import Usage
from bot.payments import Payments
from bot.receipts import Receipts
from bot.reservations import Reservation, standings
from bot.store.database import open_database
from tests.bot.engines import answer_to, event, throwaway_database

NOON_S = datetime(2026, 11, 23, 12, tzinfo=UTC).timestamp()
ALL = Ceiling(5.0, "this bot")


@pytest.fixture(params=["sqlite", "postgres"])
def database(request, tmp_path):
    with throwaway_database(request.param, tmp_path) as url:
        engine = open_database(url)
        Payments(engine)
        yield engine
        engine.dispose()


def wanted(name, number=1, most_usd=1.0, *, is_batch=False):
    return Reservation(
        id=name,
        event_id=event(number).id,
        rule="chat",
        person="ann",
        model="claude-test",
        most_usd=most_usd,
        likely=Usage(100, 50),
        likely_usd=0.125,
        until_s=NOON_S + 60,
        is_batch=is_batch,
    )


def begun(database, number=1):
    """The next run of an event."""
    with database.begin() as connection:
        transitions.add(connection, event(number, f"c{number}"), Ending("received"), NOON_S)
        run = transitions.begin(connection, event(number).id, NOON_S)
    assert run
    return run


def reserve(database, *which):
    with database.begin() as connection:
        return [reservations.reserve(connection, one, [ALL], NOON_S) for one in which]


def held(database):
    with database.connect() as connection:
        return sorted(connection.execute(sa.select(reservations.reservations.c.id)).scalars())


def spent(database):
    (one,) = standings(database, [ALL], NOON_S)
    return one.spent_usd, one.reserved_usd


def test_an_answer_settles_all_that_its_event_had_reserved(database):
    run = begun(database)
    reserve(database, wanted("a"), wanted("b", is_batch=True), wanted("other", 2))
    with database.begin() as connection:
        transitions.stored(connection, run, answer_to(event(1).id, 0.25), NOON_S)
    assert held(database) == ["other"]
    assert spent(database) == (0.25, 1.0)


def test_what_a_dead_run_had_in_flight_is_booked_as_estimated_when_the_next_one_begins(database):
    begun(database)
    reserve(database, wanted("a"), wanted("night", is_batch=True))
    begun(database)
    assert held(database) == ["night"]
    receipt = Receipts(database).get(event(1).id)
    assert receipt
    assert (receipt.cost_usd, receipt.usage) == (0.125, Usage(100, 50))
    begun(database)
    assert spent(database) == (0.125, 1.0)


@pytest.mark.parametrize("state", ["failed", "skipped"])
def test_nothing_is_reserved_for_an_event_that_has_ended(database, state):
    run = begun(database)
    reserve(database, wanted("a"), wanted("night", is_batch=True))
    with database.begin() as connection:
        transitions.ended(connection, run, Ending(state, "no"), NOON_S)
    assert held(database) == []
    assert spent(database) == (0.125, 0.0)


def test_a_batch_keeps_its_money_while_its_event_is_parked(database):
    run = begun(database)
    reserve(database, wanted("night", is_batch=True))
    with database.begin() as connection:
        parking.parked(connection, run, Waits("with batch x", waits_for="batch"), NOON_S)
    assert held(database) == ["night"]


def test_what_nobody_settles_in_its_time_is_booked(database):
    begun(database)
    reserve(database, wanted("a"))
    with database.begin() as connection:
        assert not reservations.is_expired(connection, NOON_S + 59)
        assert reservations.is_expired(connection, NOON_S + 61)
        assert reservations.expire(connection, NOON_S + 61) == 1
    assert (held(database), spent(database)) == ([], (0.125, 0.0))


def test_a_reservation_that_is_written_again_after_a_rollback_counts_once(database):
    with database.connect() as connection:
        reservations.reserve(connection, wanted("a"), [ALL], NOON_S)
        connection.rollback()
    reserve(database, wanted("a"))
    assert spent(database) == (0.0, 1.0)


def test_a_new_day_begins_with_nothing_spent_and_with_what_is_on_its_way(database):
    begun(database)
    Payments(database, clock=lambda: NOON_S - 86_400).pay(event(1).id, "claude-test", Usage(1), 9.0)
    reserve(database, wanted("a"))
    assert spent(database) == (0.0, 1.0)
