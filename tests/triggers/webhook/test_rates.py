"""The tests of how often each hook may be called, however many callers there are."""

from triggers.webhook.rates import MOST_BUCKETS, Rates


def test_so_many_callers_are_remembered_and_of_more_the_one_heard_longest_ago_is_forgotten():
    rates = Rates(lambda: 0.0)
    for number in range(MOST_BUCKETS + 5):
        assert rates.take(str(number), 1) == 0
    assert len(rates._buckets) == MOST_BUCKETS
    assert rates.take(str(MOST_BUCKETS + 4), 1) == 60
    assert rates.take("0", 1) == 0
