"""The page's guard: only this machine's own page may look, and only with its token may it act."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

NAMES = frozenset({"127.0.0.1", "localhost"})
TOKEN_HEADER = "x-playground-token"
MAX_BODY_BYTES = 60_000_000

HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "frame-src 'self'{frames}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}


def refusal(method: str, headers: Mapping[str, str], token: str) -> str:
    """Why this request is refused, "" when it is not. `headers` by lower-case names.

    The Host keeps other names for this address out (DNS rebinding), the Origin other pages, the token everything that
    has not read this page.
    """
    port = _port(headers.get("host", ""))
    if port is None:
        return "This page is for this machine only: open it as http://127.0.0.1."
    origin = headers.get("origin")
    if origin is not None and not _is_ours(origin, port):
        return "Another page has no business here."
    if headers.get("sec-fetch-site") in {"cross-site", "same-site"} and headers.get("sec-fetch-mode") != "navigate":
        return "Another page has no business here."
    if method not in {"GET", "HEAD"}:
        if not hmac.compare_digest(headers.get(TOKEN_HEADER, "").encode(), token.encode()):
            return "This page is from an earlier start: load it again."
        if not headers.get("content-length", "0").isdigit() or int(headers.get("content-length", "0")) > MAX_BODY_BYTES:
            return "That is larger than 60 MB."
    return ""


MAIL = "/mail/"
MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'"
)
"""For a page that came in a mail: shown in a frame without scripts, and nothing is fetched for it."""


def headers_for(path: str, frames: str = "") -> Mapping[str, str]:
    """The safe headers of every answer; a mail's page brings its own styles, and stands within ours.

    `frames`: the bot's address, whose form stands in a frame of ours as well.
    """
    policy = HEADERS["content-security-policy"].replace("{frames}", f" {frames}" if frames else "")
    return {**HEADERS, "content-security-policy": MAIL_POLICY if path.startswith(MAIL) else policy}


class Guard:
    """Refuses with 403 what `refusal` names, and puts the safe headers on every answer."""

    def __init__(self, app: ASGIApp, token: str, frames: str = "") -> None:
        self._app, self._token, self._frames = app, token, frames

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = headers_for(scope["path"], self._frames).items()
                safe = [(name.encode(), value.encode()) for name, value in headers]
                message["headers"] = [*message["headers"], *safe]
            await send(message)

        words = refusal(scope["method"], Request(scope).headers, self._token)
        answer: ASGIApp | Response = PlainTextResponse(words + "\n", 403) if words else self._app
        await answer(scope, receive, send_safely)


def _port(host: str) -> int | None:
    """The port of a Host header that names this machine, 80 when it has none; None for any other name."""
    try:
        parts = urlsplit(f"//{host}")
        return (parts.port or 80) if parts.hostname in NAMES and "@" not in host else None
    except ValueError:
        return None


def _is_ours(origin: str, port: int) -> bool:
    try:
        parts = urlsplit(origin)
        return parts.scheme == "http" and parts.hostname in NAMES and (parts.port or 80) == port
    except ValueError:
        return False
