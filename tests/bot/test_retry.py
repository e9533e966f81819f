from hypothesis import given
from hypothesis import strategies as st

from bot.retry import RetryPolicy


def test_waits_grow_up_to_the_longest():
    policy = RetryPolicy(tries=9, first_wait_s=1.0, growth=2.0, longest_wait_s=5.0)
    assert [policy.wait_s(tried, None) for tried in (1, 2, 3, 4, 5)] == [1, 2, 4, 5, 5]


def test_what_the_other_side_asks_for_comes_first_within_an_hour():
    policy = RetryPolicy(tries=9)
    assert [policy.wait_s(1, asked_s) for asked_s in (7.0, -1.0, 9e9)] == [7.0, 0.0, 3600.0]


@given(st.integers(1, 10**9))
def test_what_is_tried_for_days_still_waits_no_longer_than_the_longest(tried):
    assert RetryPolicy(tries=1, first_wait_s=1.0, longest_wait_s=60.0).wait_s(tried, None) <= 60.0
