"""An event as a stream of server-sent events: the answer as it grows, exact at the end, for whoever looks and when.

Each `delta` has an id that says how much of the text it completes, with a hash of that text. A client that comes back
with it goes on from there if what it has still is how the answer begins; else it is told to begin anew.
Source: https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

from starlette.responses import Response, StreamingResponse

from bot.live_texts import Look
from bot.web.event_access import EventAccess

PING_S = 15.0
END = "end"
"""The id of the last event: nothing comes after it."""
HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}
"""Proxies between us and the client pass each event on at once."""


def wants_stream(accept: str) -> bool:
    """Whether a client asked for an event-stream."""
    return "text/event-stream" in accept.lower()


def stream_response(
    access: EventAccess,
    event_id: str,
    accepted: Mapping[str, Any] | None = None,
    last_id: str = "",
    *,
    for_key: bool = False,
) -> Response:
    """The stream of an event; begins with `accepted` where that is given, and goes on after `last_id`.

    `for_key`: as whoever has only the event's key may see it.
    """
    if last_id == END:
        return Response(status_code=204)  # by which a browser knows that there is nothing to come back for
    return StreamingResponse(
        _stream(access, event_id, accepted, last_id, for_key=for_key), 200, HEADERS, "text/event-stream"
    )


async def _stream(
    access: EventAccess, event_id: str, accepted: Mapping[str, Any] | None, last_id: str, *, for_key: bool
) -> AsyncIterator[str]:
    seen = Seen(last_id)
    if accepted is not None:
        yield sse("accepted", accepted, seen.id)
    async with access.look(event_id) as look:
        while not look.is_over:
            is_hidden = access.hides(look.receipt, for_key=for_key)
            for piece in seen.take("" if is_hidden else look.text):
                yield piece
            if not await look.news(PING_S):
                yield ": still there\n\n"
        for piece in await _end(access, look, seen, for_key=for_key):
            yield piece


async def _end(access: EventAccess, look: Look, seen: Seen, *, for_key: bool) -> list[str]:
    if look.receipt is None:
        return [sse("failed", {"error": "There is no event with this id."}, END)]
    receipt = await access.shown(look.receipt, for_key=for_key)
    rest = seen.take(receipt["answer"]["text"], is_whole=True) if receipt["answer"] else []
    return [*rest, sse("done" if receipt["state"] == "answered" else "failed", receipt, END)]


def sse(event: str, data: Mapping[str, Any], event_id: str) -> str:
    """One event as it goes over the wire; JSON has no line breaks of its own."""
    return f"id: {event_id}\nevent: {event}\ndata: {json.dumps(data)}\n\n"


class Seen:
    """What a client has of the text. `last_id` says how far it came: believed once the text is seen to begin so."""

    def __init__(self, last_id: str = "") -> None:
        self._text, self._hash = "", _hash("")
        count, _, digest = last_id.partition("-")
        self._claimed = (int(count), digest) if count.isascii() and count.isdigit() and len(count) < 12 else (0, "")

    @property
    def id(self) -> str:
        """The id of what was sent last."""
        return f"{len(self._text)}-{self._hash.hexdigest()}"

    def take(self, text: str, *, is_whole: bool = False) -> list[str]:
        """The events that bring the client from what it has to `text`, which grows on unless `is_whole`."""
        if self._claimed[0] and (text or is_whole):
            return self._resume(text)
        if text == self._text:
            return []
        if text.startswith(self._text):
            return [self._add(text)]
        self._forget()
        return [sse("reset", {"text": ""}, self.id), self._add(text)]

    def _resume(self, text: str) -> list[str]:
        count, digest = self._claimed
        self._claimed = (0, "")
        start = text[:count]
        if len(start) == count and _hash(start).hexdigest() == digest:
            self._text, self._hash = start, _hash(start)
            return self.take(text)
        return [sse("reset", {"text": ""}, self.id), *self.take(text)]

    def _add(self, text: str) -> str:
        new = text[len(self._text) :]
        self._hash.update(new.encode(errors="surrogatepass"))
        self._text = text
        return sse("delta", {"text": new}, self.id)

    def _forget(self) -> None:
        self._text, self._hash = "", _hash("")


def _hash(text: str) -> Any:
    return hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=6)
