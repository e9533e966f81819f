"""The tests of single calls: what Slack's answers mean, and that the SDK never retries by itself."""

import asyncio

import pytest

from bot.doors.slack.calls import Denied, Done, Limited, Lost
from bot.doors.slack.client import SlackClient, result_of
from bot.doors.slack.wire import retry_after_s
from playground.slack import Fault, SlackStandIn


@pytest.mark.parametrize(
    ("status", "data", "headers", "result"),
    [
        (200, {"ok": True}, {}, Done({"ok": True})),
        (200, {"ok": False, "error": "channel_not_found"}, {}, Denied("channel_not_found")),
        (429, {"ok": False, "error": "ratelimited"}, {"Retry-After": "30"}, Limited(30.0)),
        (200, {"ok": False, "error": "ratelimited"}, {"retry-after": ["3"]}, Limited(3.0)),
        (200, {"ok": False, "error": "rate_limited"}, {}, Limited(None)),
        (429, b"slow down", {"Retry-After": "soon"}, Limited(None)),
        (500, {"ok": False, "error": "Received a response in a non-JSON format: <html>"}, {}, Lost("HTTP 500")),
        (503, "<html>", {}, Lost("HTTP 503")),
        (200, {"ok": False, "error": "fatal_error"}, {}, Lost("HTTP 200")),
        (200, {"ok": False, "error": "Received a response in a non-JSON format"}, {}, Lost("HTTP 200, no JSON")),
    ],
)
def test_an_answer_means_one_of_four_things(status, data, headers, result):
    assert result_of(status, data, headers) == result


def test_retry_after_is_never_negative():
    assert retry_after_s({"RETRY-AFTER": "-4"}) == 0.0


@pytest.mark.parametrize(
    ("kind", "result"), [("lost", Lost), ("drop", Lost), ("server_error", Lost), ("ratelimited", Limited)]
)
def test_trouble_is_an_outcome_and_the_call_left_once(kind, result):
    slack = SlackStandIn()
    with slack.serve():
        client = SlackClient(slack.bot_token, slack.api_url)
        slack.fault("chat.postMessage", Fault(kind, 2.0), times=None)
        met = asyncio.run(client("chat.postMessage", {"channel": "C0GENERAL", "text": "Hi"}))
        client.close()
        assert isinstance(met, result)
        assert len([call for call in slack.calls.records if call.method == "chat.postMessage"]) == 1


def test_a_slack_that_is_not_there_is_a_lost_answer():
    client = SlackClient("xoxb-1", "http://127.0.0.1:9/api/")
    assert isinstance(asyncio.run(client("auth.test", {})), Lost)
    assert asyncio.run(client.put("http://127.0.0.1:9/x", b"x")) is False
    client.close()
