"""What the Slack door is set up with."""

from __future__ import annotations

from typing import Literal

from pydantic import SecretStr

from bot.settings import FromEnvironment, Names


class SlackSettings(FromEnvironment):
    """One field for each variable of Slack's in `.env.example`."""

    slack_bot_token: SecretStr | None = None
    slack_app_token: SecretStr | None = None
    slack_signing_secret: SecretStr | None = None
    slack_api_url: str = "https://slack.com/api/"
    slack_streaming: Literal["edits", "native"] = "edits"
    slack_footer: bool = False
    slack_allow: Names = ()
    slack_admins: Names = ()
    slack_allow_outsiders: bool = False
