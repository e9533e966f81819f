"""The webhook trigger: hooks that any web process serves; callbacks, and the forgetting of what came long ago."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import sqlalchemy as sa
import structlog
from starlette.routing import BaseRoute

from bot.doors.webhook.deliveries import Deliveries
from bot.doors.webhook.delivery_store import DeliveryStore
from bot.doors.webhook.door import secrets_of
from bot.doors.webhook.form_tokens import FormTokens
from bot.doors.webhook.rule import WebhookRule
from bot.doors.webhook.settings import WebhookSettings
from bot.errors import PROGRAM, reason_of
from bot.events import Emit, Health
from bot.rules.rule import Rule
from bot.settings import Settings
from bot.store.live_text import LiveTextStore
from bot.web.event_access import EventAccess
from triggers.webhook.callbacks import Callbacks
from triggers.webhook.forms import Forms
from triggers.webhook.hooks import Hooks
from triggers.webhook.openapi import contract_routes

log = structlog.get_logger()

FORGET_EVERY_S = 3_600.0


class WebhookTrigger:
    """Serves every hook of the rules, and calls back where a rule says so."""

    name = "webhook"

    def __init__(
        self,
        settings: Settings,
        rules: tuple[Rule, ...],
        store: DeliveryStore,
        access: EventAccess,
        tokens: FormTokens,
    ) -> None:
        allow = settings.door(WebhookSettings).callback_allow
        self._store, self._public_url = store, settings.public_url
        self._texts = LiveTextStore(store.database)
        self._callbacks = Callbacks(rules, settings, store.callbacks, access, allow=allow)
        with_secret = [rule for rule in rules if secrets_of(rule, settings)]
        self._names = [rule.of(WebhookRule).hook for rule in with_secret]
        self._hooks = Hooks(with_secret, settings, access, self._heard)
        self._forms = Forms(rules, settings, access, tokens, self._heard)
        self._last_event_at: datetime | None = None
        self._looked_at: datetime | None = None

    def routes(self, emit: Emit) -> Sequence[BaseRoute]:
        """POST /hooks/<hook> and what it takes (/openapi.json, /docs), and the forms."""
        deliveries = Deliveries(emit, self._store)
        contract = contract_routes(self._names, self._public_url)
        return [self._hooks.route(deliveries), *contract, *self._forms.routes(deliveries)]

    async def run(self, emit: Emit) -> None:
        """Send callbacks; forget what came long ago, once an hour."""
        del emit  # what comes, comes by the routes
        async with asyncio.TaskGroup() as duties:
            duties.create_task(self._callbacks.run())
            duties.create_task(self._forget())

    async def _forget(self) -> None:
        while True:
            try:
                gone = await asyncio.to_thread(self._store.forget)
                await asyncio.to_thread(self._store.callbacks.forget)
                await asyncio.to_thread(self._texts.sweep)
                self._looked_at = datetime.now(UTC)
                if gone:
                    log.info("forgot old deliveries", deliveries=gone)
            except sa.exc.SQLAlchemyError as error:
                log.warning("old deliveries not forgotten", reason=reason_of(error))
            await asyncio.sleep(FORGET_EVERY_S)

    def health(self) -> Health:
        """Nothing comes by itself: a hook that nobody calls works all the same."""
        places = [*(f"/hooks/{name}" for name in self._names), *(f"/forms/{name}" for name in self._forms.names)]
        words = listening = f"Listening at {', '.join(places)}."
        if failing := len(self._callbacks.failing):
            words += f" {failing} callback{'s' if failing > 1 else ''} failed and will be tried again."
        heard_at = self._last_event_at or self._looked_at
        without_run = listening
        if self._callbacks.has_any:
            without_run += (
                f" Callbacks wait for a process that sends them: start one with `{PROGRAM} run --role triggers`."
            )
        return Health(
            ok=True, words=words, heard_at=heard_at, last_event_at=self._last_event_at, without_run=without_run
        )

    def _heard(self) -> None:
        self._last_event_at = datetime.now(UTC)
