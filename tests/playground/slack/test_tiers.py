"""The tests of the rate limits, over real HTTP."""

import pytest

from playground.slack import Fault, HandClock, Options, SlackStandIn
from playground.slack.tiers import Budgets, limit_of
from tests.playground.slack.conftest import client_of, error_of


@pytest.fixture
def posted(web):
    return web.chat_postMessage(channel="C0HELP", text="start")["ts"]


def test_fifty_edits_a_minute_pass_and_the_next_waits_for_its_window(slack, web, clock, posted):
    for number in range(50):
        web.chat_update(channel="C0HELP", ts=posted, text=str(number))
        clock.advance(0.5)
    error, answer = error_of(web.chat_update, channel="C0HELP", ts=posted, text="one too many")
    assert (error, answer.status_code, answer.headers["retry-after"]) == ("ratelimited", 429, "35")
    assert slack.calls.ratelimited("chat.update") == 1
    clock.advance(35)
    web.chat_update(channel="C0HELP", ts=posted, text="in time")


def test_asking_again_too_early_is_turned_away_again(slack, web, clock, posted):
    slack.block("chat.update", 10)
    clock.advance(4)
    _, answer = error_of(web.chat_update, channel="C0HELP", ts=posted, text="x")
    assert answer.headers["retry-after"] == "6"


def test_a_block_holds_for_one_method_only(slack, web, posted):
    slack.block("chat.update", 30)
    assert error_of(web.chat_update, channel="C0HELP", ts=posted, text="x")[0] == "ratelimited"
    web.chat_delete(channel="C0HELP", ts=posted)


def test_wrong_calls_use_the_budget_too(slack, web):
    error_of(web.chat_update, channel="C0HELP", ts="1.1", text="x")
    assert slack.budgets()["chat.update"] == {"used": 1, "limit": 50}


def test_a_channel_takes_a_post_a_second_and_a_small_burst(web, clock):
    for _ in range(3):
        web.chat_postMessage(channel="C0HELP", text="burst")
    assert error_of(web.chat_postMessage, channel="C0HELP", text="x")[0] == "ratelimited"
    web.chat_postMessage(channel="C0GENERAL", text="another channel")
    clock.advance(3)
    web.chat_postMessage(channel="C0HELP", text="later")


def test_some_callers_see_the_limit_with_status_200(slack, web, posted):
    slack.change(ratelimited_status=200)
    slack.fault("chat.update", Fault("ratelimited", seconds=7))
    error, answer = error_of(web.chat_update, channel="C0HELP", ts=posted, text="x")
    assert (error, answer.status_code, answer.headers["retry-after"]) == ("ratelimited", 200, "7")


def test_a_distributed_app_reads_one_thread_a_minute():
    slack = SlackStandIn(clock=HandClock(), options=Options(history="distributed"))
    with slack.serve():
        ts = slack.say("U0ANNA", "C0HELP", "root")
        for number in range(20):
            slack.say("U0BEN", "C0HELP", str(number), ts)
        web = client_of(slack)
        answer = web.conversations_replies(channel="C0HELP", ts=ts, limit=1000)
        assert (len(answer["messages"]), answer["has_more"]) == (15, True)
        assert error_of(web.conversations_replies, channel="C0HELP", ts=ts)[0] == "ratelimited"


def test_a_tier_can_be_set_or_lifted():
    assert limit_of("chat.update", Options(tiers={"chat.update": None})) is None
    assert limit_of("apps.connections.open", Options(tiers={"apps.connections.open": 1})) == 1


def test_the_window_slides_call_by_call():
    budgets, options = Budgets(), Options(tiers={"users.info": 2})
    assert [budgets.spend("users.info", {}, options, now) for now in (0.0, 30.0, 31.0)] == [None, None, 29]
    assert budgets.spend("users.info", {}, options, 60.0) is None
    assert budgets.spend("users.info", {}, options, 61.0) == 29


def test_a_fast_clock_runs_through_the_minute():
    slack = SlackStandIn(speed=2000)
    with slack.serve():
        web = client_of(slack)
        ts = web.chat_postMessage(channel="C0HELP", text="x")["ts"]
        for number in range(60):
            web.chat_update(channel="C0HELP", ts=ts, text=str(number))
