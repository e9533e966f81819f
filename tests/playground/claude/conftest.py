"""A stand-in on loopback for each test, and the real SDK pointed at it."""

from __future__ import annotations

import anthropic
import httpx2
import pytest
from starlette.types import ASGIApp

from playground.claude import DEFAULT_KEY, ClaudeStandIn
from playground.serving import serve


class Switch:
    """One server for all tests (starting and stopping one takes longer than most tests); each brings its own app."""

    app: ASGIApp

    async def __call__(self, scope, receive, send):
        if scope["type"] == "http":
            await self.app(scope, receive, send)


@pytest.fixture(scope="session")
def switch():
    made = Switch()
    with serve(made) as base_url:
        yield made, base_url


@pytest.fixture
def stand_in():
    return ClaudeStandIn()


@pytest.fixture
def url(switch, stand_in):
    switch[0].app = stand_in.app
    return switch[1]


@pytest.fixture
def client(url):
    with anthropic.Anthropic(api_key=DEFAULT_KEY, base_url=url, max_retries=0) as made:
        yield made


@pytest.fixture
async def async_client(url):
    async with anthropic.AsyncAnthropic(api_key=DEFAULT_KEY, base_url=url, max_retries=0) as made:
        yield made


@pytest.fixture
def post(url):
    """Post a body by hand, as no SDK would; a header of None is left out."""

    def send(body, path="/v1/messages", **headers):
        changed = {name.replace("_", "-"): value for name, value in headers.items()}
        wanted = {"authorization": f"Bearer {DEFAULT_KEY}", "anthropic-version": "2026-10-21", **changed}
        kept = {name: value for name, value in wanted.items() if value is not None}
        return httpx2.post(url + path, json=body, headers=kept, timeout=10)

    return send
