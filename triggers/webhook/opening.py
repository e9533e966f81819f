"""How the webhook door is opened and checked."""

from __future__ import annotations

import asyncio

from bot.door import Finding
from bot.doors.webhook.callback_client import NotAllowed, address_of, target_of
from bot.doors.webhook.delivery_store import DeliveryStore
from bot.doors.webhook.form_tokens import FormTokens
from bot.doors.webhook.rule import WebhookRule
from bot.doors.webhook.settings import WebhookSettings
from bot.parts import Parts
from bot.rules.rule import Rule
from bot.settings import Settings
from bot.web.event_access import event_access_of
from triggers.webhook.trigger import WebhookTrigger

ASK_S = 5.0


def open_trigger(parts: Parts, rules: tuple[Rule, ...]) -> WebhookTrigger:
    """The trigger of all hooks."""
    store, tokens = DeliveryStore(parts.database), FormTokens(parts.database)
    return WebhookTrigger(parts.settings, rules, store, event_access_of(parts), tokens)


async def check(settings: Settings, rules: tuple[Rule, ...]) -> list[Finding]:
    """What `bot check` says of the hooks, of the address by which they are reached, and of where callbacks go."""
    findings = [_hook(rule, settings) for rule in rules if rule.of(WebhookRule).needs_secret]
    findings += [_form(rule) for rule in rules if rule.of(WebhookRule).fields]
    if settings.public_url:
        findings.append(await asyncio.to_thread(_public_url, settings))
    callbacks = [rule for rule in rules if rule.of(WebhookRule).callback]
    return findings + [await _callback(rule, settings) for rule in callbacks]


def _hook(rule: Rule, settings: Settings) -> Finding:
    keys = rule.of(WebhookRule)
    unset = [name for name in keys.secret_env if settings.variable(name) is None]
    words = f"{' and '.join(unset)} not set" if unset else f"{' and '.join(keys.secret_env)} set, {keys.verify}"
    fix = f"Set {' and '.join(unset)} to the secret that its sender uses." if unset else ""
    return Finding("webhook", f"/hooks/{keys.hook}", ok=not unset, words=words, fix=fix)


def _form(rule: Rule) -> Finding:
    keys = rule.of(WebhookRule)
    count = len(keys.form_fields())
    words = f"{count} field{'s' if count > 1 else ''}, open to everybody who has its address"
    return Finding("webhook", f"/forms/{keys.hook}", ok=True, words=words)


def _public_url(settings: Settings) -> Finding:
    """Whether PUBLIC_URL leads to a Bellhop; while none runs here, that cannot be told."""
    found = _health(settings.public_url)
    if found == "ok":
        return Finding("webhook", "PUBLIC_URL", ok=True, words="leads to a running Bellhop")
    if not found and _health(f"http://127.0.0.1:{settings.port}") != "ok":
        return Finding("webhook", "PUBLIC_URL", ok=True, words="cannot be told while Bellhop does not run")
    words = "something else answers there" if found else "nothing answers there, seen from here"
    return Finding("webhook", "PUBLIC_URL", ok=False, words=words, fix="It must lead to this server, as others see it.")


def _health(base: str) -> str:
    """What answers at /health: "ok" for a Bellhop; "" where nothing does."""
    import requests  # slow to import, and only a check needs it

    try:
        with requests.get(f"{base.rstrip('/')}/health", timeout=ASK_S, stream=True, allow_redirects=False) as answer:
            return answer.raw.read(100, decode_content=True).decode(errors="replace") or str(answer.status_code)
    except (requests.RequestException, OSError):
        return ""


async def _callback(rule: Rule, settings: Settings) -> Finding:
    target = target_of(rule.of(WebhookRule).callback)
    subject = f"callback of {rule.name}"
    try:
        await address_of(target, settings.door(WebhookSettings).callback_allow)
    except NotAllowed:
        fix = f"Use a public address, or name it: CALLBACK_ALLOW={target.host}:{target.port}"
        return Finding("webhook", subject, ok=False, words=f"{target.host} is no public address", fix=fix)
    except OSError:
        fix = "Correct the host in its callback, or mend this machine's name server."
        return Finding("webhook", subject, ok=False, words=f"{target.host} cannot be found", fix=fix)
    return Finding("webhook", subject, ok=True, words=f"{target.host} can be found")
