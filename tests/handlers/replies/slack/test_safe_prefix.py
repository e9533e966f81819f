"""The tests of how much of an unfinished text is shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.replies.slack.safe_prefix import LINK_CHARS, shown_chars


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("Hello wor", "Hello "),
        ("Hello world ", "Hello world "),
        ("Hello\n", "Hello\n"),
        ("see [the docs", "see "),
        ("see [the docs]", "see "),
        ("see [the docs](https://x.exa", "see "),
        ("see [the docs](https://x.example) now", "see [the docs](https://x.example) "),
        ("ping <!chan", "ping "),
        ("ping <", "ping "),
        ("a < b is", "a < b "),
        ("**bold wor", ""),
        ("so **bold** an", "so **bold** "),
        ("so *", "so "),
        ("run `ls -l", "run "),
        ("run `ls -l` or", "run `ls -l` "),
        ("text\n``", "text\n"),
        ("text\n```pyth", "text\n"),
        ("text\n```python\nx = 1", "text\n```python\nx = 1"),
        ("```python\nx = 1\n``", "```python\nx = 1\n"),
        ("```python\nx = 1\n```\ndone he", "```python\nx = 1\n```\ndone "),
        ("a\n| x | y |\n", "a\n"),
        ("a\n| x | y |\n|--", "a\n"),
        ("a\n| x | y |\n|---|---|\n| 1 |", "a\n| x | y |\n|---|---|\n"),
        ("a\n| x | y |\n|---|---|\n| 1 | 2 |\n", "a\n| x | y |\n|---|---|\n| 1 | 2 |\n"),
        ("- item\n  ```js\n  f(", "- item\n  ```js\n  f("),
    ],
)
def test_nothing_is_shown_half(text, shown):
    assert text[: shown_chars(text)] == shown


def test_a_script_without_spaces_is_not_held_back():
    text = "漢字" * 60
    assert shown_chars(text) == len(text)


def test_a_mark_that_is_never_closed_is_not_held_for_ever():
    text = "2 ** 3 and " + "word " * 200
    assert shown_chars(text) == len(text)


@given(st.text(alphabet="ab `*[]()<>|\n!~", max_size=200))
def test_what_is_shown_is_a_beginning_and_little_is_held(text):
    chars = shown_chars(text)
    assert 0 <= chars <= len(text)
    line = text.rfind("\n") + 1
    before = text.rfind("\n", 0, max(0, line - 1)) + 1
    assert chars >= min(before, len(text))
    assert len(text) - chars <= LINK_CHARS + (len(text) - before)
