"""The tests of the call log: a process that starts knows what the dead one spent of Slack's minute."""

import asyncio

from bot.doors.slack.call_log import FileCallLog
from bot.doors.slack.calls import CallRequest, Limited, Priority
from bot.doors.slack.pacer import Pacer
from bot.doors.slack.rate_limits import LogEntry, RateLimits
from tests.bot.doors.slack.fake_slack import FakeSlack
from tests.bot.doors.slack.virtual_time import now_s, run_virtually

NOON = 1_790_000_000.0


class Wall:
    """Seconds since 1970, moved by hand."""

    def __init__(self):
        self.now = NOON

    def __call__(self):
        return self.now


def test_another_process_reads_what_was_called_and_what_rests(tmp_path):
    wall = Wall()
    call_log = FileCallLog(tmp_path / "calls", wall)
    call_log.called("chat.update")
    call_log.rests("chat.postMessage", 30.0)
    wall.now += 10
    assert FileCallLog(tmp_path / "calls", wall).past() == [
        LogEntry("call", "chat.update", 10.0),
        LogEntry("rest", "chat.postMessage", 20.0),
    ]


def test_what_is_over_is_not_told_and_old_files_go(tmp_path):
    wall = Wall()
    call_log = FileCallLog(tmp_path, wall)
    call_log.called("chat.update")
    call_log.rests("chat.update", 30.0)
    wall.now += 200
    assert FileCallLog(tmp_path, wall).past() == []
    wall.now += 1_000
    call_log.called("chat.delete")
    assert len(list(tmp_path.iterdir())) == 1


def test_a_minute_that_began_in_the_file_before_is_whole(tmp_path):
    wall = Wall()
    wall.now = NOON - NOON % 300 - 1
    call_log = FileCallLog(tmp_path, wall)
    call_log.called("chat.update")
    wall.now += 2
    call_log.called("chat.update")
    assert [one.seconds for one in FileCallLog(tmp_path, wall).past()] == [2.0, 0.0]


def test_half_a_line_and_a_folder_that_cannot_be_made_are_no_fault(tmp_path):
    wall = Wall()
    FileCallLog(tmp_path, wall).called("chat.update")
    (file,) = tmp_path.iterdir()
    file.write_text(file.read_text() + "call chat.upda")
    assert len(FileCallLog(tmp_path, wall).past()) == 1
    closed = FileCallLog(file / "below", wall)
    closed.called("chat.update")
    assert closed.past() == []


def test_what_was_inherited_counts_until_slack_can_count_it_no_more():
    limits = RateLimits(lambda: 1.0, lambda: 0.5)
    limits.inherit([LogEntry("call", "chat.update", 40.0)] * 45 + [LogEntry("rest", "chat.delete", 7.0)], 1_000.0)
    assert limits.free_at("chat.update", "C1", Priority.PARTIAL, 1_000.0) == 1_030.0
    assert limits.free_at("chat.delete", "C1", Priority.FINAL, 1_000.0) == 1_007.0


def test_a_restart_in_the_middle_of_a_busy_minute_causes_no_429(tmp_path):
    slack = FakeSlack()

    async def life(seconds):
        """A process that edits as fast as Slack's limits allow, until it is killed."""
        call_log = FileCallLog(tmp_path, lambda: NOON + now_s())
        limits = RateLimits(lambda: 1.0, lambda: 0.5)
        limits.inherit(call_log.past(), now_s())
        pacer = Pacer(slack, limits, now_s, call_log)

        async def edit(number):
            request = CallRequest("chat.update", f"m{number}", Priority.FINAL, now_s())
            return await pacer.send(request, lambda: {"ts": "none", "blocks": []})

        edits = [asyncio.ensure_future(edit(number)) for number in range(200)]
        await asyncio.sleep(seconds)
        for one in edits:
            one.cancel()
        await pacer.aclose()

    async def main():
        for seconds in (3.0, 20.0, 45.0, 130.0):
            await life(seconds)

    run_virtually(main())
    assert slack.limited == {}
    assert slack.count("chat.update") > 100


def test_a_rest_that_slack_ordered_is_written_down(tmp_path):
    call_log = FileCallLog(tmp_path, lambda: NOON + now_s())

    async def refuse(_method, _arguments):
        return Limited(30.0)

    async def main():
        pacer = Pacer(refuse, RateLimits(lambda: 1.0, lambda: 0.5), now_s, call_log)
        await pacer.send(CallRequest("chat.update", "m", Priority.FINAL, now_s()), dict, give_up_s=5.0)
        return call_log.past()

    assert LogEntry("rest", "chat.update", 30.5) in run_virtually(main())
