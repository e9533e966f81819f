"""How the stand-in answers over HTTP: JSON, 429, an HTML error page, or a connection cut short."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from playground.slack.calls import ApiError, Data

JSON = "application/json; charset=utf-8"
ERROR_PAGE = "<!DOCTYPE html><html><head><title>Server Error | Slack</title></head><body>Something broke.</body></html>"


@dataclass(frozen=True, slots=True)
class Reply:
    """Status, headers and body of one answer; `page` instead of the body when it is HTML."""

    status: int
    headers: Mapping[str, str]
    body: Mapping[str, Any]
    page: str | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        content = self.page if self.page is not None else json.dumps(self.body)
        kind = "text/html; charset=utf-8" if self.page is not None else JSON
        await Response(content, self.status, dict(self.headers), media_type=kind)(scope, receive, send)


def reply_ok(body: Data, scopes: Sequence[str], warnings: Sequence[str]) -> Reply:
    """200 with ok true; X-OAuth-Scopes tells what the token may do."""
    return Reply(200, {"X-OAuth-Scopes": ",".join(scopes)}, _warned({"ok": True, **body}, warnings))


def reply_error(error: ApiError, warnings: Sequence[str] = ()) -> Reply:
    """200 with ok false."""
    return Reply(200, {}, _warned(error.body, warnings))


def reply_ratelimited(wait_s: int, status: int) -> Reply:
    """429 with Retry-After in whole seconds; some callers saw the same body with status 200."""
    return Reply(status, {"Retry-After": str(wait_s)}, {"ok": False, "error": "ratelimited"})


def server_error() -> Reply:
    """500 with a page instead of JSON."""
    return Reply(500, {}, {"error": "server_error"}, ERROR_PAGE)


async def cut(receive: Receive) -> None:
    """Break the connection without an answer.

    ASGI knows no such thing; `receive` is a bound method of uvicorn's request cycle, which holds the transport.
    """
    transport: asyncio.Transport = receive.__self__.transport  # type: ignore[attr-defined] # uvicorn's, see above
    transport.abort()
    await asyncio.sleep(0.01)


def _warned(body: Mapping[str, Any], warnings: Sequence[str]) -> Data:
    if not warnings:
        return dict(body)
    metadata = {**body.get("response_metadata", {}), "warnings": list(warnings)}
    return {**body, "warning": ",".join(warnings), "response_metadata": metadata}
