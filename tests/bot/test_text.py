"""Tests of whole texts: half a character never goes on, and everything else stays as it is."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.events import Attachment
from bot.text import name_text, size_words, uncalculated, whole, whole_text
from tests.handlers.test_prompt import event_of

ANY_TEXT = st.text(st.characters(codec=None, categories=["L", "N", "P", "S", "Z", "Cs", "Cc"]))


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("a\ud83d b", "a\ufffd b"),
        ("\ude00x", "\ufffdx"),
        ("\ud83d\ud83d\ude00", "\ufffd\U0001f600"),
        ("a\ud83d\ude00b", "a\U0001f600b"),
        ("plain, \U0001f600 and 港", "plain, \U0001f600 and 港"),
    ],
)
def test_half_a_character_becomes_the_replacement_mark(given, wanted):
    assert whole_text(given) == wanted


@given(ANY_TEXT)
def test_every_text_can_be_sent_afterwards_and_only_halves_have_changed(text):
    whole_now = whole_text(text)
    assert whole_now.encode().decode() == whole_now
    assert whole_text(whole_now) == whole_now
    if not any("\ud800" <= letter <= "\udfff" for letter in text):
        assert whole_now == text


def test_an_event_is_whole_in_its_text_its_fields_and_the_names_of_its_files():
    halves = replace(
        event_of("hi \ud83d", **{"Na\udc00me": "x\ud83d"}), attachments=(Attachment("a\ud83d.pdf", path="/p"),)
    )
    event = whole(halves)
    assert (event.text, event.fields, event.attachments[0]) == (
        "hi \ufffd",
        {"Na\ufffdme": "x\ufffd"},
        Attachment("a\ufffd.pdf", path="/p"),
    )


def test_what_is_whole_already_is_the_same_object():
    event = event_of("hi \U0001f600", Name="x")
    assert whole(event) is event


def test_a_name_has_no_character_that_nobody_sees():
    assert name_text("a\0\r\n\x1b[31m\ud83d \U0001f600.txt") == "a[31m\ufffd \U0001f600.txt"
    assert name_text("Grüße 港.txt") == "Grüße 港.txt"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_no_text_in_a_table_is_taken_for_a_formula(start):
    assert uncalculated(f"{start}1+1") == f"'{start}1+1"


@pytest.mark.parametrize("value", ["", "a=1", "'=1", -3.5, None, 0])
def test_what_no_spreadsheet_would_calculate_stays_as_it_is(value):
    assert uncalculated(value) == value


@pytest.mark.parametrize(
    ("size_bytes", "words"),
    [
        (0, "0 bytes"), (1, "1 byte"), (999, "999 bytes"), (1000, "1 KB"), (49_999, "50 KB"), (999_499, "999 KB"),
        (999_500, "1.0 MB"), (3_100_000, "3.1 MB"), (12_345_678_900, "12,345.7 MB"),
    ],
)  # fmt: skip
def test_a_size_is_told_in_the_unit_that_shows_it(size_bytes, words):
    assert size_words(size_bytes) == words
