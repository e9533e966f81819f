"""The Slack door as data."""

from __future__ import annotations

from bot.door import CHAT, Door, Profile, ReplyKind
from bot.doors.slack.rule import SlackRule
from bot.doors.slack.settings import SlackSettings
from bot.events import Event, SlackThread
from bot.rules.keys import RuleKeys
from bot.rules.rule import Rule
from bot.settings import Settings


def _missing(settings: Settings, _keys: RuleKeys | None) -> tuple[str, ...]:
    own = settings.door(SlackSettings)
    hears = own.slack_app_token or own.slack_signing_secret
    return (() if own.slack_bot_token else ("SLACK_BOT_TOKEN",)) + (() if hears else ("SLACK_APP_TOKEN",))


def _hears_by_http_alone(settings: Settings) -> bool:
    own = settings.door(SlackSettings)
    return bool(own.slack_signing_secret) and not own.slack_app_token


def _cannot_speak(settings: Settings) -> tuple[str, ...]:
    return () if settings.door(SlackSettings).slack_bot_token else ("SLACK_BOT_TOKEN",)


def _channel(place: str, _event: Event) -> SlackThread:
    return SlackThread(team="", channel=place, thread_ts=None)


DOOR = Door(
    name="slack",
    settings=SlackSettings,
    rule_keys=SlackRule,
    missing=_missing,
    derived_rule=lambda _: Rule(name="slack", on="slack"),
    profile=Profile(CHAT, text_is_request=True, continues=True, streams=True),
    has_night=False,
    needs_web=_hears_by_http_alone,
    opened_by={
        "SLACK_BOT_TOKEN": "It is at https://api.slack.com/apps: your app, OAuth & Permissions, Bot User OAuth Token.",
        "SLACK_APP_TOKEN": "Make one at https://api.slack.com/apps: your app, Basic Information, App-Level Tokens, "
        "scope connections:write.",
        "SLACK_SIGNING_SECRET": "It is at https://api.slack.com/apps: your app, Basic Information, Signing Secret.",
    },
)

REPLY = ReplyKind("slack", "slack:CHANNEL", _cannot_speak, _channel)
