"""What a rule on a webhook may say beyond the common keys."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, Strict

from bot.doors.webhook.callback_client import target_of
from bot.doors.webhook.fields import KINDS, FormField, fault_of, fields_of
from bot.rules.keys import Choices, EventPage, Filled, RuleKeys, list_only

SECRET = "WEBHOOK_SECRET"  # noqa: S105  # a variable's name
MOST_WAIT_S = 60.0


def _one_or_two(value: Any) -> Any:
    return (value,) if isinstance(value, str) else tuple(value) if isinstance(value, list | tuple) else value


def _web_address(url: str) -> str:
    target_of(url)
    return url


def _sound_fields(fields: dict[str, Any]) -> dict[str, Any]:
    if fault_of(fields):
        raise ValueError(fault_of(fields))
    return fields


def _picture(path: str) -> str:
    if Path(path).suffix.lower() not in PICTURES:
        raise ValueError("no picture")
    return path


PICTURES = {
    ".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".webp": "image/webp",
    ".gif": "image/gif",
}  # fmt: skip
"""What a logo may be, by its file's ending."""
FieldKind = Literal["text", "long", "email", "number", "date", "file"]
Origin = Annotated[Filled, Field(pattern=r"^https?://(\*\.)?[A-Za-z0-9.-]+(:(\d{1,5}|\*))?$")]
"""A site, as browsers name it: no path, no slash at the end."""
Variable = Annotated[str, Strict(), Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,99}$")]
"""A variable's name: what is secret stands in the environment, never in a rules file."""


class WebhookRule(RuleKeys):
    """One hook. `verify` is how its sender shows that it knows the secret (bot/doors/webhook/signatures.py).

    With `fields` it also has a form for people, at /forms/<hook>, which needs no secret.
    """

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
    title: Filled = Field("", description="the form's heading in quotes")
    intro: Filled = Field("", description="a few words above the form, in quotes")
    thanks: Filled = Field("", description="what people read once they have sent it, in quotes")
    fields: Annotated[dict[Filled, FieldKind | Choices], AfterValidator(_sound_fields)] = Field(
        default_factory=dict,
        min_length=1,
        validate_default=False,
        description='a table such as {Name = "text", Message = "long", Kind = ["bug", "wish"], "Email?" = "email", '
        f'File = "file"}}, of {", ".join(KINDS)} or a list of choices; a name that ends in ? may stay empty',
    )
    logo: Annotated[Filled, AfterValidator(_picture)] = Field(
        "", description="the name of a picture's file (.svg, .png, .jpg, .webp, .gif) in quotes"
    )
    embed: Annotated[tuple[Origin, ...], BeforeValidator(list_only)] = Field(
        (), description='a list of sites such as ["https://intranet.example"]'
    )
    callback_secret_env: Variable = Field("", description="the name of a variable in quotes", validate_default=False)

    @property
    def needs_secret(self) -> bool:
        """A form that names none is for people alone, and its hook stays shut where WEBHOOK_SECRET is not set."""
        return not self.fields or "secret_env" in self.model_fields_set

    def form_fields(self) -> tuple[FormField, ...]:
        """The fields of the form; () where there is none."""
        return fields_of(self.fields)

    def event_page(self) -> EventPage:
        """How the form and the pages of its events look."""
        if not self.fields:
            return EventPage()
        form = f"/forms/{self.hook}"
        return EventPage(
            title=self.title or self.hook.replace("-", " ").replace("_", " ").capitalize(),
            thanks=self.thanks,
            again=form,
            logo=f"{form}/logo" if self.logo else "",
            frames=self.embed,
            is_form=True,
        )
