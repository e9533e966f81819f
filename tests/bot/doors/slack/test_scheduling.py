"""The tests of which call goes next."""

import math

import pytest

from bot.doors.slack.calls import CallRequest, Priority
from bot.doors.slack.rate_limits import RateLimits
from bot.doors.slack.scheduling import choose, gap_s


def limits():
    return RateLimits(lambda: 1.0, lambda: 0.0)


def request(key, priority=Priority.PARTIAL, **more):
    return CallRequest(**{"method": "chat.update", "key": key, "priority": priority, "asked_at": 0.0} | more)


def test_finals_go_before_first_texts_before_notices_before_partials_before_statuses():
    requests = [request(priority.name, priority) for priority in reversed(Priority)]
    order = []
    while requests:
        chosen, _ = choose(requests, limits(), (), 100.0)
        assert chosen is not None
        order.append(chosen.key)
        requests.remove(chosen)
    assert order == ["FINAL", "FIRST", "NOTICE", "PARTIAL", "STATUS"]


def test_the_message_that_has_stood_for_longest_goes_first():
    chosen, _ = choose([request("new", shown_at=50.0), request("old", shown_at=10.0)], limits(), (), 100.0)
    assert chosen is not None
    assert chosen.key == "old"


def test_a_message_with_a_call_under_way_waits():
    assert choose([request("a", Priority.FINAL)], limits(), {"a"}, 0.0) == (None, math.inf)


def test_a_partial_waits_for_its_gap_and_says_until_when():
    chosen, wake_at = choose([request("a", shown_at=10.0)], limits(), (), 10.4)
    assert chosen is None
    assert wake_at == pytest.approx(11.0)


def test_gaps_grow_up_to_the_fair_part():
    assert [round(gap_s(edits, 2.0), 2) for edits in range(4)] == [1.0, 1.3, 1.69, 2.0]
    assert [round(gap_s(edits, 10.0), 2) for edits in range(4)] == [5.0, 6.5, 8.45, 10.0]
    assert gap_s(9, 0.1) == 1.0
