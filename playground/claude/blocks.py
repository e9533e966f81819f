"""The shape of a conversation: messages and the blocks they are made of.

Source: https://platform.claude.com/docs/en/api/messages
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

STRICT = ConfigDict(extra="forbid", strict=True)
OPEN = ConfigDict(extra="allow", strict=True)
"""For blocks of the vendor's own tools, which the stand-in carries along and does not read."""


def list_or_string(value: Any) -> str:
    """The tag of a string or list; the tilde keeps it out of the place an error names."""
    return "~list" if isinstance(value, list) else "~string"


class CacheControl(BaseModel):
    model_config = STRICT
    type: Literal["ephemeral"]
    ttl: Literal["5m", "1h"] = "5m"


class Text(BaseModel):
    model_config = STRICT
    type: Literal["text"]
    text: str
    cache_control: CacheControl | None = None
    citations: list[dict[str, Any]] | None = None


class Base64Image(BaseModel):
    model_config = STRICT
    type: Literal["base64"]
    media_type: Literal["image/jpeg", "image/png", "image/gif", "image/webp"]
    data: str


class Base64Pdf(BaseModel):
    model_config = STRICT
    type: Literal["base64"]
    media_type: Literal["application/pdf"]
    data: str


class PlainText(BaseModel):
    model_config = STRICT
    type: Literal["text"]
    media_type: Literal["text/plain"]
    data: str


class Url(BaseModel):
    model_config = STRICT
    type: Literal["url"]
    url: str


class File(BaseModel):
    model_config = STRICT
    type: Literal["file"]
    file_id: str


class Transformations(BaseModel):
    model_config = STRICT
    oversized_image: Literal["downsize", "error"] = "downsize"


class Image(BaseModel):
    model_config = STRICT
    type: Literal["image"]
    source: Annotated[Base64Image | Url | File, Field(discriminator="type")]
    cache_control: CacheControl | None = None
    transformations: Transformations | None = None


class Content(BaseModel):
    model_config = STRICT
    type: Literal["content"]
    content: Annotated[
        Annotated[str, Tag("~string")]
        | Annotated[list[Annotated[Text | Image, Field(discriminator="type")]], Tag("~list")],
        Discriminator(list_or_string),
    ]


class Citations(BaseModel):
    model_config = STRICT
    enabled: bool = False


class Document(BaseModel):
    model_config = STRICT
    type: Literal["document"]
    source: Annotated[Base64Pdf | PlainText | Content | Url | File, Field(discriminator="type")]
    cache_control: CacheControl | None = None
    citations: Citations | None = None
    context: str | None = None
    title: str | None = None


class ThinkingBlock(BaseModel):
    model_config = STRICT
    type: Literal["thinking"]
    thinking: str
    signature: str


class RedactedThinking(BaseModel):
    model_config = STRICT
    type: Literal["redacted_thinking"]
    data: str


class ToolUse(BaseModel):
    model_config = OPEN
    type: Literal["tool_use", "server_tool_use"]
    id: str
    name: str
    input: dict[str, Any]
    cache_control: CacheControl | None = None


class ToolResult(BaseModel):
    model_config = OPEN
    type: Literal["tool_result", "web_search_tool_result", "web_fetch_tool_result"]
    tool_use_id: str
    cache_control: CacheControl | None = None


Block = Annotated[
    Text | Image | Document | ThinkingBlock | RedactedThinking | ToolUse | ToolResult, Field(discriminator="type")
]
Words = Annotated[
    Annotated[str, Tag("~string")] | Annotated[list[Block], Tag("~list")],
    Discriminator(list_or_string),
]


class Message(BaseModel):
    model_config = STRICT
    role: Literal["user", "assistant", "system"]
    content: Words
