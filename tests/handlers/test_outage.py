"""Tests of outages of Claude's API: who waits, how long, and whose fault it is."""

from datetime import UTC, datetime, timedelta

from bot.errors import FAULT, OUTAGE, Refused, TryAgain, Waits
from handlers.outage import Outages

AWAY, FAULTY = TryAgain("Claude is overloaded just now.", code=OUTAGE), TryAgain("A fault.", code=FAULT)
BEGUN = datetime(2026, 11, 29, tzinfo=UTC)


class Clock:
    def __init__(self):
        self.now = BEGUN

    def __call__(self):
        return self.now

    def pass_(self, **time):
        self.now += timedelta(**time)


def gap(outages, error, event_id="a", *, watched=False):
    waits = outages.failed(event_id, error, watched=watched)
    assert isinstance(waits, Waits)
    assert waits.waits_for == OUTAGE
    return waits.until - outages.now()


def test_what_nobody_watches_waits_with_growing_gaps_up_to_two_hours_without_an_end():
    clock = Clock()
    outages, gaps = Outages(clock), []
    for _ in range(60):
        gaps.append(gap(outages, AWAY))
        clock.now += gaps[-1]
    minutes = [one / timedelta(minutes=1) for one in gaps]
    assert minutes[:9] == [1, 1, 2, 4, 8, 16, 32, 64, 120]
    assert set(minutes[9:]) == {120}
    assert clock.now - BEGUN > timedelta(days=4)


def test_whoever_watches_is_tried_for_half_an_hour_and_then_told_why_not():
    clock = Clock()
    outages, tries = Outages(clock), 0
    while isinstance(waits := outages.failed("a", AWAY, watched=True), Waits):
        assert waits.until is not None
        assert waits.until - clock.now <= timedelta(minutes=2)
        clock.now, tries = waits.until, tries + 1
    assert isinstance(waits, Refused)
    assert waits.reason == AWAY.reason
    assert timedelta(minutes=30) <= clock.now - BEGUN <= timedelta(minutes=32)
    assert 15 < tries < 25


def test_one_question_tries_for_all():
    clock = Clock()
    outages = Outages(clock)
    assert outages.hold() is None
    gap(outages, AWAY)
    held = outages.hold()
    assert held is not None
    assert held.until == BEGUN + timedelta(minutes=1)
    clock.pass_(minutes=1)
    assert outages.hold() is None, "this one tries"
    assert outages.hold() is not None


def test_the_first_answer_ends_it_and_says_so_once():
    clock, over = Clock(), []
    outages = Outages(clock, lambda: over.append(1))
    outages.answered()
    gap(outages, AWAY)
    outages.answered()
    outages.answered()
    assert over == [1]
    assert outages.hold() is None
    clock.pass_(hours=5)
    assert gap(outages, AWAY, "b") == timedelta(minutes=1), "another outage begins anew"


def test_a_fault_that_stays_while_others_are_answered_is_the_events_own():
    clock = Clock()
    outages = Outages(clock)
    gap(outages, FAULTY)
    clock.pass_(minutes=1)
    gap(outages, FAULTY)
    outages.answered()
    clock.pass_(minutes=1)
    assert outages.failed("a", FAULTY, watched=False) is None
    gap(outages, AWAY)  # whatever is asked, nobody is answered then
    outages.forget("a")
    gap(outages, FAULTY)


def test_every_other_fault_is_the_events_own():
    assert Outages(Clock()).failed("a", TryAgain("not in the form that the columns need"), watched=False) is None


def test_what_claude_asks_for_is_waited_out_at_least():
    assert gap(Outages(Clock()), TryAgain("busy", 50.0, OUTAGE), watched=True) == timedelta(seconds=50)
