"""This file is what the stand-in's tests share: a served Slack with a clock moved by hand, and real clients for it."""

import pytest
from slack_sdk import WebClient

from playground.slack import HandClock, Options, SlackStandIn


@pytest.fixture
def clock():
    return HandClock()


@pytest.fixture
def slack(clock):
    """A served Slack whose minute passes only when a test says so."""
    stand_in = SlackStandIn(clock=clock)
    with stand_in.serve():
        yield stand_in


@pytest.fixture
def web(slack):
    """slack_sdk's own client with the bot's token, and no retries of its own."""
    return client_of(slack)


@pytest.fixture
def quick():
    """A served Slack in real time run fast, for sockets."""
    stand_in = SlackStandIn(speed=20, options=Options(ack_s=6.0))
    with stand_in.serve():
        yield stand_in


def client_of(slack, token=None):
    return WebClient(token or slack.bot_token, base_url=slack.api_url, retry_handlers=[], timeout=5)


def error_of(call, *args, **kwargs):
    """The error name a call of slack_sdk raised, and its whole answer."""
    from slack_sdk.errors import SlackApiError

    with pytest.raises(SlackApiError) as caught:
        call(*args, **kwargs)
    return caught.value.response["error"], caught.value.response
