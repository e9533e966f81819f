"""The one web server: health, readiness, metrics, receipts, the operator's page, the triggers' routes."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.events import Trigger, to_json
from bot.settings import Settings

if TYPE_CHECKING:
    from jinja2 import Environment

    from bot.receipts import Receipts


@dataclass(frozen=True, slots=True)
class House:
    """What the pages speak of: the receipts, the open doors and since when this process runs."""

    settings: Settings
    receipts: Receipts
    triggers: Sequence[Trigger]
    started_at: datetime


def web_app(house: House, routes: Sequence[BaseRoute] = ()) -> Starlette:
    """The web application; `routes` are those that triggers bring (Slack's HTTP mode, hooks)."""
    own = [
        Route("/health", _health),
        Route("/ready", _ready),
        Route("/metrics", _metrics),
        Route("/events/{id:path}", _receipt),
        Route("/", _operator_page),
    ]
    app = Starlette(routes=[*routes, *own], middleware=[Middleware(_SafeHeaders)])
    app.state.house = house
    return app


def bind(settings: Settings) -> socket.socket:
    """The listening socket: every address when PORT or WEB_HOST was set, else only this machine. Raises OSError."""
    chosen = "port" in settings.model_fields_set
    host = settings.web_host or ("0.0.0.0" if chosen else "127.0.0.1")  # noqa: S104  # a platform sets PORT and routes to it
    listener = socket.create_server((host, settings.port), backlog=512)
    # asyncio does so only for sockets of its own; without it every small answer waits 40 ms for an acknowledgement.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


async def serve_web(app: ASGIApp, listener: socket.socket) -> None:
    """Serve until cancelled; open requests get three seconds to end."""
    config = uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off", timeout_graceful_shutdown=3)
    server = uvicorn.Server(config)
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign,assignment]  # bot.app owns the signals
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        server.should_exit = True
        await task
        raise


class _SafeHeaders:
    """Adds the headers that keep a browser from doing more with a page than showing it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_safely(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *SAFE_HEADERS]
            await send(message)

        await self._app(scope, receive, send_safely)


SAFE_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'self'; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'"),
]


async def _health(_request: Request) -> Response:
    return PlainTextResponse("ok")


async def _ready(request: Request) -> Response:
    house: House = request.app.state.house
    doors = {trigger.name: trigger.health() for trigger in house.triggers}
    database = await asyncio.to_thread(_database_words, house)
    ready = database == "ok" and all(health.ok for health in doors.values())
    body = {
        "ready": ready,
        "database": database,
        "doors": {
            name: {
                "ok": health.ok,
                "words": health.words,
                "heard_at": health.heard_at.isoformat() if health.heard_at else None,
                "last_event_at": health.last_event_at.isoformat() if health.last_event_at else None,
            }
            for name, health in doors.items()
        },
    }
    return JSONResponse(body, status_code=200 if ready else 503)


def _database_words(house: House) -> str:
    try:
        house.receipts.counts()
    except Exception as error:  # noqa: BLE001  # any fault of the database means "not ready", and is said by its class
        return f"not reachable ({type(error).__name__})"
    return "ok"


async def _metrics(request: Request) -> Response:
    from bot.web.metrics import metrics_text  # many are never scraped

    house: House = request.app.state.house
    text = await asyncio.to_thread(metrics_text, house.receipts, house.triggers)
    return Response(text, media_type="text/plain; version=0.0.4; charset=utf-8")


async def _receipt(request: Request) -> Response:
    house: House = request.app.state.house
    if not _may_look(request, house.settings):
        return _closed()
    receipt = await asyncio.to_thread(house.receipts.get, request.path_params["id"])
    if receipt is None:
        return JSONResponse({"error": "There is no event with this id."}, status_code=404)
    return JSONResponse(to_json(receipt))


async def _operator_page(request: Request) -> Response:
    house: House = request.app.state.house
    if not _may_look(request, house.settings):
        return _closed()
    html = await asyncio.to_thread(_operator_html, house)
    response = HTMLResponse(html)
    if request.query_params.get("token"):
        response.set_cookie("bellhop", request.query_params["token"], httponly=True, samesite="strict")
    return response


def _may_look(request: Request, settings: Settings) -> bool:
    """With WEB_TOKEN: whoever knows it. Without: only this machine, and not through somebody else's page."""
    if settings.web_token is not None:
        offered = (
            request.headers.get("authorization", "").removeprefix("Bearer ")
            or request.query_params.get("token", "")
            or request.cookies.get("bellhop", "")
        )
        return hmac.compare_digest(offered.encode(), settings.web_token.get_secret_value().encode())
    host = (request.headers.get("host") or "").rsplit(":", 1)[0].strip("[]")
    near = request.client is not None and request.client.host in {"127.0.0.1", "::1"}
    return near and host in {"127.0.0.1", "localhost", "::1"}


def _closed() -> Response:
    return PlainTextResponse("This page needs WEB_TOKEN: open it with ?token=… or an Authorization header.\n", 401)


def _operator_html(house: House) -> str:
    template = _templates().from_string(files("bot.web").joinpath("pages/operator.html").read_text(encoding="utf-8"))
    return template.render(
        doors=[(trigger.name, trigger.health()) for trigger in house.triggers],
        receipts=house.receipts.newest(limit=50),
        counts=house.receipts.counts(),
        started_at=house.started_at,
    )


def _templates() -> Environment:
    from jinja2 import Environment, select_autoescape  # the page may never be opened

    return Environment(autoescape=select_autoescape(default=True, default_for_string=True))
