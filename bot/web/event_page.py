"""The page of an event for a browser: the answer as it grows, or what has become of it. Works without scripts, too."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Any

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from bot.errors import SETTING
from bot.events import Receipt
from bot.waiting import waiting_words
from bot.web.event_access import EventAccess
from bot.web.event_stream import HEADERS, PING_S
from bot.web.markdown import GrowingMarkdown, html_of
from bot.web.templates import html, page

SHOW_EVERY_S = 0.12
"""The page gets what is new this often at most."""
OPEN = ("received", "working", "waiting")
OWNERS = "This cannot be answered just now: whoever runs this form has to set something right first."
BLOCKS = "blocks"
"""The value of `as` in the address of a page's own stream."""


def wants_page(accept: str) -> bool:
    """Whether a browser asks, to show it to a person."""
    return "text/html" in accept.lower()


async def event_page(request: Request, access: EventAccess, receipt: Receipt, *, for_key: bool) -> Response:
    """The page of an event that this visitor may see; `for_key`: by its key alone."""
    sight = await _sight(access, receipt, request.url.query, for_key=for_key)
    return page("event", sight, root=access.root, frames=access.page_of(receipt.rule).frames)


def blocks_response(request: Request, access: EventAccess, event_id: str, *, for_key: bool) -> Response:
    """What the page asks for while it is open: blocks of the answer, its status, and at the end the finished page."""
    query = "&".join(part for part in request.url.query.split("&") if part != f"as={BLOCKS}")
    return StreamingResponse(_stream(access, event_id, query, for_key=for_key), 200, HEADERS, "text/event-stream")


async def _stream(access: EventAccess, event_id: str, query: str, *, for_key: bool) -> AsyncIterator[str]:
    growing, told = GrowingMarkdown(), ""
    async with access.look(event_id) as look:
        while not look.is_over:
            is_hidden = access.hides(look.receipt, for_key=for_key)
            news = growing.take("" if is_hidden else look.text)
            if news is not None:
                yield _sent("blocks", {"from": news[0], "html": news[1]})
            if look.receipt is not None and look.receipt.state != told and not is_hidden:
                told = look.receipt.state
                words = status_words(told, look.receipt.reason, look.receipt.wake_at)
                tab = tab_words(_title(access, look.receipt), told)
                yield _sent("status", {"state": told, "words": words, "tab": tab})
            if not await look.news(PING_S):
                yield ": still there\n\n"
            await asyncio.sleep(SHOW_EVERY_S)
    receipt = await access.receipt(event_id)
    if receipt is not None and receipt.finished_at:  # else this process ends, and the page asks another one
        sight = await _sight(access, receipt, query, for_key=for_key)
        yield _sent("end", {"html": html("event_main.html", sight, root=access.root), "tab": sight["tab"]})


async def _sight(access: EventAccess, receipt: Receipt, query: str, *, for_key: bool) -> dict[str, Any]:
    """What the page shows."""
    look, is_private = access.page_of(receipt.rule), access.hides(receipt, for_key=for_key)
    shown = await access.shown(receipt, for_key=for_key)
    answer = shown["answer"] or {}
    state, text = receipt.state, answer.get("text") or ""
    title = _title(access, receipt)
    reason = OWNERS if look.is_form and for_key and shown["code"] == SETTING else shown["reason"]
    return {
        "title": title,
        "tab": title if is_private else tab_words(title, state),
        "logo": look.logo,
        "thanks": look.thanks,
        "again": look.again,
        "state": state,
        "words": status_words(state, reason, None if is_private else receipt.wake_at),
        "is_open": state in OPEN,
        "is_private": is_private,
        "answer_text": text,
        "answer_html": Markup(html_of(text)),  # noqa: S704  # made by our own renderer, which lets no HTML through
        "values": answer.get("values") or {},
        "notes": answer.get("notes") or [],
        "sources": answer.get("sources") or [],
        "sent": await access.sent(receipt.id) if look.is_form else {},
        "stream_url": f"?{query}&as={BLOCKS}" if query else f"?as={BLOCKS}",
    }


def status_words(state: str, reason: str, wake_at: datetime | None) -> str:
    """What has become of an event, in a few words for whoever waits for it. Pure, but for the hour."""
    if state == "waiting":
        return _capital(waiting_words(reason, wake_at, datetime.now(UTC)))
    if state in {"failed", "skipped"}:
        return _capital(reason) or "There is no answer."
    return {"received": "Received, the answer is on its way", "working": "Writing the answer"}.get(state, "Answered")


def tab_words(title: str, state: str) -> str:
    """What the browser's tab says: whoever looks at another one meanwhile sees when the answer is there. Pure."""
    words = {"answered": "Answered", "failed": "No answer", "skipped": "No answer", "waiting": "Waiting"}
    return f"{words.get(state, 'On its way')}: {title}"


def _title(access: EventAccess, receipt: Receipt) -> str:
    return access.page_of(receipt.rule).title or receipt.subject or receipt.rule


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _sent(event: str, data: Mapping[str, Any]) -> str:
    return f"event: {event}\ndata: {json.dumps(data)}\n\n"
