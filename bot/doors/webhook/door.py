"""The webhook door as data, and what its rules may not say."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bot.door import Door, Mistake, Profile, ReplyKind
from bot.doors.webhook.rule import SECRET, WebhookRule
from bot.doors.webhook.settings import WebhookSettings
from bot.doors.webhook.signatures import secret_bytes
from bot.rules.keys import RuleKeys
from bot.rules.placeholders import near_name, unknown
from bot.rules.rule import Rule
from bot.secrecy import shown_path
from bot.settings import Settings

LEAST_SECRET_BYTES = 16
HOW_TO_MAKE = (
    "such as python -c 'import base64, os; print(\"whsec_\" + base64.b64encode(os.urandom(32)).decode())' prints"
)
ASK = "ask"
"""The hook whose caller's text is the request itself."""
KNOWN = ("text", "subject", "filename")
"""What an `ask` may name besides fields."""
READ_FACTS = ("date", "since", "period")
"""And what it may name of what was read for its rule."""
PROGRAM = (
    "You answer for a program that passes your answer on. Answer in the language of the request, to the point and "
    "without preamble, in simple Markdown. Say so when something cannot be known from what came along."
)


def _missing(settings: Settings, keys: RuleKeys | None) -> tuple[str, ...]:
    if not isinstance(keys, WebhookRule):
        return () if settings.door(WebhookSettings).webhook_secret else (SECRET,)
    return tuple(name for name in needed_variables(keys) if settings.variable(name) is None)


def needed_variables(keys: WebhookRule) -> tuple[str, ...]:
    """The variables that a rule names: those of its secrets, and that of its callback's."""
    secrets = keys.secret_env if keys.needs_secret else ()
    return (*secrets, *((keys.callback_secret_env,) if keys.callback_secret_env else ()))


def secrets_of(rule: Rule, settings: Settings) -> tuple[str, ...]:
    """The secrets that open this rule's hook: two while one of them is being replaced."""
    found = (settings.variable(name) for name in rule.of(WebhookRule).secret_env)
    return tuple(secret.get_secret_value() for secret in found if secret)


def _check_rules(rules: Sequence[Rule], settings: Settings) -> Mistake | None:
    seen: set[str] = set()
    for rule in rules:
        keys = rule.of(WebhookRule)
        if keys.hook in seen:
            return Mistake(rule, "hook", "another rule has this hook already; expected each once")
        if keys.callback and not keys.callback_secret_env:
            words = "it needs callback_secret_env: the variable with the secret that its callbacks are signed with"
            return Mistake(rule, "callback", words)
        for key, names in signing_variables(keys):
            if not all(_is_signing_secret(name, settings) for name in names):
                return Mistake(rule, key, f"expected {' and '.join(names)} to hold whsec_ and base64, {HOW_TO_MAKE}")
        wrong = _form_mistake(rule, keys)
        if wrong is not None:
            return wrong
        seen.add(keys.hook)
    return None


def signing_variables(keys: WebhookRule) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The keys whose variables hold secrets of Standard Webhooks, with those variables."""
    own = (("secret_env", keys.secret_env),) if keys.verify == "standard" else ()
    return (*own, ("callback_secret_env", (keys.callback_secret_env,))) if keys.callback else own


def _is_signing_secret(name: str, settings: Settings) -> bool:
    secret = settings.variable(name)
    text = secret.get_secret_value() if secret else ""
    try:
        return len(secret_bytes(text.removeprefix("whpk_"))) >= LEAST_SECRET_BYTES
    except ValueError:
        return False


def _form_mistake(rule: Rule, keys: WebhookRule) -> Mistake | None:
    own = next((name for name in ("title", "intro", "thanks", "logo", "embed") if name in keys.model_fields_set), "")
    if own and not keys.fields:
        return Mistake(rule, own, "it belongs to a form, and this rule has no fields")
    if keys.logo and not Path(keys.logo).expanduser().is_file():
        return Mistake(rule, "logo", f"there is no file {shown_path(keys.logo)}")
    return _ask_mistake(rule, keys) if keys.fields else None


def _ask_mistake(rule: Rule, keys: WebhookRule) -> Mistake | None:
    """A name in braces that is no field's: what people write there would never be asked about.

    Where programs may send to the same hook, whose fields nobody can know, only what is nearly a field's name is one.
    """
    fields = [one.name for one in keys.form_fields()]
    for written in unknown(rule.ask, (*fields, *KNOWN, *(READ_FACTS if rule.read else ()))):
        near = near_name(written, fields)
        if near:
            return Mistake(rule, "ask", f"{{{written}}} is no field of this form (did you mean {{{near}}}?)")
        if "secret_env" not in keys.model_fields_set:
            expected = ", ".join(f"{{{name}}}" for name in fields)
            return Mistake(rule, "ask", f"{{{written}}} is no field of this form; expected {expected}")
    return None


DOOR = Door(
    name="webhook",
    settings=WebhookSettings,
    rule_keys=WebhookRule,
    missing=_missing,
    derived_rule=lambda _: Rule(name=ASK, on="webhook", options=WebhookRule(hook=ASK)),
    profile=Profile(PROGRAM, streams=True, is_told=True),
    opened_by={
        SECRET: "It is a long random word that you make up: python -c 'import secrets; print(secrets.token_hex(32))'."
    },
    check_rules=_check_rules,
    needs_web=lambda _: True,
    leave_room=lambda rules: all(rule.of(WebhookRule).hook != ASK for rule in rules),
)

REPLY = ReplyKind("http")
