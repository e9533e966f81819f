"""How the webhook door is opened and checked."""

from __future__ import annotations

from bot.door import Finding
from bot.doors.webhook.delivery_store import DeliveryStore
from bot.doors.webhook.rule import WebhookRule
from bot.parts import Parts
from bot.rules.rule import Rule
from bot.settings import Settings
from bot.web.event_access import event_access_of
from triggers.webhook.trigger import WebhookTrigger


def open_trigger(parts: Parts, rules: tuple[Rule, ...]) -> WebhookTrigger:
    """The trigger of all hooks."""
    return WebhookTrigger(parts.settings, rules, DeliveryStore(parts.database), event_access_of(parts))


async def check(settings: Settings, rules: tuple[Rule, ...]) -> list[Finding]:
    """What `bot check` says of the hooks."""
    del settings
    return [
        Finding("webhook", f"/hooks/{rule.of(WebhookRule).hook}", ok=True, words="its secret is set") for rule in rules
    ]
