"""The one web server: our own pages and what triggers hear over HTTP, served with safe headers."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable, Sequence
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.store.group_commit import ENVIRONMENT
from bot.web.arrivals import Arrivals, Interrupted
from bot.web.event_pages import event
from bot.web.headers import Targets
from bot.web.house import House, house_of
from bot.web.operator_page import fire, operator_page
from bot.web.readiness import health, ready
from bot.web.templates import asset


def web_app(house: House, routes: Sequence[BaseRoute] = ()) -> Starlette:
    """The web application; `routes` are those that triggers bring (Slack's HTTP mode, hooks)."""
    own = [
        Route("/health", health),
        Route("/ready", ready),
        Route("/metrics", _metrics),
        Route("/events/{id:path}", event, methods=["GET", "DELETE"]),
        Route("/fire", fire, methods=["POST"]),
        Route("/assets/{name}", asset),
        Route("/", operator_page),
    ]
    refusals = {
        HTTPException: _refused,
        Interrupted: _interrupted,
        **dict.fromkeys(ENVIRONMENT, _no_database),
        Exception: _went_wrong,
    }
    app = Starlette(
        routes=[*routes, *own], middleware=[Middleware(Targets), Middleware(_SafeHeaders)], exception_handlers=refusals
    )
    app.router.redirect_slashes = False  # to where the caller says that we are, without the path of PUBLIC_URL
    app.state.house = house
    return app


async def serve_web(app: ASGIApp, listener: socket.socket, let_go: Callable[[], None]) -> None:
    """Serve until cancelled; open requests get three seconds to end, and `let_go` ends those that would not.

    Whoever is still sending by then is told at once to send it again.
    """
    arrivals = Arrivals(app)
    config = uvicorn.Config(
        arrivals,
        ws="none",
        log_level="warning",
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=3,
        proxy_headers=False,  # whom we believe about who calls is TRUSTED_PROXIES' to say (bot/web/clients.py)
    )
    server = uvicorn.Server(config)
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign,assignment]  # bot.app owns the signals
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        let_go()
        arrivals.let_go()
        server.should_exit = True
        await task
        raise


class _SafeHeaders:
    """Adds the headers that keep a browser from doing more with a page than showing it, where those are not set."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_safely(message: Any) -> None:
            if message["type"] == "http.response.start":
                said = {name.lower() for name, _ in message["headers"]}
                more = [(name, value) for name, value in SAFE_HEADERS if name not in said]
                message["headers"] = [*message["headers"], *more]
            await send(message)

        await self._app(scope, receive, send_safely)


SAFE_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'self'; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'"),
]


async def _refused(_request: Request, refusal: Exception) -> Response:
    """No such page, no such method: in the words that every refusal has."""
    assert isinstance(refusal, HTTPException)
    return JSONResponse({"error": f"{refusal.detail.rstrip('.')}."}, refusal.status_code, refusal.headers)


async def _interrupted(_request: Request, fault: Exception) -> Response:
    assert isinstance(fault, Interrupted)
    return fault.response()


async def _no_database(_request: Request, _fault: Exception) -> Response:
    """The database is away, full or locked."""
    words = "Bellhop's database does not answer just now; try again in a moment."
    return JSONResponse({"error": words}, 503, {"retry-after": "5"})


async def _went_wrong(_request: Request, _fault: Exception) -> Response:
    """A mistake of ours, which the server logs."""
    return JSONResponse({"error": "Something went wrong inside Bellhop; its log says what."}, 500)


async def _metrics(request: Request) -> Response:
    from bot.web.metrics import metrics_text  # many are never scraped

    house = house_of(request)
    text = await asyncio.to_thread(lambda: metrics_text(house.receipts, house.payments, house.doors(), house.workers()))
    return Response(text, media_type="text/plain; version=0.0.4; charset=utf-8")
