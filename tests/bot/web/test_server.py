"""The web server over real sockets: where it listens, and whom it believes about who calls."""

import asyncio
import contextlib
import socket

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from bot.settings import load_settings
from bot.web.port import bind
from bot.web.server import serve_web

pytestmark = pytest.mark.anyio


async def caller(request):
    return PlainTextResponse(request.client.host)


@contextlib.asynccontextmanager
async def served(host):
    listener = bind(load_settings(_env_file=None, port=0, web_host=host))
    task = asyncio.create_task(serve_web(Starlette(routes=[Route("/", caller)]), listener, lambda: None))
    try:
        yield listener.getsockname()[1]
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_what_a_caller_writes_of_itself_is_not_believed(monkeypatch):
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")
    async with served("127.0.0.1") as port, httpx2.AsyncClient() as client:
        answer = await client.get(f"http://127.0.0.1:{port}/", headers={"X-Forwarded-For": "192.0.2.7"})
    assert answer.text == "127.0.0.1"


async def test_an_address_of_ipv6_is_listened_at():
    if not _has_ipv6():
        with pytest.raises(OSError):  # noqa: PT011  # which one is the system's matter
            bind(load_settings(_env_file=None, port=0, web_host="::1"))
        return
    async with served("::1") as port, httpx2.AsyncClient() as client:
        assert (await client.get(f"http://[::1]:{port}/")).text == "::1"


def _has_ipv6():
    with contextlib.suppress(OSError), socket.create_server(("::1", 0), family=socket.AF_INET6):
        return True
    return False
