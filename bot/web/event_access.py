"""What there is to know of one event over HTTP, and by what address: the same for hooks, forms, pages and callbacks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa

from bot.event_keys import EventKeys
from bot.events import Answer, Receipt
from bot.live_texts import LiveTexts, Look, live_texts_of
from bot.parts import Parts
from bot.receipts import Receipts
from bot.serial import to_json
from bot.settings import Settings

SHOWN = (
    *("id", "state", "source", "rule", "subject", "received_at", "working_at", "finished_at", "attempts", "model"),
    *("usage", "cost_usd", "reason", "code", "waits_for", "wake_at", "deliveries"),
)
"""What a receipt says over HTTP; who asked, and in which conversation, is the operator's to know."""

RequestStop = Callable[[str, str], Awaitable[bool]]
"""Asks for an event to be stopped, by whom; False when it has ended (`Engine.request_stop`)."""


class EventAccess:
    """One for each process. `request_stop` is the engine's."""

    def __init__(self, settings: Settings, database: sa.Engine, receipts: Receipts, request_stop: RequestStop) -> None:
        self._base = settings.public_url.rstrip("/")
        self._receipts, self.request_stop = receipts, request_stop
        self._keys = EventKeys(database)
        self._live: LiveTexts = live_texts_of(database)

    def opens(self, event_id: str, key: str) -> bool:
        """Whether `key` lets its bearer look at this event."""
        return self._keys.opens(event_id, key)

    def status_url(self, event_id: str) -> str:
        """Where whoever is given it may look at this event: absolute where PUBLIC_URL is set."""
        return f"{self._base}/events/{quote(event_id, safe=':@')}?key={self._keys.key_of(event_id)}"

    async def receipt(self, event_id: str) -> dict[str, Any] | None:
        """The receipt with its answer, as JSON; None when the id is not known."""
        found = await asyncio.to_thread(self._receipts.get, event_id)
        return await self.shown(found) if found else None

    async def shown(self, receipt: Receipt) -> dict[str, Any]:
        """The same of a receipt that was read already."""
        answer = await asyncio.to_thread(self._receipts.answer, receipt.id) if receipt.finished_at else None
        return receipt_json(receipt, answer)

    @asynccontextmanager
    async def look(self, event_id: str) -> AsyncIterator[Look]:
        """Look on while its answer grows."""
        async with self._live.look(event_id) as look:
            yield look


def event_access_of(parts: Parts) -> EventAccess:
    """The access to the events of this process's database."""
    return EventAccess(parts.settings, parts.database, parts.engine.receipts, parts.engine.request_stop)


def receipt_json(receipt: Receipt, answer: Answer | None) -> dict[str, Any]:
    """A receipt and its answer as every caller gets them. Pure."""
    data = to_json(receipt)
    return {**{name: data[name] for name in SHOWN}, "answer": answer_json(answer) if answer else None}


def answer_json(answer: Answer) -> dict[str, Any]:
    """The answer as every caller gets it. Pure."""
    data = to_json(answer)
    return {name: data.get(name, []) for name in ("text", "values", "notes", "sources")}
