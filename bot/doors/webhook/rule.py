"""What a rule on a webhook may say beyond the common keys."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, Strict

from bot.doors.webhook.callback_client import target_of
from bot.rules.keys import Filled, RuleKeys

SECRET = "WEBHOOK_SECRET"  # noqa: S105  # a variable's name
MOST_WAIT_S = 60.0


def _one_or_two(value: Any) -> Any:
    return (value,) if isinstance(value, str) else tuple(value) if isinstance(value, list | tuple) else value


def _web_address(url: str) -> str:
    target_of(url)
    return url


Variable = Annotated[str, Strict(), Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,99}$")]
"""A variable's name: what is secret stands in the environment, never in a rules file."""


class WebhookRule(RuleKeys):
    """One hook. `verify` is how its sender shows that it knows the secret (bot/doors/webhook/signatures.py)."""

    hook: Annotated[str, Strict(), Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")] = Field(
        description="a name of letters, digits, dots and dashes in quotes"
    )
    verify: Literal["bearer", "standard", "github", "stripe", "typeform", "tally"] = Field(
        "bearer", description='one of "bearer", "standard", "github", "stripe", "typeform", "tally"'
    )
    secret_env: Annotated[tuple[Variable, ...], BeforeValidator(_one_or_two), Field(min_length=1, max_length=2)] = (
        Field((SECRET,), description="the name of the variable that holds the secret, or a list of two while one is "
              "being replaced")
    )  # fmt: skip
    wait_s: float = Field(0.0, ge=0, le=MOST_WAIT_S, strict=True, description="seconds from 0 to 60")
    rate_per_minute: Annotated[int, Strict()] = Field(60, ge=1, description="a whole number, 1 or more")
    callback: Annotated[Filled, AfterValidator(_web_address)] = Field("", description="a web address in quotes")
    callback_secret_env: Variable = Field("", description="the name of a variable in quotes", validate_default=False)
