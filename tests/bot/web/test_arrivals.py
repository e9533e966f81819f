"""What becomes of requests that are still coming in when the process ends."""

import asyncio
import contextlib

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from bot.settings import load_settings
from bot.web.arrivals import Arrivals, Interrupted
from bot.web.port import bind
from bot.web.server import serve_web

pytestmark = pytest.mark.anyio
HEAD = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n"


async def nothing(*_):
    return {}


async def interrupted(_request, fault):
    return fault.response()


@contextlib.asynccontextmanager
async def served(endpoint):
    app = Starlette(routes=[Route("/", endpoint, methods=["POST"])], exception_handlers={Interrupted: interrupted})
    listener = bind(load_settings(_env_file=None, port=0, web_host="127.0.0.1"))
    task = asyncio.create_task(serve_web(app, listener, lambda: None))
    try:
        yield listener.getsockname()[1], task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_who_is_still_sending_is_told_at_once_to_send_it_again(caplog):
    began = asyncio.Event()

    async def endpoint(request):
        async for chunk in request.stream():
            if chunk:
                began.set()
        return PlainTextResponse("whole")

    async with served(endpoint) as (port, task):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(HEAD + b"half")
        await began.wait()
        task.cancel()
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        writer.close()
        await asyncio.gather(task, return_exceptions=True)
    assert head.startswith(b"HTTP/1.1 503 ")
    assert b"retry-after: 5" in head
    assert body == b'{"error":"Bellhop is just being ended; send it again in a moment."}'
    assert "Cancel" not in caplog.text, "nobody had to be waited for"


async def test_what_came_in_whole_is_seen_to_its_end():
    began, go = asyncio.Event(), asyncio.Event()

    async def endpoint(request):
        began.set()
        await go.wait()
        return PlainTextResponse((await request.body()).decode())

    async with served(endpoint) as (port, task):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(HEAD + b"all of it")
        await began.wait()
        task.cancel()
        await asyncio.sleep(0)
        go.set()
        assert (await reader.read()).endswith(b"\r\n\r\nall of it")
        writer.close()


async def test_whatever_is_cut_off_in_the_end_is_told_so_and_nothing_is_logged_as_a_mistake():
    sent, stuck = [], asyncio.Event()

    async def app(_scope, _receive, _send):
        stuck.set()
        await asyncio.Event().wait()

    async def send(message):
        sent.append(message)

    arrivals = Arrivals(app)
    task = asyncio.create_task(arrivals({"type": "http", "method": "POST", "headers": []}, nothing, send))
    await stuck.wait()
    arrivals.let_go()
    task.cancel()
    await task
    assert sent[0]["status"] == 503


async def test_who_goes_away_while_the_process_lives_is_no_end():
    async def app(scope, receive, send):
        await asyncio.Event().wait()

    task = asyncio.create_task(Arrivals(app)({"type": "http"}, nothing, nothing))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
