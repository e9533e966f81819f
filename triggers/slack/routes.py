"""Slack's HTTP mode: /slack/events, where garbage is refused and never becomes a fault of ours."""

from __future__ import annotations

import asyncio

import structlog
from slack_bolt import App
from slack_bolt.adapter.starlette.handler import to_bolt_request, to_starlette_response
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.web.body import READ_S, read_body
from bot.web.problem import Problem

log = structlog.get_logger()


def slack_route(app: App, *, read_s: float = READ_S) -> Route:
    """POST /slack/events for events, buttons and shortcuts; Bolt checks the signature over the raw body."""

    async def receive(request: Request) -> Response:
        try:
            body = await read_body(request, read_s=read_s)
            _demand_sound(request, body)
            return await _answered(app, request, body)
        except Problem as problem:
            return problem.response()

    return Route("/slack/events", receive, methods=["POST"])


async def _answered(app: App, request: Request, body: bytes) -> Response:
    try:
        answer = await asyncio.to_thread(app.dispatch, to_bolt_request(request, body))
    except Exception as error:  # noqa: BLE001  # a recipient's own fault comes back as an answer; this is a body Bolt cannot read
        log.warning("slack request not readable", problem=type(error).__name__)
        raise Problem(400, "This cannot be read.") from None
    return to_starlette_response(answer)


def _demand_sound(request: Request, body: bytes) -> None:
    """Refuse what Bolt would stumble over before it has checked the signature: an odd timestamp, no text."""
    timestamp = request.headers.get("x-slack-request-timestamp", "")
    is_sound = timestamp.isascii() and timestamp.isdigit() and request.headers.get("x-slack-signature", "").isascii()
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        is_sound = False
    if not is_sound:
        raise Problem(401, "This is not from Slack.")
