"""What each model accepts: its window, how it thinks, and what we ask of it for chat and for documents.

Source: https://platform.claude.com/docs/en/about-claude/models/overview and /docs/en/build-with-claude/thinking
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["chat", "document"]
"""The kind of work: "chat" wants its first word fast, "document" wants care."""


@dataclass(frozen=True, slots=True)
class Thinking:
    """What we send: the `thinking` field and `output_config.effort`; None leaves the field out."""

    thinking: dict[str, str] | None = None
    effort: str | None = None


# The summary is asked for so that a model deep in thought is seen to be alive: omitted thinking is only pings.
ADAPTIVE = {"type": "adaptive", "display": "summarized"}
CAREFUL = Thinking(ADAPTIVE, "medium")
NOTHING = Thinking()

_BETWEEN = Thinking({"type": "between_tools"}, "medium")
_OFF = Thinking({"type": "disabled"}, "medium")
_LEAST = Thinking(ADAPTIVE, "low")
"""For models that always think: as little as they can."""

CHAT = {
    "claude-sonnet-5-5": _BETWEEN,
    "claude-haiku-5-5": _OFF,
    "claude-sonnet-5": _OFF,
    "claude-opus-5": _OFF,
    "claude-opus-5-5": _LEAST,
    "claude-fable-5": _LEAST,
    "claude-mythos-5": _LEAST,
    "claude-opus-4-6": NOTHING,
    "claude-opus-4-7": NOTHING,
    "claude-opus-4-8": NOTHING,
    "claude-sonnet-4-6": NOTHING,
}
"""The models that think adaptively. Others (4.5 and older, names nobody knows) get neither thinking nor effort."""

SMALL_WINDOW = ("claude-haiku-4-5", "claude-sonnet-4-5", "claude-opus-4-5")
SMALL_WINDOW_TOKENS = 200_000
WINDOW_TOKENS = 1_000_000


def thinking_for(model: str, kind: Kind) -> Thinking:
    """What to send to `model` for this kind of work."""
    known = max((name for name in CHAT if model == name or model.startswith(f"{name}-")), key=len, default=None)
    if known is None:
        return NOTHING
    return CHAT[known] if kind == "chat" else CAREFUL


def window_tokens(model: str) -> int:
    """How many tokens of prompt and answer the model takes together."""
    return SMALL_WINDOW_TOKENS if model.startswith(SMALL_WINDOW) else WINDOW_TOKENS


LEAST_CACHED_TOKENS = {
    "claude-sonnet-5": 1_024,
    "claude-sonnet-5-5": 512,
    "claude-opus-4-8": 1_024,
    "claude-opus-4-7": 2_048,
    "claude-opus-4-6": 4_096,
    "claude-opus-4-5": 4_096,
    "claude-haiku-4-5": 4_096,
    "claude-sonnet-4-5": 1_024,
    "claude-sonnet-4-6": 1_024,
}
"""A shorter prompt is not cached, whatever it says; newer models, and names nobody knows, take 512 tokens.

Source: https://platform.claude.com/docs/en/build-with-claude/prompt-caching
"""


def cacheable_tokens(model: str) -> int:
    """How long a prompt must be to be cached."""
    known = [name for name in LEAST_CACHED_TOKENS if model == name or model.startswith(f"{name}-")]
    return LEAST_CACHED_TOKENS[max(known, key=len)] if known else 512


def thinking_fields(model: str, kind: Kind, schema: dict[str, Any] | None, *, bare: bool) -> dict[str, Any]:
    """The fields `thinking` and `output_config` of a request; `bare` leaves out all that a model may refuse."""
    wanted = NOTHING if bare else thinking_for(model, kind)
    config: dict[str, Any] = {}
    if wanted.effort:
        config["effort"] = wanted.effort
    if schema is not None:
        config["format"] = {"type": "json_schema", "schema": schema}
    fields: dict[str, Any] = {"output_config": config} if config else {}
    return fields | ({"thinking": wanted.thinking} if wanted.thinking else {})
