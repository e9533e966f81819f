"""The tests of the whole way out in simulated time: no 429, exact finals, few seconds behind."""

import pytest

from tests.bot.doors.slack.fake_slack import FakeSlack
from tests.bot.doors.slack.virtual_time import run_virtually
from tests.handlers.replies.slack.rig import crowd

STALE_S = {1: 1.0, 3: 2.5, 5: 4.5, 10: 10.0, 20: 20.0}
"""Median age of the oldest character not shown, for so many answers at once."""


def run(streams, minutes, **options):
    slack = FakeSlack()
    figures = run_virtually(crowd(slack, streams, minutes * 60, **options))
    assert figures.answers >= streams
    assert figures.exact == figures.answers
    assert slack.limited == {}
    assert figures.part(figures.first_s, 0.95) <= 1.5
    return figures


@pytest.mark.parametrize("streams", [1, 3, 5, 10, 20])
def test_ten_minutes_of_answers_cause_no_429_and_end_at_once(streams):
    figures = run(streams, 10)
    assert figures.part(figures.stale_s, 0.5) <= STALE_S[streams]
    assert figures.part(figures.late_s, 0.95) <= 0.5
    assert figures.part(figures.late_s, 0.99) <= 3.0


@pytest.mark.full
@pytest.mark.parametrize("streams", [1, 2, 4, 8, 20])
def test_any_number_of_answers_causes_no_429(streams):
    run(streams, 10)


@pytest.mark.parametrize("streams", [5, 10])
def test_native_streams_cause_no_429_either(streams):
    figures = run(streams, 5, native=True)
    assert figures.part(figures.stale_s, 0.5) <= {5: 2.0, 10: 3.5}[streams]


def test_answers_of_two_minutes_do_not_starve_each_other():
    figures = run(10, 10, mean_s=120.0)
    assert figures.part(figures.stale_s, 0.95) <= 30.0
