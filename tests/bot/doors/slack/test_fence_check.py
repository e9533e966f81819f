"""The tests of the fence check: a process that was frozen and taken over writes nothing any more."""

import asyncio

import pytest

from bot.doors.slack.calls import CallRequest, Denied, Done, Priority, Skipped
from bot.doors.slack.fence_check import FenceCheck
from bot.doors.slack.pacer import Pacer
from bot.doors.slack.rate_limits import RateLimits
from bot.errors import TryAgain
from tests.bot.doors.slack.fake_slack import FakeSlack
from tests.bot.doors.slack.virtual_time import now_s, run_virtually
from tests.handlers.replies.slack.rig import answer, reply_on, stream, workspace_on


class Engine:
    """Whose the work is, and what time it is: a frozen host's clock jumps when it thaws."""

    def __init__(self):
        self.mine, self.asked, self.slept_s = True, 0, 0.0

    async def holds(self, event_id):
        self.asked += 1
        return self.mine

    def wall(self):
        return 1_790_000_000.0 + now_s() + self.slept_s


def fence_check_on(slack, engine):
    return FenceCheck(Pacer(slack, RateLimits(lambda: 1.0, lambda: 0.0), now_s), "e1", engine.holds, engine.wall)


def post(channel="C1"):
    return CallRequest("chat.postMessage", "e1/0", Priority.FINAL, now_s(), channel)


CONTENT = {"channel": "C1", "thread_ts": "100.0", "blocks": [{"type": "markdown", "text": "Yes."}]}


def test_whose_work_it_is_is_asked_once_in_a_while_and_not_for_each_call():
    slack, engine = FakeSlack(), Engine()

    async def main():
        fence_check = fence_check_on(slack, engine)
        for _ in range(10):
            assert isinstance(await fence_check.send(post(), lambda: CONTENT), Done)
        first = engine.asked
        await asyncio.sleep(30)
        await fence_check.send(post(), lambda: CONTENT)
        return first, engine.asked

    assert run_virtually(main()) == (1, 2)


async def send_across_a_sleep(slack, engine, *, mine):
    fence_check = fence_check_on(slack, engine)
    await fence_check.send(post(), lambda: CONTENT)
    sending = asyncio.ensure_future(fence_check.send(post(), lambda: CONTENT))
    await asyncio.sleep(0.01)
    engine.slept_s, engine.mine = 300.0, mine
    return await sending


def test_what_waited_for_its_turn_while_the_host_was_frozen_is_not_sent():
    slack, engine = FakeSlack(), Engine()
    with pytest.raises(TryAgain, match="taken over"):
        run_virtually(send_across_a_sleep(slack, engine, mine=False))
    assert len(slack.thread()) == 1


def test_a_host_that_slept_and_was_not_taken_over_goes_on():
    slack = FakeSlack()
    assert isinstance(run_virtually(send_across_a_sleep(slack, Engine(), mine=True)), Done)
    assert len(slack.thread()) == 2


def test_what_there_was_nothing_to_say_for_and_what_was_refused_comes_back_as_it_is():
    slack, engine = FakeSlack(), Engine()
    slack.mishap = lambda _method, _arguments: "deny:not_in_channel"

    async def main():
        fence_check = fence_check_on(slack, engine)
        return await fence_check.send(post(), lambda: None), await fence_check.send(post(), lambda: CONTENT)

    assert run_virtually(main()) == (Skipped(), Denied("not_in_channel"))


def test_a_thawed_host_writes_nothing_over_the_answer_of_who_took_over():
    slack, engine = FakeSlack(), Engine()

    async def main():
        frozen = reply_on(workspace_on(slack, holds=engine.holds))
        frozen._fence_check._wall = engine.wall
        place = await frozen.open(None)
        await stream(frozen, "Half of what was to be said and more ", 4.0)
        other = reply_on(workspace_on(slack))
        await other.open(place)
        await other.finish(answer("All of it."))
        engine.slept_s, engine.mine = 300.0, False
        await stream(frozen, "Half of what was to be said and more, and on and on and on ", 5.0)
        with pytest.raises(TryAgain):
            await frozen.finish(answer("All of it, twice."))

    run_virtually(main())
    assert [one.text for one in slack.thread()] == ["All of it."]
