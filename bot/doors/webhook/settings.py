"""What the webhook door is set up with."""

from __future__ import annotations

from pydantic import SecretStr

from bot.settings import FromEnvironment, Names


class WebhookSettings(FromEnvironment):
    """`webhook_secret` opens the hook "ask"; `callback_allow` names what callbacks may reach although it is private."""

    webhook_secret: SecretStr | None = None
    callback_allow: Names = ()
