"""The tests of what is remembered of events: all of what is worked on, and a bounded number of what is parked."""

from handlers.progress import OpenEvents


def test_what_is_known_of_an_event_outlasts_its_being_parked():
    events = OpenEvents(lambda _: None)
    events.of("a").is_told = True
    events.park("a")
    assert events.of("a").is_told


def test_of_parked_events_those_parked_longest_ago_are_forgotten_and_what_is_worked_on_never_is():
    gone: list[str] = []
    events = OpenEvents(gone.append, most_parked=2)
    events.of("working").is_told = True
    for name in "abc":
        events.of(name).is_told = True
        events.park(name)
    assert gone == ["a"]
    assert [events.of(name).is_told for name in ("working", "b", "c", "a")] == [True, True, True, False]


def test_nothing_is_left_of_what_is_forgotten_wherever_it_stands():
    gone: list[str] = []
    events = OpenEvents(gone.append)
    for name in "ab":
        events.of(name)
    events.park("a")
    for name in "ab":
        events.forget(name)
    assert (len(events), gone) == (0, ["a", "b"])
