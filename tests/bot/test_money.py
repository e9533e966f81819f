"""Dollars and picodollars: what is added up comes to the sum, and comes back as it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.money import pico_of, usd_of, usd_words


@given(st.integers(0, 10**15))
def test_an_amount_goes_to_dollars_and_back_without_a_trace(pico):
    assert pico_of(usd_of(pico)) == pico


def test_ten_dimes_are_a_dollar():
    assert usd_of(sum(pico_of(0.1) for _ in range(10))) == 1.0


@pytest.mark.parametrize(
    ("usd", "words"),
    [(0.0, "$0.0000"), (0.00001, "<$0.0001"), (0.0000499, "<$0.0001"), (0.00005, "$0.0001"), (1.23456, "$1.2346")],
)
def test_what_was_paid_is_never_shown_as_nothing(usd, words):
    assert usd_words(usd) == words
