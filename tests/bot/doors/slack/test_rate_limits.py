"""The tests of what a method may still be used for."""

import math

from bot.doors.slack.calls import Priority
from bot.doors.slack.rate_limits import RateLimits, SteadyShare


def limits(share=1.0):
    return RateLimits(lambda: share, lambda: 0.5)


def used(one, method, count, now, priority=Priority.PARTIAL, channel="C1"):
    for _ in range(count):
        one.started(method, channel)
        one.ended(method, channel, priority, now)


def test_forty_five_of_fifty_edits_are_for_everybody_and_three_more_for_finals():
    one = limits()
    used(one, "chat.update", 45, 10.0)
    assert one.free_at("chat.update", "C1", Priority.PARTIAL, 20.0) == 70.0
    assert one.free_at("chat.update", "C1", Priority.FINAL, 20.0) == 20.0
    used(one, "chat.update", 3, 15.0, Priority.FINAL)
    assert one.free_at("chat.update", "C1", Priority.FINAL, 20.0) == 70.0
    assert one.free_at("chat.update", "C1", Priority.FINAL, 70.0) == 70.0


def test_an_edit_is_kept_back_for_every_live_answer():
    one = limits()
    for number in range(20):
        one.keep_back(f"e{number}", 0.0)
    used(one, "chat.update", 28, 0.0)
    assert one.free_at("chat.update", "C1", Priority.PARTIAL, 1.0) == 60.0
    assert one.free_at("chat.update", "C1", Priority.FINAL, 1.0) == 1.0


def test_an_answer_that_nobody_finishes_here_is_forgotten_after_half_an_hour():
    one = limits()
    one.keep_back("e1", 0.0)
    one.keep_back("e2", 1_900.0)
    assert set(one.live) == {"e2"}


def test_a_call_under_way_counts_and_frees_nothing_until_it_ended():
    one = limits()
    for _ in range(45):
        one.started("chat.update", "C1")
    assert one.free_at("chat.update", "C1", Priority.PARTIAL, 1.0) == math.inf


def test_a_channel_takes_one_post_a_second_and_others_go_on():
    one = limits()
    one.started("chat.postMessage", "C1")
    assert one.free_at("chat.postMessage", "C1", Priority.FINAL, 0.0) == math.inf
    one.ended("chat.postMessage", "C1", Priority.FINAL, 0.2)
    assert one.free_at("chat.postMessage", "C1", Priority.FINAL, 0.3) == 1.25
    assert one.free_at("chat.postMessage", "C2", Priority.FINAL, 0.3) == 0.3


def test_a_refusal_rests_that_method_only_for_its_time_and_a_little():
    one = limits()
    one.limited("chat.update", 30.0, 100.0)
    assert one.free_at("chat.update", "C1", Priority.FINAL, 100.0) == 130.5
    assert one.free_at("chat.delete", "C1", Priority.FINAL, 100.0) == 100.0
    one.limited("chat.delete", None, 100.0)
    assert one.free_at("chat.delete", "C1", Priority.FINAL, 100.0) == 105.5


def test_after_a_refusal_the_method_is_used_more_carefully_for_two_minutes():
    one = limits()
    one.limited("chat.update", 1.0, 0.0)
    assert one.allowed("chat.update", Priority.PARTIAL, 10.0) == 36
    assert one.allowed("chat.update", Priority.PARTIAL, 121.0) == 45


def test_two_workers_take_half_each():
    half = limits(0.5)
    assert half.allowed("chat.update", Priority.PARTIAL, 0.0) == 22
    used(half, "chat.postMessage", 1, 0.0)
    assert half.free_at("chat.postMessage", "C1", Priority.FIRST, 0.0) == 2.1


def test_what_was_used_is_told_beside_slacks_limit():
    one = limits()
    used(one, "chat.update", 2, 0.0)
    assert one.used(59.0) == {"chat.update": (2, 50)}
    assert one.used(61.0) == {"chat.update": (0, 50)}


def test_a_part_falls_at_once_and_rises_a_minute_after_the_other_worker_was_last_there():
    now, workers = [0.0], [1]
    share = SteadyShare(lambda: 1 / workers[0], lambda: now[0])

    def after(seconds, live):
        now[0] += seconds
        workers[0] = live
        return share()

    assert share() == 1.0
    assert after(1, 2) == 0.5
    assert after(30, 2) == 0.5
    assert after(10, 1) == 0.5
    assert after(49, 1) == 0.5
    assert after(2, 1) == 1.0
    assert after(100, 4) == 0.25
    assert len(share._lately) <= 3
