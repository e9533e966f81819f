"""What became of one event, for whoever may look: GET /events/ID."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.serial import to_json
from bot.web.house import closed, house_of, may_look


async def receipt(request: Request) -> Response:
    """The receipt as JSON; 404 when the id is not known."""
    house = house_of(request)
    if not may_look(request, house.settings):
        return closed()
    found = await asyncio.to_thread(house.receipts.get, request.path_params["id"])
    if found is None:
        return JSONResponse({"error": "There is no event with this id."}, status_code=404)
    return JSONResponse(to_json(found))
