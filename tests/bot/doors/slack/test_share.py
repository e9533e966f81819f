"""This file is the tests of a worker's part of the workspace."""

from bot.doors.slack.share import SteadyShare


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
