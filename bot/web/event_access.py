"""What there is to know of one event over HTTP, and by what address: the same for hooks, forms, pages and callbacks."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote, urlsplit

import sqlalchemy as sa

from bot.event_keys import EventKeys
from bot.events import Answer, Receipt
from bot.live_texts import Closed, LiveTexts, Look, live_texts_of
from bot.parts import Parts
from bot.receipts import Receipts
from bot.rules.keys import EventPage
from bot.rules.rule import RuleBook
from bot.serial import to_json
from bot.settings import Settings

SHOWN = (
    *("id", "state", "source", "rule", "subject", "received_at", "working_at", "finished_at", "attempts", "model"),
    *("usage", "cost_usd", "reason", "code", "waits_for", "wake_at", "deliveries"),
)
"""What a receipt says over HTTP; who asked, and in which conversation, is the operator's to know."""

HIDDEN: dict[str, Any] = {"reason": "", "code": "", "waits_for": "", "wake_at": None, "deliveries": []}
"""What stands in the place of all that tells where an answer goes, and why it does not come."""

RequestStop = Callable[[str, str], Awaitable[bool]]
"""Asks for an event to be stopped, by whom; False when it has ended (`Engine.request_stop`)."""


class EventAccess:
    """One for each process. `request_stop` is the engine's."""

    def __init__(
        self,
        settings: Settings,
        database: sa.Engine,
        receipts: Receipts,
        request_stop: RequestStop,
        rules: RuleBook,
    ) -> None:
        self._base, self._root, self._rules = settings.public_url.rstrip("/"), root_of(settings), rules
        self._receipts, self.request_stop = receipts, request_stop
        self._keys = EventKeys(database)
        self._live: LiveTexts = live_texts_of(database)

    def opens(self, event_id: str, key: str) -> bool:
        """Whether `key` lets its bearer look at this event."""
        return self._keys.opens(event_id, key)

    @property
    def root(self) -> str:
        """The path of PUBLIC_URL: where a proxy serves this server below one; "" elsewhere."""
        return self._root

    def status_url(self, event_id: str) -> str:
        """Where whoever is given it may look at this event: absolute where PUBLIC_URL is set."""
        return f"{self._base}{self._own_path(event_id)}"

    def status_path(self, event_id: str) -> str:
        """The same for whoever is here already."""
        return f"{self.root}{self._own_path(event_id)}"

    def _own_path(self, event_id: str) -> str:
        return f"/events/{quote(event_id, safe=':@')}?key={self._keys.key_of(event_id)}"

    def page_of(self, rule_name: str) -> EventPage:
        """How the pages of a rule's events look."""
        rule = self._rules.named(rule_name)
        return rule.options.event_page() if rule is not None and rule.options is not None else EventPage()

    def hides(self, receipt: Receipt | None, *, for_key: bool) -> bool:
        """Whether whoever looks, perhaps with no more than the event's key, must not see what becomes of it.

        So it is where the answer of a form is for somebody else than whoever filled it in. What went elsewhere stays
        hidden when its rule was changed or removed since.
        """
        if not for_key or receipt is None:
            return False
        rule = self._rules.named(receipt.rule)
        went_elsewhere = bool(receipt.deliveries)
        if rule is None:
            return went_elsewhere
        return self.page_of(rule.name).is_form and (bool(rule.reply) or went_elsewhere)

    async def sent(self, event_id: str) -> dict[str, str]:
        """What came with an event, by field."""
        event = await asyncio.to_thread(self._receipts.event, event_id)
        return dict(event.fields) if event else {}

    async def receipt(self, event_id: str) -> Receipt | None:
        """The receipt; None when the id is not known."""
        return await asyncio.to_thread(self._receipts.get, event_id)

    async def shown(self, receipt: Receipt, *, for_key: bool = False) -> dict[str, Any]:
        """A receipt with its answer, as JSON. `for_key`: as whoever has only the event's key may see it."""
        if self.hides(receipt, for_key=for_key):
            return receipt_json(receipt, None) | HIDDEN
        answer = await asyncio.to_thread(self._receipts.answer, receipt.id) if receipt.finished_at else None
        return receipt_json(receipt, answer)

    @asynccontextmanager
    async def look(self, event_id: str) -> AsyncIterator[Look]:
        """Look on while its answer grows; the block ends early when this process does."""
        async with self._live.look(event_id) as look:
            with contextlib.suppress(Closed):
                yield look

    def let_go(self) -> None:
        """Send every onlooker away: this process ends."""
        self._live.let_go()


def root_of(settings: Settings) -> str:
    """The path of PUBLIC_URL; "" where it has none."""
    return urlsplit(settings.public_url.rstrip("/")).path


def event_access_of(parts: Parts) -> EventAccess:
    """The access to the events of this process's database."""
    return EventAccess(parts.settings, parts.database, parts.engine.receipts, parts.engine.request_stop, parts.rules)


def receipt_json(receipt: Receipt, answer: Answer | None) -> dict[str, Any]:
    """A receipt and its answer as every caller gets them. Pure."""
    data = to_json(receipt)
    return {**{name: data[name] for name in SHOWN}, "answer": answer_json(answer) if answer else None}


def answer_json(answer: Answer) -> dict[str, Any]:
    """The answer as every caller gets it. Pure."""
    data = to_json(answer)
    return {name: data.get(name, []) for name in ("text", "values", "notes", "sources")}
