"""What machines ask: is this process alive, and is everything there that an event needs."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from bot.errors import PROGRAM
from bot.events import Health
from bot.web.house import House, house_of

NO_WORKER = f"No worker runs: events are accepted and wait. Start one with `{PROGRAM} run --role worker`."


async def health(_request: Request) -> Response:
    """GET /health: this process is alive, whatever else is not."""
    return PlainTextResponse("ok")


async def ready(request: Request) -> Response:
    """GET /ready: 200 when the database answers and every open door works, else 503; says when each was heard.

    Whether a worker runs is told and changes no status: without one events are still accepted, and nothing is lost.
    """
    body = await asyncio.to_thread(_state, house_of(request))
    return JSONResponse(body, status_code=200 if body["ready"] else 503)


def _state(house: House) -> dict[str, Any]:
    doors, database, worker = house.doors(), "ok", Health(ok=False, words="Not known.")
    try:
        house.receipts.counts()
        worker = _worker(house.workers())
    except Exception as error:  # noqa: BLE001  # any fault of the database means "not ready", and is said by its class
        database = f"not reachable ({type(error).__name__})"
    return {
        "ready": database == "ok" and all(door.ok for door in doors.values()),
        "database": database,
        "worker": {"ok": worker.ok, "words": worker.words},
        "doors": {name: _door(door) for name, door in doors.items()},
    }


def _worker(count: int) -> Health:
    return Health(ok=True, words=f"{count} at work.") if count else Health(ok=False, words=NO_WORKER)


def _door(door: Health) -> dict[str, Any]:
    return {
        "ok": door.ok,
        "words": door.words,
        "heard_at": door.heard_at.isoformat() if door.heard_at else None,
        "last_event_at": door.last_event_at.isoformat() if door.last_event_at else None,
    }
