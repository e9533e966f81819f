"""Dollars and picodollars: what is added up comes to the sum, and comes back as it was."""

from hypothesis import given
from hypothesis import strategies as st

from bot.money import pico_of, usd_of


@given(st.integers(0, 10**15))
def test_an_amount_goes_to_dollars_and_back_without_a_trace(pico):
    assert pico_of(usd_of(pico)) == pico


def test_ten_dimes_are_a_dollar():
    assert usd_of(sum(pico_of(0.1) for _ in range(10))) == 1.0
