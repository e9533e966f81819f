"""What the stand-in's tests share: a served Slack with a clock moved by hand, and real clients for it."""

import asyncio

import pytest
from slack_sdk import WebClient
from starlette.types import ASGIApp

from playground.serving import serve
from playground.slack import HandClock, Options, SlackStandIn


@pytest.fixture
def clock():
    return HandClock()


class Host:
    """One server for many stand-ins, one after the other: starting and stopping a server takes a fifth of a second."""

    loop: asyncio.AbstractEventLoop
    app: ASGIApp

    async def __call__(self, scope, receive, send):
        if scope["type"] != "lifespan":
            await self.app(scope, receive, send)
            return
        self.loop = asyncio.get_running_loop()
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})

    def run(self, coroutine):
        asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(5)


@pytest.fixture(scope="session")
def host():
    host = Host()
    with serve(host) as base_url:
        yield host, base_url


@pytest.fixture
def slack(clock, host):
    """A served Slack whose minute passes only when a test says so."""
    server, base_url = host
    stand_in = SlackStandIn(clock=clock)
    stand_in.workspace.base_url = base_url
    server.app = stand_in.app
    server.run(stand_in.courier.start())
    yield stand_in
    server.run(stand_in.courier.stop())


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
