"""Slack's HTTP mode: /slack/events, where garbage is refused and never becomes a fault of ours."""

from __future__ import annotations

import asyncio

import structlog
from slack_bolt import App
from slack_bolt.adapter.starlette.handler import to_bolt_request, to_starlette_response
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

log = structlog.get_logger()

BODY_MAX_BYTES = 1_048_576


def slack_route(app: App) -> Route:
    """POST /slack/events for events, buttons and shortcuts; Bolt checks the signature over the raw body."""

    async def receive(request: Request) -> Response:
        body = await _small_body(request)
        if body is None:
            return PlainTextResponse("too large", 413)
        if not _is_sound(request, body):
            return PlainTextResponse("not from Slack", 401)
        try:
            answer = await asyncio.to_thread(app.dispatch, to_bolt_request(request, body))
        except Exception as error:  # noqa: BLE001  # a recipient's own fault comes back as an answer; this is a body Bolt cannot read
            log.warning("slack request not readable", problem=type(error).__name__)
            return PlainTextResponse("not readable", 400)
        return to_starlette_response(answer)

    return Route("/slack/events", receive, methods=["POST"])


async def _small_body(request: Request) -> bytes | None:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_MAX_BYTES:
            return None
    return body


def _is_sound(request: Request, body: bytes) -> bool:
    """What Bolt would stumble over before it has checked the signature: an odd timestamp, bytes that are no text."""
    timestamp = request.headers.get("x-slack-request-timestamp", "")
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return timestamp.isascii() and timestamp.isdigit() and request.headers.get("x-slack-signature", "").isascii()
