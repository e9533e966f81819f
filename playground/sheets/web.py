"""The stand-in on a socket: an ASGI application that lets connections close without an answer too."""

from __future__ import annotations

import asyncio

import structlog
from starlette.types import ASGIApp, Receive, Scope, Send

from playground.sheets.calls import Answer, Call, Lost
from playground.sheets.control import control_app
from playground.sheets.world import World

log = structlog.get_logger()


def web_app(standin: World) -> ASGIApp:
    """The stand-in's application: /_control/… to the control, everything else a call to Google."""
    control = control_app(standin)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or _path(scope).startswith("/_control"):
            await control(scope, receive, send)
        elif scope["type"] == "http":
            await _google(standin, scope, receive, send)

    return app


async def _google(standin: World, scope: Scope, receive: Receive, send: Send) -> None:
    call = Call(
        scope["method"], _path(scope), scope["query_string"].decode("latin-1"), await _body(receive), _headers(scope)
    )
    try:
        delay_s, finish = standin.take(call)
        if delay_s:
            await asyncio.sleep(delay_s / standin.clock.speed)
        answer = finish()
    except Lost as lost:
        if lost.after_s:
            await asyncio.sleep(lost.after_s / standin.clock.speed)
        await _hang_up(receive, send)
    except Exception:  # a hook's crash point, or a fault of ours: either way no answer, and the log
        log.warning("call crashed", method=call.method, path=call.path, exc_info=True)
        await _hang_up(receive, send)
    else:
        await _send(send, answer)


def _path(scope: Scope) -> str:
    """The path as sent: a tab's title may hold an encoded slash. Below a mount, without the mount's prefix."""
    raw: bytes = scope.get("raw_path") or scope.get("path", "").encode()
    path = raw.decode("latin-1")
    return path.removeprefix(scope.get("root_path", ""))


def _headers(scope: Scope) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}


async def _body(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


async def _send(send: Send, answer: Answer) -> None:
    headers = [(name.lower().encode(), value.encode()) for name, value in answer.headers.items()]
    headers.append((b"content-length", str(len(answer.body)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


async def _hang_up(receive: Receive, send: Send) -> None:
    """Close the connection without a response: ASGI has no word for it, uvicorn's transport does.

    Behind another server or a middleware the transport is out of sight; there the response breaks off after its head.
    """
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    if transport is not None:
        transport.abort()
        await receive()  # returns once the server has noticed, so that it does not report a missing response
        return
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"", "more_body": True})
