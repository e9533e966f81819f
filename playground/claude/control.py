"""The stand-in's back door, /_control: faults, state and reset, for pages and for processes.

No key, but only for callers on this machine that do not come from some other site's page.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route

from playground.claude.faults import Fault
from playground.claude.state import State

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def control_routes(stand_in: State) -> list[BaseRoute]:
    """POST /_control/fault, GET /_control/state, POST /_control/reset."""

    async def fault(request: Request) -> JSONResponse:
        try:
            wish = dict(await request.json())
            times = int(wish.pop("times", 1))
            stand_in.fault(Fault(kind=wish.pop("fault"), **wish), times)
        except (ValueError, TypeError, KeyError) as error:
            return JSONResponse({"error": str(error)}, 400)
        return JSONResponse(state_of(stand_in))

    async def state(_request: Request) -> JSONResponse:
        return JSONResponse(state_of(stand_in))

    async def reset(_request: Request) -> JSONResponse:
        stand_in.reset()
        return JSONResponse(state_of(stand_in))

    return [
        Route("/_control/fault", local_only(fault), methods=["POST"]),
        Route("/_control/state", local_only(state), methods=["GET"]),
        Route("/_control/reset", local_only(reset), methods=["POST"]),
    ]


def state_of(stand_in: State) -> dict[str, Any]:
    """What the page shows: the tally, waiting faults and callers that left."""
    return {
        **dataclasses.asdict(stand_in.tally),
        "faults": [{"fault": kind, "times": times} for kind, times in stand_in.faults.waiting()],
        "disconnects": [{"chars": left.chars, "total_chars": left.total_chars} for left in stand_in.disconnects],
        "requests": len(stand_in.requests),
        "bill_usd": float(stand_in.bill.usd),
    }


def local_only(
    endpoint: Callable[[Request], Awaitable[JSONResponse]],
) -> Callable[[Request], Awaitable[JSONResponse]]:
    """The endpoint, for callers on loopback whose Host and Origin are loopback too."""

    async def guarded(request: Request) -> JSONResponse:
        caller = request.client.host if request.client else ""
        origin = request.headers.get("origin")
        hosts = {caller, request.url.hostname or ""} | ({urlsplit(origin).hostname or ""} if origin else set())
        if not hosts <= LOOPBACK:
            return JSONResponse({"error": "only from this machine"}, 403)
        return await endpoint(request)

    return guarded
