"""The head of a request: headers that are lists, and a first line that names the server as well."""

from __future__ import annotations

from urllib.parse import unquote

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

SCHEMES = (b"http://", b"https://")


def listed(headers: Headers, name: str) -> str:
    """All lines of a header as one, in their order; "" where it is not there.

    Source: https://www.rfc-editor.org/rfc/rfc9110#section-5.3
    """
    return ", ".join(headers.getlist(name))


class Targets:
    """Takes POST http://host/hooks/ask HTTP/1.1 as well, and that host for the one of the Host header.

    Source: https://www.rfc-editor.org/rfc/rfc9112#section-3.2.2
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_absolute = scope["type"] == "http" and scope.get("raw_path", b"/").lower().startswith(SCHEMES)
        await self._app({**scope, **_parts(scope)} if is_absolute else scope, receive, send)


def _parts(scope: Scope) -> Scope:
    authority, _, rest = scope["raw_path"].partition(b"://")[2].partition(b"/")
    others = [(name, value) for name, value in scope["headers"] if name != b"host"]
    headers = [(b"host", authority.rpartition(b"@")[2]), *others]
    return {"path": unquote(f"/{rest.decode('ascii')}"), "raw_path": b"/" + rest, "headers": headers}
