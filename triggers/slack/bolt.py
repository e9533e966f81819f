"""The Bolt app, told to acknowledge nothing that is not stored."""

from __future__ import annotations

import logging
from collections.abc import Callable

import structlog
from slack_bolt import App
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.response import BoltResponse
from slack_sdk import WebClient

from bot.doors.slack.settings import SlackSettings
from triggers.slack.decision import Recipient

log = structlog.get_logger()


class NotStored(Exception):
    """We cannot take it now: the database failed or was slower than Slack's patience, or we only just started."""


def bolt_app(settings: SlackSettings, recipient: Callable[[], Recipient | None]) -> App:
    """An app without listeners; `recipient` is who we are, None as long as Slack has not said."""
    assert settings.slack_bot_token is not None
    token = settings.slack_bot_token.get_secret_value()
    secret = settings.slack_signing_secret

    def authorize() -> AuthorizeResult:
        known = recipient()
        if known is None:
            raise NotStored
        return AuthorizeResult(
            enterprise_id=None,
            team_id=known.team,
            bot_user_id=known.bot_user,
            bot_id=known.bot_id or None,
            bot_token=token,
        )

    app = App(
        logger=_sdk_logger(),
        client=WebClient(token, base_url=settings.slack_api_url, logger=_sdk_logger()),
        signing_secret=secret.get_secret_value() if secret else None,
        request_verification_enabled=secret is not None,
        # Bolt's own way asks auth.test before the first event, and acknowledges that event unseen when the call fails.
        authorize=authorize,
        process_before_response=True,  # acknowledge after the event is durable, not before
        attaching_conversation_kwargs_enabled=False,
    )
    app.error(_on_error)
    return app


def _on_error(error: Exception) -> BoltResponse:
    # Not acknowledged: Slack sends it again, and then it may fit. What nobody can read will never fit.
    log.warning("slack event not taken", problem=type(error).__name__)
    return BoltResponse(status=500 if isinstance(error, NotStored) else 400, body="")


def _sdk_logger() -> logging.Logger:
    """Bolt's own chatter is for its developers; what matters of its errors our own lines say, once."""
    logger = logging.getLogger("slack_bolt.bellhop")
    logger.setLevel(logging.CRITICAL)
    return logger
