"""What may be written into a `[[rule]]`: the keys common to all doors, and the types that a door's own are made of.

A field's name (or alias) is the key, its description what an error says was expected.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, Strict

from bot.secrecy import looks_secret

MOST_PLACES = 5
KINDS = ("text", "integer", "number", "boolean", "date")


def _filled(text: str) -> str:
    if not text.strip() or looks_secret(text):
        raise ValueError("empty, or a secret")
    return text


def _one_line(text: str) -> str:
    if not text.isprintable():
        raise ValueError("not one line")
    return text


def list_only(value: Any) -> Any:
    """A list as it is written, and nothing that could be taken for one."""
    if not isinstance(value, list | tuple):
        raise ValueError("no list")  # noqa: TRY004  # pydantic turns only a ValueError into an error of the key
    return tuple(value)


def _one_or_list(value: Any) -> Any:
    places = (value,) if isinstance(value, str) else list_only(value)
    if len({place.strip() if isinstance(place, str) else place for place in places}) < len(places):
        raise ValueError("twice the same")
    return places


def _number_only(value: Any) -> Any:
    if isinstance(value, bool | str):
        raise ValueError("no number")  # noqa: TRY004  # as above
    return value


Filled = Annotated[str, Strict(), AfterValidator(_filled)]
"""Text that is not empty; a token is refused, because rules are shown."""
Name = Annotated[Filled, AfterValidator(_one_line)]
"""A name stands in logs, tables and errors, which have one line for it."""
FilledList = Annotated[tuple[Filled, ...], BeforeValidator(list_only)]
"""A list of such texts; it may be empty."""
Places = Annotated[tuple[Filled, ...], BeforeValidator(_one_or_list), Field(min_length=1, max_length=MOST_PLACES)]
"""Where an answer goes, each place once; one may stand without brackets."""
Choices = Annotated[tuple[Filled, ...], BeforeValidator(list_only), Field(min_length=1)]
"""The only values that a typed column may hold."""
Money = Annotated[float, BeforeValidator(_number_only), Field(ge=0, allow_inf_nan=False)]
"""US dollars."""
Yes = Annotated[bool, Strict()]


@dataclass(frozen=True, slots=True)
class EventPage:
    """How the pages of a rule's events look in a browser, and who they are for.

    `is_form`: people filled in a form, and may do so again at `again`; `thanks` is what they are told. `logo` is the
    address of a picture, `frames` are the sites that may show these pages in a frame of theirs.
    """

    title: str = ""
    thanks: str = ""
    again: str = ""
    logo: str = ""
    frames: tuple[str, ...] = ()
    is_form: bool = False


class RuleKeys(BaseModel):
    """What every model of rule keys shares: nothing is guessed, and errors quote nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, validate_by_name=True)

    @classmethod
    def keys(cls) -> dict[str, str]:
        """Each key as it is written in the file, with what is expected of it."""
        return {field.alias or name: field.description or "" for name, field in cls.model_fields.items()}

    def event_page(self) -> EventPage:
        """How the pages of this rule's events look."""
        return EventPage()


class CommonKeys(RuleKeys):
    """The keys of a rule on any door; `on` and `reply` are held against what there is by rules/file.py."""

    name: Name = Field(description="a name of one line in quotes, used once")
    on: Filled = Field(description="the name of a door in quotes")
    ask: Filled = Field("", description="the prompt, in quotes")
    system: Annotated[str, Strict()] = Field("", description="text in quotes")
    model: Filled = Field("", description='a model\'s name such as "claude-sonnet-5-5"')
    max_tokens: Annotated[int, Strict()] | None = Field(
        None, ge=1, le=128_000, description="a whole number from 1 to 128000"
    )
    reply: Places = Field((), description=f"a place in quotes, or a list of up to {MOST_PLACES}")
    read: FilledList = Field((), description="a list of sources in quotes")
    when_nothing: Literal["ask", "skip"] = Field("ask", description='"ask" or "skip"')
    columns: dict[Filled, Literal["text", "integer", "number", "boolean", "date"] | Choices] = Field(
        default_factory=dict,
        min_length=1,
        description='a table such as {Category = ["bug", "wish"], Urgency = "integer"} with the types '
        + ", ".join(KINDS),
    )
    stream: Yes | None = Field(None, description="true or false")
    lane: Literal["now", "night"] = Field("now", description='"now" or "night"')
    lane_fallback: Literal["now", "fail"] = Field("now", description='"now" or "fail"')
    daily_budget_usd: Money | None = Field(None, description="an amount in US dollars such as 2.50")
    allow: FilledList = Field((), description="a list of names in quotes")
