"""The webhook trigger: hooks that any web process serves, and the forgetting of what came long ago."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import sqlalchemy as sa
import structlog
from starlette.routing import BaseRoute

from bot.doors.webhook.deliveries import Deliveries
from bot.doors.webhook.delivery_store import DeliveryStore
from bot.doors.webhook.rule import WebhookRule
from bot.errors import reason_of
from bot.events import Emit, Health
from bot.rules.rule import Rule
from bot.settings import Settings
from bot.web.event_access import EventAccess
from triggers.webhook.hooks import Hooks

log = structlog.get_logger()

FORGET_EVERY_S = 3_600.0


class WebhookTrigger:
    """Serves every hook of the rules."""

    name = "webhook"

    def __init__(self, settings: Settings, rules: tuple[Rule, ...], store: DeliveryStore, access: EventAccess) -> None:
        self._store = store
        self._names = [rule.of(WebhookRule).hook for rule in rules]
        self._hooks = Hooks(rules, settings, access, self._heard)
        self._last_event_at: datetime | None = None
        self._looked_at: datetime | None = None

    def routes(self, emit: Emit) -> Sequence[BaseRoute]:
        """POST /hooks/<hook>."""
        return [self._hooks.route(Deliveries(emit, self._store))]

    async def run(self, emit: Emit) -> None:
        """Forget what came long ago, once an hour."""
        del emit  # what comes, comes by the routes
        while True:
            try:
                gone = await asyncio.to_thread(self._store.forget)
                self._looked_at = datetime.now(UTC)
                if gone:
                    log.info("forgot old deliveries", deliveries=gone)
            except sa.exc.SQLAlchemyError as error:
                log.warning("old deliveries not forgotten", reason=reason_of(error))
            await asyncio.sleep(FORGET_EVERY_S)

    def health(self) -> Health:
        """Nothing comes by itself: a hook that nobody calls works all the same."""
        words = f"Listening at {', '.join(f'/hooks/{name}' for name in self._names)}."
        heard_at = self._last_event_at or self._looked_at
        return Health(ok=True, words=words, heard_at=heard_at, last_event_at=self._last_event_at)

    def _heard(self) -> None:
        self._last_event_at = datetime.now(UTC)
