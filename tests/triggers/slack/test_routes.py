"""Slack's HTTP mode as strangers meet it: what is too large, too slow or cut off is refused unread."""

import asyncio
import json

import pytest
from slack_bolt import App
from starlette.requests import Request

from triggers.slack.routes import slack_route

pytestmark = pytest.mark.anyio


def request(*chunks, then="hang"):
    """A request whose body comes in these chunks and has no end; then `then` happens."""
    waiting = list(chunks)

    async def receive():
        if waiting:
            return {"type": "http.request", "body": waiting.pop(0), "more_body": True}
        if then == "hang":
            await asyncio.sleep(60)
        return {"type": "http.disconnect"}

    return Request({"type": "http", "method": "POST", "headers": []}, receive)


@pytest.mark.parametrize(
    ("asked", "status"),
    [(request(b"{"), 408), (request(b"{", then="cut"), 400), (request(b"x" * 1_100_000), 413)],
)
async def test_a_body_that_never_ends_holds_nothing(asked, status):
    app = App(signing_secret="s", token="xoxb-1", token_verification_enabled=False)
    answer = await slack_route(app, read_s=0.05).endpoint(asked)
    assert answer.status_code == status
    assert list(json.loads(answer.body)) == ["error"]
