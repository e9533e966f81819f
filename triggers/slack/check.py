"""What `bot check` tests of Slack: both tokens, and every scope that the manifest asks for."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.door import Finding
from bot.doors.slack.settings import SlackSettings
from bot.rules.rule import Rule
from bot.settings import Settings

NEEDED_SCOPES = (
    "app_mentions:read",
    "channels:history",
    "chat:write",
    "files:read",
    "files:write",
    "groups:history",
    "im:history",
    "mpim:history",
    "users:read",
)
"""Without one of these something that README promises does not work; the manifest asks for these and a few niceties."""
APPS = "https://api.slack.com/apps"
FIXES = {
    "invalid_auth": f"Copy the token again from {APPS}: Bot User OAuth Token (xoxb-…) and App-Level Token (xapp-…).",
    "not_allowed_token_type": "SLACK_BOT_TOKEN is the one that begins with xoxb-, SLACK_APP_TOKEN the one with xapp-.",
    "token_revoked": f"The token was revoked: install the app again at {APPS} and copy the new one.",
    "account_inactive": f"The app was removed from the workspace: install it again at {APPS}.",
    "missing_scope": "Add the scope connections:write to the app-level token (Basic Information, App-Level Tokens).",
}


async def check(settings: SlackSettings) -> list[Finding]:
    """One finding for each token and one for the scopes."""
    findings = await asyncio.to_thread(_check_bot, settings)
    if settings.slack_app_token is not None:
        findings.append(await asyncio.to_thread(_check_app, settings, settings.slack_app_token.get_secret_value()))
    return findings


async def check_replies(settings: Settings, places: Sequence[tuple[Rule, str]]) -> list[Finding]:
    """Findings for the channels that rules send answers to, each once."""
    channels = tuple(dict.fromkeys(place for _, place in places))
    return await asyncio.to_thread(_check_channels, settings.door(SlackSettings), channels)


def _check_channels(settings: SlackSettings, places: Sequence[str]) -> list[Finding]:
    assert settings.slack_bot_token is not None  # without it the rules are refused
    client = WebClient(settings.slack_bot_token.get_secret_value(), base_url=settings.slack_api_url, timeout=10)
    return [_check_channel(client, place) for place in places]


def _check_channel(client: WebClient, place: str) -> Finding:
    """Whether a post there is taken: the bot is a member, or the channel is public and the scope lets everybody in.

    Source: https://docs.slack.dev/reference/scopes/chat.write.public
    """
    subject = f"channel {place}"
    try:
        said = client.conversations_info(channel=place)
    except Exception as error:  # noqa: BLE001  # as below
        return _unseen(subject, error)
    channel: Any = said.get("channel") or {}
    name = f"#{channel.get('name') or place}"
    if channel.get("is_archived"):
        return Finding("slack", subject, ok=False, words=f"{name} is archived", fix="Name another channel.")
    if channel.get("is_member") or channel.get("is_im"):
        return Finding("slack", subject, ok=True, words=f"{name} can be posted to")
    is_open = "chat:write.public" in _header(said.headers, "x-oauth-scopes")
    if is_open and not channel.get("is_private"):
        return Finding("slack", subject, ok=True, words=f"{name} can be posted to (chat:write.public)")
    words = f"the bot is not in {name}"
    return Finding("slack", subject, ok=False, words=words, fix=f"In Slack: /invite the bot in {name}.")


def _unseen(subject: str, error: Exception) -> Finding:
    data: Any = error.response.data if isinstance(error, SlackApiError) else {}
    if isinstance(data, dict) and data.get("error") == "channel_not_found":
        words, fix = "there is no such channel, or it is private", "Copy the channel's id, and /invite the bot there."
        return Finding("slack", subject, ok=False, words=words, fix=fix)
    return _refused(subject, error)


def _check_bot(settings: SlackSettings) -> list[Finding]:
    assert settings.slack_bot_token is not None
    if settings.slack_bot_token.get_secret_value().startswith("xapp-"):
        fix = FIXES["not_allowed_token_type"]
        return [Finding("slack", "bot token", ok=False, words="this is an app token", fix=fix)]
    client = WebClient(settings.slack_bot_token.get_secret_value(), base_url=settings.slack_api_url, timeout=10)
    try:
        said = client.auth_test()
    except Exception as error:  # noqa: BLE001  # the SDK raises its own, urllib's and the socket's errors; each is a finding
        return [_refused("bot token", error)]
    granted = {scope.strip() for scope in _header(said.headers, "x-oauth-scopes").split(",") if scope.strip()}
    missing = [scope for scope in NEEDED_SCOPES if granted and scope not in granted]
    token = Finding("slack", "bot token", ok=True, words=f"{said.get('user')} in {said.get('team')}")
    if not missing:
        return [token, Finding("slack", "scopes", ok=True, words="all there")]
    fix = f"Paste bot/doors/slack/manifest.json into your app at {APPS} (App Manifest), then reinstall it."
    return [token, Finding("slack", "scopes", ok=False, words="missing " + ", ".join(missing), fix=fix)]


def _check_app(settings: SlackSettings, app_token: str) -> Finding:
    try:
        WebClient(base_url=settings.slack_api_url, timeout=10).apps_connections_open(app_token=app_token)
    except Exception as error:  # noqa: BLE001  # as above
        return _refused("app token", error)
    return Finding("slack", "app token", ok=True, words="Socket Mode opens")


def _refused(subject: str, error: Exception) -> Finding:
    if not isinstance(error, SlackApiError):
        fix = "Is this machine online, and may it reach SLACK_API_URL?"
        return Finding("slack", subject, ok=False, words=f"Slack was not reached ({type(error).__name__})", fix=fix)
    data: Any = error.response.data
    word = data.get("error", "an error") if isinstance(data, dict) else "something unreadable"
    return Finding("slack", subject, ok=False, words=f"Slack says {word}", fix=FIXES.get(word, FIXES["invalid_auth"]))


def _header(headers: Any, name: str) -> str:
    return next((str(value) for key, value in dict(headers).items() if key.lower() == name), "")
