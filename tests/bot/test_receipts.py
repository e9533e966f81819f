"""The tests of the receipts: what is read back, what was spent, and what changed since."""

from datetime import UTC, datetime

import pytest

from bot.engine import transitions
from bot.engine.transitions import Ending
from bot.receipts import Receipts, conversation_key
from bot.store.database import open_database
from tests.bot.engines import answer_to, event, throwaway_database

NOON_S = datetime(2026, 11, 23, 12, tzinfo=UTC).timestamp()


@pytest.fixture(params=["sqlite", "postgres"])
def database(request, tmp_path):
    with throwaway_database(request.param, tmp_path) as url:
        engine = open_database(url)
        yield engine
        engine.dispose()


@pytest.fixture
def receipts(database):
    return Receipts(database, clock=lambda: NOON_S)


def add(database, number, now_s=NOON_S, state="received", conversation="c"):
    with database.begin() as connection:
        return transitions.add(connection, event(number, conversation), Ending(state), now_s)


def answered(database, number, now_s=NOON_S):
    add(database, number, now_s)
    with database.begin() as connection:
        run = transitions.begin(connection, event(number).id, now_s)
        assert run
        transitions.stored(connection, run, answer_to(event(number).id), now_s)
        transitions.ended(connection, run, Ending("answered"), now_s)
    return run


def test_an_answer_is_only_looked_for_where_one_was_stored(database, receipts):
    add(database, 1)
    with database.begin() as connection:
        first = transitions.begin(connection, event(1).id, NOON_S)
        assert first
        assert not first.has_answer
        transitions.stored(connection, first, answer_to(event(1).id), NOON_S)
        again = transitions.begin(connection, event(1).id, NOON_S)
    assert again
    assert again.has_answer


def test_a_stored_answer_is_booked_once_however_often_its_transaction_is_repeated(database, receipts):
    add(database, 1)
    with database.begin() as connection:
        run = transitions.begin(connection, event(1).id, NOON_S)
        assert run
    for _ in range(2):  # the first was committed and only its confirmation got lost
        with database.begin() as connection:
            transitions.stored(connection, run, answer_to(event(1).id, 0.25), NOON_S)
    receipt = receipts.get(event(1).id)
    assert receipt
    assert (receipt.cost_usd, receipt.usage.input_tokens, receipt.model) == (0.25, 100, "claude-test")


def test_the_receipt_of_a_new_event_is_the_one_that_is_read_back(database, receipts):
    for number, state in ((1, "received"), (2, "skipped")):
        receipt, order = add(database, number, state=state)
        assert receipt == receipts.get(event(number).id)
        assert order
        assert add(database, number, NOON_S + 1) == (receipt, 0)


def test_the_newest_come_first_and_can_be_chosen(database, receipts):
    for number in range(5):
        add(database, number, NOON_S + number, "skipped" if number == 2 else "received")
    assert [receipt.id[-1] for receipt in receipts.newest()] == ["4", "3", "2", "1", "0"]
    assert [receipt.id[-1] for receipt in receipts.newest(limit=2)] == ["4", "3"]
    assert [receipt.id[-1] for receipt in receipts.newest(state="skipped")] == ["2"]
    assert receipts.newest(source="slack") == []
    assert receipts.counts() == {"received": 4, "working": 0, "waiting": 0, "answered": 0, "failed": 0, "skipped": 1}


def test_what_is_unknown_is_none(receipts):
    assert receipts.get("no") is None
    assert receipts.event("no") is None
    assert receipts.answer("no") is None


def test_a_known_id_keeps_its_first_receipt(database, receipts):
    first, order = add(database, 1)
    again, no_order = add(database, 1, NOON_S + 100, "skipped")
    assert order > 0
    assert no_order == 0
    assert again == first == receipts.get(event(1).id)


def test_a_repeated_booking_counts_once(database, receipts):
    run = answered(database, 1)
    with database.begin() as connection:
        transitions.stored(connection, run, answer_to(event(1).id), NOON_S)
    assert receipts.get(event(1).id).cost_usd == 0.25


def test_a_page_sees_each_change_once_it_asks_from_where_it_was(database, receipts):
    answered(database, 1)
    start = receipts.changed_since(0)
    assert [receipt.state for receipt in start.receipts] == ["answered"]
    receipts.set_feedback(event(1).id, "good")
    then = receipts.changed_since(start.sequence)
    assert [(receipt.id, receipt.feedback) for receipt in then.receipts] == [(event(1).id, "good")]
    assert then.sequence > start.sequence


def test_a_quiet_page_sees_nothing(database, receipts):
    answered(database, 1, NOON_S - 60)
    now = receipts.changed_since(0).sequence
    assert receipts.changed_since(now).receipts == ()


def test_a_newer_run_fences_the_older_one(database, receipts):
    add(database, 1)
    with database.begin() as connection:
        old = transitions.begin(connection, event(1).id, NOON_S)
        new = transitions.begin(connection, event(1).id, NOON_S)
    assert old
    assert new
    with pytest.raises(transitions.Superseded), database.begin() as connection:
        transitions.stored(connection, old, answer_to("the zombie's"), NOON_S)
    with database.begin() as connection:
        transitions.ended(connection, new, Ending("answered"), NOON_S)
    assert receipts.answer(event(1).id) is None
    assert receipts.get(event(1).id).state == "answered"


def test_an_ended_event_does_not_begin_again(database, receipts):
    answered(database, 1)
    with database.begin() as connection:
        assert transitions.begin(connection, event(1).id, NOON_S) is None
        assert transitions.begin(connection, "unknown", NOON_S) is None


def test_a_conversation_is_found_again_however_long_its_name(database, receipts):
    long = "/a folder/" * 500 + "\udcff"
    add(database, 1, conversation=long)
    add(database, 2, conversation=long)
    add(database, 3, conversation="other")
    assert [receipt.id[-1] for receipt in receipts.in_conversation(long)] == ["2", "1"]
    assert len(conversation_key(long).encode()) <= 500
    assert conversation_key("short") == "short"


def test_the_open_events_below_a_name_are_those_of_its_conversations(database, receipts):
    add(database, 1, conversation="slack:T_1:D1:100.1")
    add(database, 2, conversation="slack:T_1:D1:200.1")
    add(database, 3, conversation="slack:TX1:D1:300.1")
    add(database, 4, conversation="slack:T_1:D1:400.1", state="answered")
    assert receipts.open_below("slack:T_1:D1:") == [event(1).id, event(2).id]
