"""The JSON that programs send and get, as models: they validate what comes in, and write `/openapi.json`."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictInt, StrictStr, ValidationError

from bot.events import Json, State
from bot.web.problem import Problem

MOST_FILES = 20


def _base64(text: str) -> str:
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("no base64") from None
    return text


class FileBody(BaseModel):
    """A file within JSON."""

    model_config = ConfigDict(extra="forbid")

    name: StrictStr = Field(min_length=1, max_length=255, description="what the file is called")
    data: Annotated[StrictStr, AfterValidator(_base64)] = Field(
        description="its content in base64", json_schema_extra={"contentEncoding": "base64"}
    )


class AskBody(BaseModel):
    """What the hook "ask" takes. Other keys come along as material."""

    model_config = ConfigDict(extra="allow")

    text: StrictStr | None = Field(None, description="a text: what is asked")
    files: list[FileBody] = Field([], max_length=MOST_FILES, description='a list of {"name": …, "data": base64}')
    conversation: StrictStr | None = Field(
        None, max_length=500, description="a text: questions with the same one follow on each other"
    )
    subject: StrictStr | None = Field(None, max_length=200, description="a text: what the receipt calls it")
    system: StrictStr | None = Field(None, description="a text: how to answer")
    model: StrictStr | None = Field(None, pattern=r"^[\w.:@/-]{1,100}$", description="a model's name")
    max_tokens: StrictInt | None = Field(None, ge=1, le=128_000, description="a whole number from 1 to 128000")


class UsageBody(BaseModel):
    """What was used, all calls added up.

    `cache_write_1h_tokens` are among the `cache_write_tokens`, `thinking_tokens` among the `output_tokens`.
    """

    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    cache_write_tokens: int
    cache_write_1h_tokens: int
    thinking_tokens: int
    web_searches: int


class AnswerBody(BaseModel):
    """An answer. `values`: the typed columns of the rule, where it has some. `notes`: short sentences about it."""

    text: str
    values: dict[str, Any] | None
    notes: list[str]
    sources: list[Any]


class DeliveryBody(BaseModel):
    """What became of the answer at one of the places that the rule's `reply` names; `link` leads there."""

    to: str
    state: Literal["delivered", "failed"]
    reason: str
    link: str


class ReceiptBody(BaseModel):
    """What became of an event."""

    id: str
    state: State
    source: str
    rule: str
    subject: str
    received_at: datetime
    working_at: datetime | None
    finished_at: datetime | None
    attempts: int
    model: str
    usage: UsageBody
    cost_usd: float
    reason: str
    code: str
    waits_for: str
    wake_at: datetime | None
    deliveries: list[DeliveryBody]
    answer: AnswerBody | None


class AcceptedBody(BaseModel):
    """An event is durable; at `status_url` it may be looked at."""

    id: str
    state: Literal["received", "working", "waiting"]
    status_url: str


class ErrorBody(BaseModel):
    """Why a request was refused, in one sentence."""

    error: str


def ask_body(value: Json) -> AskBody:
    """What was sent to the hook "ask". Raises Problem 400 that names the first wrong key."""
    if not isinstance(value, dict):
        raise Problem(400, "This is not a JSON object.")
    try:
        return AskBody.model_validate(value)
    except ValidationError as error:
        place = error.errors(include_url=False, include_input=False)[0]["loc"]
        key = str(place[0])
        raise Problem(400, f'"{key}" is wrong; expected {AskBody.model_fields[key].description}.') from None
