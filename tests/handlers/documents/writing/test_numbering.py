"""The tests of running numbers with several levels."""

import pytest

from handlers.documents.writing.numbering import Counter, Level, Lists, bullet

LEVELS = {0: Level(pattern="%1."), 1: Level("lowerLetter", "%1.%2"), 2: Level("upperRoman", "%1.%2.%3", plain=True)}


def test_levels_count_on_and_begin_anew_under_the_next_number():
    counter = Counter()
    marks = [counter.advance(level, LEVELS) for level in (0, 1, 1, 2, 0, 1)]
    assert marks == ["1. ", "1.a ", "1.b ", "1.2.1 ", "2. ", "2.a "]


def test_a_level_may_count_on_for_ever():
    counter = Counter()
    levels = {0: Level(), 1: Level(pattern="%2", restarts_after=0)}
    assert [counter.advance(level, levels) for level in (0, 1, 0, 1)] == ["1. ", "1 ", "2. ", "2 "]


def test_lists_of_one_kind_count_on_and_a_list_may_begin_anew():
    lists = Lists()
    lists.add("1", "a", LEVELS, {})
    lists.add("2", "a", LEVELS, {0: 7})
    assert [lists.mark(name, 0) for name in ("1", "1", "2", "2", "1")] == ["1. ", "2. ", "7. ", "8. ", "9. "]


def test_a_list_that_nobody_defined_has_bullets():
    assert Lists().mark("9", 0) == "- "


@pytest.mark.parametrize(("sign", "mark"), [("•", "- "), ("", "- "), ("☐", "☐ "), ("→", "→ ")])
def test_plain_bullets_are_dashes_and_others_are_as_drawn(sign, mark):
    assert bullet(sign, 0) == mark
