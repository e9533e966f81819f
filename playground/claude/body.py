"""The shape of a request's body: every field the vendor knows, and nothing else.

The vendor's errors name the place and say what is wrong there ("max_tokens: Field required"); so do these.
Source: https://platform.claude.com/docs/en/api/messages
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Discriminator, Field, Tag, ValidationError

from playground.claude.blocks import OPEN, STRICT, CacheControl, Message, Text, list_or_string
from playground.claude.problem import Problem, refuse


class Adaptive(BaseModel):
    model_config = STRICT
    type: Literal["adaptive"]
    display: Literal["summarized", "omitted"] | None = None


class Budget(BaseModel):
    model_config = STRICT
    type: Literal["enabled"]
    budget_tokens: Annotated[int, Field(ge=1024)]
    display: Literal["summarized", "omitted"] | None = None


class Off(BaseModel):
    model_config = STRICT
    type: Literal["disabled"]


class BetweenTools(BaseModel):
    model_config = STRICT
    type: Literal["between_tools"]


class JsonFormat(BaseModel):
    model_config = STRICT
    type: Literal["json_schema"]
    schema_: Annotated[dict[str, Any], Field(alias="schema")]


class OutputConfig(BaseModel):
    model_config = STRICT
    effort: Literal["low", "medium", "high", "xhigh", "max"] | None = None
    format: JsonFormat | None = None


class Metadata(BaseModel):
    model_config = STRICT
    user_id: Annotated[str, Field(max_length=256)] | None = None


class Diagnostics(BaseModel):
    model_config = STRICT
    previous_message_id: str | None = None


class ToolChoice(BaseModel):
    model_config = STRICT
    type: Literal["auto", "any", "tool", "none"]
    name: str | None = None
    disable_parallel_tool_use: bool | None = None


class Tool(BaseModel):
    model_config = OPEN
    name: Annotated[str, Field(pattern=r"^[a-zA-Z0-9_-]{1,128}$")]
    type: str | None = None
    input_schema: dict[str, Any] | None = None
    cache_control: CacheControl | None = None


System = Annotated[
    Annotated[str, Tag("~string")] | Annotated[list[Text], Tag("~list")],
    Discriminator(list_or_string),
]
AnyThinking = Annotated[Adaptive | Budget | Off | BetweenTools, Field(discriminator="type")]


class CountBody(BaseModel):
    """The body of POST /v1/messages/count_tokens."""

    model_config = STRICT
    model: Annotated[str, Field(min_length=1, max_length=256)]
    messages: list[Message]
    system: System | None = None
    thinking: AnyThinking | None = None
    output_config: OutputConfig | None = None
    cache_control: CacheControl | None = None
    tools: list[Tool] | None = None
    tool_choice: ToolChoice | None = None
    speed: Literal["standard", "fast"] | None = None


class MessageBody(BaseModel):
    """The body of POST /v1/messages. `max_tokens` 0 only warms the cache."""

    model_config = STRICT
    model: Annotated[str, Field(min_length=1, max_length=256)]
    max_tokens: Annotated[int, Field(ge=0)]
    messages: list[Message]
    system: System | None = None
    thinking: AnyThinking | None = None
    output_config: OutputConfig | None = None
    cache_control: CacheControl | None = None
    stream: bool = False
    stop_sequences: list[Annotated[str, Field(min_length=1)]] | None = None
    metadata: Metadata | None = None
    tools: list[Tool] | None = None
    tool_choice: ToolChoice | None = None
    service_tier: Literal["auto", "standard_only"] | None = None
    speed: Literal["standard", "fast"] | None = None
    inference_geo: str | None = None
    container: str | dict[str, Any] | None = None
    diagnostics: Diagnostics | None = None


def check_shape(shape: type[BaseModel], body: dict[str, Any]) -> None:
    """Raise the vendor's 400 for the first thing in `body` that its shape does not allow."""
    try:
        shape.model_validate(body)
    except ValidationError as error:
        raise _problem(error) from None


def _problem(error: ValidationError) -> Problem:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place = ".".join(str(part) for part in first["loc"] if not str(part).startswith("~"))
    return refuse(f"{place}: {first['msg']}")
