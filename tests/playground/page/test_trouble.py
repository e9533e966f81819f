"""What the trouble panel says is true: healed when every answer that was hit is whole, else failed, and why."""

from datetime import UTC, datetime

import pytest

from bot.events import Receipt
from playground.page.outcome import Outcome, Target
from playground.page.strikes import Strike
from playground.page.trouble import Troubles, verdict


class FakeBreakage:
    """What strikes and passes when it is told."""

    def __init__(self):
        self.struck = self.over = False

    def order(self):
        return Strike(lambda: self.struck, lambda: self.over)


class FakeOutcomes:
    """The outcome of each event as it was set, pending until then."""

    def __init__(self):
        self.known = {}

    def event_id(self, target, receipts):
        return target.event_id

    def of(self, target, receipts):
        return self.known.get(target.event_id, Outcome("pending"))


class Rig:
    def __init__(self):
        self.strikes, self.outcomes, self.now = FakeBreakage(), FakeOutcomes(), 1000.0
        self.troubles = Troubles({"kill": self.strikes.order}, self.outcomes, lambda: self.now)
        self.receipts = {}

    def receive(self, event_id, state="working"):
        at = datetime.fromtimestamp(self.now, UTC)
        ended = at if state == "answered" else None
        self.receipts[event_id] = Receipt(
            event_id, "slack", "slack", event_id, event_id, state, received_at=at, finished_at=ended
        )

    def look(self, times=1):
        for _ in range(times):
            self.now += 0.1
            self.troubles.notice()
            self.troubles.watch(self.receipts)
        (told,) = self.troubles.told().values()
        return told["state"], told["words"][-1]["words"]


@pytest.fixture
def rig():
    return Rig()


def test_it_waits_until_it_struck(rig):
    rig.troubles.order("kill", lambda _: None)
    assert rig.look(3)[0] == "ordered"


def test_it_is_not_healed_before_what_was_broken_works_again(rig):
    rig.receive("a")
    rig.troubles.order("kill", lambda _: None)
    rig.strikes.struck = True
    assert rig.look() == ("struck", "It struck while one answer was on the way.")
    rig.outcomes.known["a"] = Outcome("whole")
    assert rig.look()[0] == "struck"
    rig.strikes.over = True
    assert rig.look()[0] == "healed"


def test_it_watches_what_it_asked_for_to_the_end(rig):
    rig.strikes.struck = rig.strikes.over = True
    rig.troubles.order("kill", lambda _: Target(event_id="asked"))
    assert rig.look(5)[0] == "struck"
    rig.outcomes.known["asked"] = Outcome("whole")
    assert rig.look()[0] == "healed"


def test_an_answer_that_ended_in_the_moment_of_the_strike_is_watched_too(rig):
    rig.troubles.order("kill", lambda _: None)
    rig.look()
    rig.receive("a", "answered")
    rig.strikes.struck = rig.strikes.over = True
    assert rig.look() == ("struck", "It struck while one answer was on the way.")


def test_an_answer_that_ended_before_is_not(rig):
    rig.receive("a", "answered")
    rig.troubles.order("kill", lambda _: None)
    rig.look(2)
    rig.strikes.struck = rig.strikes.over = True
    assert rig.look() == ("struck", "It struck.")


def test_a_failed_answer_is_called_failed_with_its_reason(rig):
    rig.receive("a")
    rig.receive("b")
    rig.troubles.order("kill", lambda _: None)
    rig.strikes.struck = rig.strikes.over = True
    rig.outcomes.known = {"a": Outcome("failed", "The key is wrong."), "b": Outcome("whole")}
    assert rig.look(2) == ("failed", "One answer came whole all the same.")
    (told,) = rig.troubles.told().values()
    assert told["words"][-2]["words"] == "Failed: The key is wrong."


def test_with_nothing_on_the_way_it_says_so(rig):
    rig.troubles.order("kill", lambda _: None)
    rig.strikes.struck = rig.strikes.over = True
    assert rig.look(2) == ("over", "Nothing was on the way to be hit.")


def test_a_row_that_was_deleted_leaves_nothing_to_watch():
    assert verdict([Outcome("gone", "its row was deleted")]) == (
        "over", ["Its row was deleted, so nothing is left to watch."],
    )  # fmt: skip


def test_several_whole_answers_are_counted():
    assert verdict([Outcome("whole"), Outcome("whole"), Outcome("gone", "its row was deleted")]) == (
        "healed", ["Healed: 2 answers came whole, each in its own place."],
    )  # fmt: skip
