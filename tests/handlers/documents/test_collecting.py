"""The tests of collecting lines up to the limits."""

import itertools

from handlers.documents.collecting import collect
from handlers.documents.limits import Limits


def test_lines_become_one_text():
    notes: list[str] = []
    assert collect(["a", "", "b"], Limits(), notes) == "a\n\nb"
    assert notes == []


def test_an_endless_reader_is_stopped_at_the_limit():
    notes: list[str] = []
    text = collect(itertools.repeat("abc"), Limits(text_chars=10), notes)
    assert text == "abc\nabc\nab\n\n[Cut here. Only the first 10 characters were read.]"
    assert notes == ["Only the first 10 characters were read."]


def test_lines_that_just_fit_are_whole():
    notes: list[str] = []
    assert collect(["abc", "abc"], Limits(text_chars=7), notes) == "abc\nabc"
    assert notes == []


def test_a_slow_reader_is_stopped_after_its_time():
    notes: list[str] = []
    seconds = itertools.count(0, 4.0)
    text = collect(itertools.repeat("x"), Limits(), notes, clock=lambda: next(seconds))
    assert text.startswith("x\nx\nx\n\n[Cut here. Reading was stopped after 10 seconds")
    assert len(notes) == 1
