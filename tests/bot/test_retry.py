"""Waits between tries: one formula for everybody."""

from bot.retry import RetryPolicy, backoff_s


def test_waits_double_up_to_the_longest_and_never_overflow():
    assert [backoff_s(tried, 1.0, 60.0) for tried in (1, 2, 3, 6, 7, 8)] == [1, 2, 4, 32, 60, 60]
    assert backoff_s(10_000, 0.5, 60.0) == 60.0


def test_the_first_wait_is_never_less_than_the_first():
    assert backoff_s(0, 2.0, 60.0) == 2.0


def test_a_policy_waits_by_the_same_formula_unless_it_was_told_how_long():
    policy = RetryPolicy(tries=5, first_wait_s=2.0, longest_wait_s=10.0)
    assert [policy.wait_s(tried, None) for tried in (1, 2, 3, 4)] == [2, 4, 8, 10]
    assert policy.wait_s(1, 7.0) == 7.0
    assert policy.wait_s(1, 1e9) == 3600.0
