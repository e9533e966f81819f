"""Headers that come on several lines, and a first line that names the server as well."""

import asyncio
import contextlib

import pytest
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from bot.settings import load_settings
from bot.web.headers import Targets, listed
from bot.web.port import bind
from bot.web.server import serve_web

pytestmark = pytest.mark.anyio


async def told(request):
    return PlainTextResponse(f"{request.headers['host']} {request.path_params['rest']} {request.url.query}")


@contextlib.asynccontextmanager
async def served():
    app = Starlette(routes=[Route("/{rest:path}", told)], middleware=[Middleware(Targets)])
    listener = bind(load_settings(_env_file=None, port=0, web_host="127.0.0.1"))
    task = asyncio.create_task(serve_web(app, listener, lambda: None))
    try:
        yield listener.getsockname()[1]
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("/a%20b?c=d", "own a b c=d"),
        ("http://other:81/a%20b?c=d", "other:81 a b c=d"),
        ("HTTPS://me@other/a//b", "other a//b "),
        ("http://other", "other  "),
        ("http://other?c=d", "other  c=d"),
        ("/http://other/a", "own http://other/a "),
    ],
)
async def test_the_host_of_the_first_line_counts_before_that_of_the_header(target, words):
    async with served() as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(f"GET {target} HTTP/1.1\r\nHost: own\r\nConnection: close\r\n\r\n".encode())
        assert (await reader.read()).decode().endswith(f"\r\n\r\n{words}")
        writer.close()


def test_all_lines_of_a_header_count_in_their_order():
    headers = Headers(
        raw=[(b"x-forwarded-for", b"9.9.9.9"), (b"accept", b"*/*"), (b"x-forwarded-for", b"5.5.5.5, ::1")]
    )
    assert listed(headers, "X-Forwarded-For") == "9.9.9.9, 5.5.5.5, ::1"
    assert listed(headers, "prefer") == ""
