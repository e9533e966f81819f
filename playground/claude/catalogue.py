"""The models that the stand-in knows: windows, output limits and which thinking each accepts.

Source: https://platform.claude.com/docs/en/about-claude/models/overview
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

YES = {"supported": True}
NO = {"supported": False}

ALWAYS = frozenset({"adaptive"})
OR_BETWEEN = frozenset({"adaptive", "between_tools"})
OR_OFF = frozenset({"adaptive", "disabled"})
ANY_BUT_BETWEEN = frozenset({"adaptive", "enabled", "disabled"})
BUDGETED = frozenset({"enabled", "disabled"})


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """What one model accepts. `thinking` holds the accepted `thinking.type` values; `thinks` is the default."""

    id: str
    name: str
    line: str
    created: str
    thinking: frozenset[str] = ALWAYS
    thinks: bool = True
    default_effort: str = "high"
    omits_thinking: bool = True
    window_tokens: int = 1_000_000
    output_tokens: int = 128_000
    prefill: bool = False
    forced_tools: bool = False
    deprecated: str | None = None
    retires: str | None = None


def _newer(id_: str, name: str, created: str, thinking: frozenset[str] = ALWAYS, effort: str = "high") -> ModelSpec:
    return ModelSpec(id_, name, id_.split("-")[1], created, thinking, default_effort=effort)


def _middle(id_: str, name: str, created: str, thinking: frozenset[str], *, thinks: bool) -> ModelSpec:
    return ModelSpec(id_, name, id_.split("-")[1], created, thinking, thinks=thinks, forced_tools=True)


def _older(id_: str, name: str, created: str, deprecated: str | None = None, retires: str | None = None) -> ModelSpec:
    return ModelSpec(
        id_,
        name,
        id_.split("-")[1],
        created,
        BUDGETED,
        thinks=False,
        omits_thinking=False,
        window_tokens=200_000,
        output_tokens=64_000,
        prefill=True,
        forced_tools=True,
        deprecated=deprecated,
        retires=retires,
    )


_ALL = (
    _newer("claude-sonnet-5-5", "Claude Sonnet 5.5", "2026-09-28", OR_BETWEEN),
    _newer("claude-opus-5-5", "Claude Opus 5.5", "2026-09-22", effort="medium"),
    _newer("claude-haiku-5-5", "Claude Haiku 5.5", "2026-10-20", OR_OFF, effort="medium"),
    _newer("claude-fable-5-2", "Claude Fable 5.2", "2026-10-21"),
    _newer("claude-fable-5-1", "Claude Fable 5.1", "2026-09-01"),
    _newer("claude-mythos-5-2", "Claude Mythos 5.2", "2026-10-21"),
    _middle("claude-sonnet-5", "Claude Sonnet 5", "2026-06-30", OR_OFF, thinks=True),
    _middle("claude-opus-5", "Claude Opus 5", "2026-07-24", OR_OFF, thinks=True),
    _middle("claude-opus-4-8", "Claude Opus 4.8", "2026-05-28", OR_OFF, thinks=False),
    _middle("claude-opus-4-7", "Claude Opus 4.7", "2026-04-16", OR_OFF, thinks=False),
    _middle("claude-opus-4-6", "Claude Opus 4.6", "2026-02-05", ANY_BUT_BETWEEN, thinks=False),
    _middle("claude-sonnet-4-6", "Claude Sonnet 4.6", "2026-02-17", ANY_BUT_BETWEEN, thinks=False),
    _older("claude-haiku-4-5", "Claude Haiku 4.5", "2025-10-01"),
    _older("claude-opus-4-5", "Claude Opus 4.5", "2025-11-01"),
    _older("claude-sonnet-4-5", "Claude Sonnet 4.5", "2025-09-29", "2026-06-30", "2026-11-30"),
)
MODELS = {spec.id: spec for spec in _ALL}


def model_info(spec: ModelSpec) -> dict[str, Any]:
    """One entry of GET /v1/models."""
    return {
        "type": "model",
        "id": spec.id,
        "display_name": spec.name,
        "line": spec.line,
        "created_at": _midnight(spec.created),
        "lifecycle": "deprecated" if spec.deprecated else "active",
        "deprecated_at": _midnight(spec.deprecated),
        "retires_at": _midnight(spec.retires),
        "max_input_tokens": spec.window_tokens,
        "max_tokens": spec.output_tokens,
        "capabilities": _capabilities(spec),
    }


def _capabilities(spec: ModelSpec) -> dict[str, Any]:
    adaptive = "adaptive" in spec.thinking
    efforts = {level: _supported(adaptive) for level in ("low", "medium", "high", "xhigh", "max")}
    types = {kind: _supported(kind in spec.thinking) for kind in ("adaptive", "between_tools", "disabled", "enabled")}
    tools = dict.fromkeys(("code_execution", "web_fetch", "web_search"), NO)
    return {
        **dict.fromkeys(("batch", "citations", "image_input", "pdf_input", "structured_outputs"), YES),
        "code_execution": NO,
        "context_management": {"supported": False},
        "effort": {"supported": adaptive, **efforts},
        "server_tools": {"supported": False, **tools},
        "thinking": {"supported": True, "types": types},
    }


def _midnight(day: str | None) -> str | None:
    return f"{day}T00:00:00Z" if day else None


def _supported(supported: object) -> dict[str, bool]:
    return {"supported": bool(supported)}
