"""One event over HTTP, for whoever has its key: its receipt as JSON, the answer as it grows, and the end of it."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.web.event_page import BLOCKS, blocks_response, event_page, wants_page
from bot.web.event_stream import stream_response, wants_stream
from bot.web.headers import listed
from bot.web.house import House, house_of, may_look
from bot.web.templates import message_page

NOT_KNOWN = "There is no event with this id."
CLOSED = "This event needs its key: open the address that came with it, or send WEB_TOKEN."
BY_CALLER = "the caller"


async def event(request: Request) -> Response:
    """GET and DELETE /events/ID, for whoever has the event's key, or WEB_TOKEN; 404 for an unknown id."""
    house, event_id = house_of(request), request.path_params["id"]
    is_known = _has_key(request, house, event_id)
    if not (is_known or may_look(request, house.settings)):
        return _refused(request, house, 401, CLOSED)
    if not event_id.isprintable():  # no event's is otherwise, and a database may refuse to be asked for it
        return _refused(request, house, 404, NOT_KNOWN)
    if request.method == "DELETE":
        return await _stop(house, event_id, is_known=is_known)
    return await _look(request, house, event_id, is_known=is_known)


async def _look(request: Request, house: House, event_id: str, *, is_known: bool) -> Response:
    """The receipt; as a page for a browser; with Accept: text/event-stream the answer as it grows."""
    receipt = await house.events.receipt(event_id)
    if receipt is None:
        return _refused(request, house, 404, NOT_KNOWN)
    if request.query_params.get("as") == BLOCKS:
        return blocks_response(request, house.events, event_id, for_key=is_known)
    accept = listed(request.headers, "accept")
    if wants_stream(accept):
        last_id = request.headers.get("last-event-id", "")
        return stream_response(house.events, event_id, last_id=last_id, for_key=is_known)
    if wants_page(accept):
        return await event_page(request, house.events, receipt, for_key=is_known)
    shown = await house.events.shown(receipt, for_key=is_known)
    return JSONResponse(shown, headers={"cache-control": "no-store", "vary": "accept"})


async def _stop(house: House, event_id: str, *, is_known: bool) -> Response:
    """No more answer is wanted, nor paid for. 202, or 200 and the receipt when it is over."""
    stopped = await house.events.request_stop(event_id, BY_CALLER)
    receipt = await house.events.receipt(event_id)
    if receipt is None:
        return _error(404, NOT_KNOWN)
    if not stopped or receipt.finished_at:
        return JSONResponse(await house.events.shown(receipt, for_key=is_known))
    url = house.events.status_url(event_id)
    return JSONResponse({"id": event_id, "state": receipt.state, "status_url": url}, 202)


def _has_key(request: Request, house: House, event_id: str) -> bool:
    key = request.query_params.get("key", "")
    return bool(key) and house.events.opens(event_id, key)


def _refused(request: Request, house: House, status: int, words: str) -> Response:
    if wants_page(listed(request.headers, "accept")):
        return message_page("Nothing to see here", words, status, root=house.events.root)
    return _error(status, words)


def _error(status: int, words: str) -> Response:
    return JSONResponse({"error": words}, status)
