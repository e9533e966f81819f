"""Who we are in Slack, as auth.test says: learnt once, asked again as proof that Slack still knows us."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from typing import Any

import structlog
from slack_sdk import WebClient

from bot.doors.slack.settings import SlackSettings
from bot.doors.slack.wire import error_name
from bot.rules.rule import Rule
from triggers.slack.decision import Recipient

log = structlog.get_logger()

ASK_WITHIN_S = 10
IN_A_HURRY_S = 2
"""Slack waits three seconds for the acknowledgement of an event that we may need this for first."""
ASK_AGAIN_AFTER_S = 1.0


class Identity:
    """Usable from any thread. Source: https://docs.slack.dev/reference/methods/auth.test"""

    def __init__(self, settings: SlackSettings, rules: tuple[Rule, ...]) -> None:
        assert settings.slack_bot_token is not None
        self._settings, self._rules, self._token = settings, rules, settings.slack_bot_token.get_secret_value()
        self._known: Recipient | None = None
        self._lock = threading.Lock()
        self._sisters: dict[str, bool] = {}
        self._failed, self._failed_at_s = 0, float("-inf")
        self.heard_at: datetime | None = None
        self.problem = "Slack has not said yet who we are."

    def recipient(self) -> Recipient | None:
        """Who we are; Slack is asked when it has not said yet. None while it does not say (see `problem`)."""
        with self._lock:
            if self._known is None and time.monotonic() - self._failed_at_s > ASK_AGAIN_AFTER_S:
                self.ask(IN_A_HURRY_S)
            return self._known

    def ask(self, within_s: int = ASK_WITHIN_S) -> bool:
        """Ask Slack now; whether it answered. One failure is no problem yet once it did: `run` asks again at once."""
        client = WebClient(self._token, base_url=self._settings.slack_api_url, timeout=within_s)
        try:
            self._known = self._recipient_of(client.auth_test().data)
        except Exception as error:  # noqa: BLE001  # whatever the SDK raises here, waiting is the answer; `check` says why
            why = error_name(error) or type(error).__name__
            log.warning("slack does not know us", problem=why)
            self._failed, self._failed_at_s = self._failed + 1, time.monotonic()
            if self._known is None or self._failed > 1:
                self.problem = f"Slack does not know us ({why})."
            return False
        self._failed, self.heard_at, self.problem = 0, datetime.now(UTC), ""
        return True

    def _recipient_of(self, said: object) -> Recipient:
        assert isinstance(said, dict)
        return Recipient(
            team=said["team_id"],
            bot_user=said["user_id"],
            bot_id=said.get("bot_id", ""),
            rules=self._rules,
            allow=self._settings.slack_allow,
            allow_outsiders=self._settings.slack_allow_outsiders,
            enterprise=said.get("enterprise_id") or "",
            is_sister=self._is_sister,
        )

    def _is_sister(self, user: str) -> bool:
        """https://docs.slack.dev/enterprise: the organisation stands in the user object; no answer is a no, for now."""
        if user not in self._sisters:
            client = WebClient(self._token, base_url=self._settings.slack_api_url, timeout=IN_A_HURRY_S)
            try:
                found: Any = client.users_info(user=user).get("user") or {}
            except Exception as error:  # noqa: BLE001  # as above
                log.warning("slack does not say whose a person is", problem=error_name(error) or type(error).__name__)
                return False
            enterprise = (found.get("enterprise_user") or {}).get("enterprise_id") or found.get("enterprise_id")
            self._sisters[user] = bool(self._known and enterprise and enterprise == self._known.enterprise)
        return self._sisters[user]
