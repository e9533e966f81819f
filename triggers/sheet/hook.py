"""This file is the instant path: POST /hooks/sheet/<rule> with WEB_TOKEN as bearer wakes the loop of that rule."""

from __future__ import annotations

import hmac
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route


def hook_routes(secret: str, wake: Callable[[str], bool]) -> list[Route]:
    """The hook's route; none without a secret. Nothing of the request but the rule's name is read."""
    if not secret:
        return []

    async def receive(request: Request) -> Response:
        given = request.headers.get("authorization", "").removeprefix("Bearer ").encode()
        if not hmac.compare_digest(given, secret.encode()):
            return JSONResponse({"error": "Send WEB_TOKEN as: Authorization: Bearer …"}, 401)
        if not wake(request.path_params["rule"]):
            return JSONResponse({"error": "no sheet rule has that name"}, 404)
        return JSONResponse({"ok": True}, 202)

    return [Route("/hooks/sheet/{rule}", receive, methods=["POST"])]
