"""What the vendor checks before it answers: key, version, size, shape, and whether it all makes sense.

Pure: each check returns or raises Problem, in the vendor's words as far as they are public.
Source: https://platform.claude.com/docs/en/api/errors and the pages named at each check.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from playground.claude.catalogue import MODELS, ModelSpec
from playground.claude.problem import Problem, refuse

MAX_BODY_BYTES = 32 * 1024 * 1024
"""Messages and token counting: https://platform.claude.com/docs/en/api/overview#request-size-limits"""

MAX_BATCH_BYTES = 256 * 1024 * 1024

VERSIONS = frozenset({"2023-01-01", "2023-06-01", "2026-10-21"})
_HALF_CHARACTER = re.compile(rb"\\u[dD][89a-fA-F]")
_BETA = re.compile(r"[a-z0-9-]+-\d{4}-\d{2}-\d{2}")


def max_body_bytes(path: str) -> int:
    """How big the body of a request to `path` may be."""
    return MAX_BATCH_BYTES if path == "/v1/messages/batches" else MAX_BODY_BYTES


def check_key(headers: Mapping[str, str], keys: frozenset[str]) -> None:
    """`Authorization: Bearer KEY`, or the older `x-api-key: KEY`; else 401."""
    bearer = headers.get("authorization", "")
    if not bearer and "x-api-key" not in headers:
        raise Problem(401, "x-api-key header is required")
    given = bearer.removeprefix("Bearer ") if bearer else headers["x-api-key"]
    if given not in keys:
        raise Problem(401, "Invalid bearer token" if bearer else "invalid x-api-key")


def check_version(headers: Mapping[str, str]) -> None:
    """The `anthropic-version` header is required; betas must look like betas."""
    version = headers.get("anthropic-version")
    if version is None:
        raise refuse("anthropic-version: header is required")
    if version not in VERSIONS:
        raise refuse(f'anthropic-version: "{version}" is not a valid version')
    for beta in filter(None, (part.strip() for part in headers.get("anthropic-beta", "").split(","))):
        if not _BETA.fullmatch(beta):
            raise refuse(f"Unexpected value(s) `{beta}` for the `anthropic-beta` header.")


def parse_body(content: bytes, headers: Mapping[str, str]) -> dict[str, Any]:
    """The JSON object in the body; 400 when there is none."""
    if not headers.get("content-type", "").startswith("application/json"):
        raise refuse("content-type: Content type must be application/json")
    try:
        body = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise refuse(f"The request body is not valid JSON: {error}") from None
    if _HALF_CHARACTER.search(content) and not _encodable(content):
        raise refuse("The request body is not valid JSON: no low surrogate in string")
    if not isinstance(body, dict):
        raise refuse("The request body is not valid JSON: expected an object")
    return body


def _encodable(content: bytes) -> bool:
    try:
        json.dumps(json.loads(content), ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def find_model(name: str) -> ModelSpec:
    """The model of that name; 404 when there is none."""
    if name not in MODELS:
        raise Problem(404, f"model: {name}")
    return MODELS[name]


def check_output_limit(body: dict[str, Any], spec: ModelSpec) -> None:
    """`max_tokens` must not exceed what the model can write."""
    if body["max_tokens"] > spec.output_tokens:
        asked, most = body["max_tokens"], spec.output_tokens
        raise refuse(
            f"max_tokens: {asked} > {most}, which is the maximum allowed number of output tokens for {spec.id}"
        )


def check_thinking(body: dict[str, Any], spec: ModelSpec) -> None:
    """Which thinking a model accepts, and at which effort: /docs/en/build-with-claude/thinking"""
    thinking = body.get("thinking")
    effort = (body.get("output_config") or {}).get("effort") or spec.default_effort
    if not thinking:
        return
    kind = thinking["type"]
    if kind not in spec.thinking:
        raise refuse(_thinking_refusal(kind, spec))
    if kind in {"between_tools", "disabled"} and "adaptive" in spec.thinking and effort in {"xhigh", "max"}:
        raise refuse(f'"thinking.type.{kind}" is not supported with "output_config.effort" {effort!r} on this model.')
    if kind == "enabled" and thinking["budget_tokens"] >= body.get("max_tokens", thinking["budget_tokens"] + 1):
        raise refuse("`max_tokens` must be greater than `thinking.budget_tokens`.")


def _thinking_refusal(kind: str, spec: ModelSpec) -> str:
    start = f'"thinking.type.{kind}" is not supported for this model.'
    if "between_tools" in spec.thinking and kind == "disabled":
        return f'{start} To turn thinking off on this model, send "thinking": {{"type": "between_tools"}}.'
    if "adaptive" in spec.thinking:
        return f'{start} Use "thinking.type.adaptive" and "output_config.effort" to control thinking behavior.'
    return f'{start} Use "thinking.type.enabled" with "thinking.budget_tokens".'


def check_effort(body: dict[str, Any], spec: ModelSpec) -> None:
    """Effort belongs to the models that think adaptively: /docs/en/build-with-claude/effort"""
    if (body.get("output_config") or {}).get("effort") and "adaptive" not in spec.thinking:
        raise refuse("This model does not support the effort parameter.")


def check_tools(body: dict[str, Any], spec: ModelSpec) -> None:
    """Forced tools are refused by the 5.5 generation; a choice without tools makes no sense."""
    choice, tools = body.get("tool_choice") or {}, body.get("tools") or []
    if choice.get("type") in {"any", "tool"} and not spec.forced_tools:
        raise refuse(f"tool_choice.type: '{choice['type']}' is not supported for this model. Use 'auto' or 'none'.")
    if choice.get("type") == "tool" and not choice.get("name"):
        raise refuse("tool_choice.tool.name: Field required")
    if choice and choice.get("type") != "none" and not tools:
        raise refuse("tool_choice may only be specified while providing tools")
    names = [tool["name"] for tool in tools]
    if len(set(names)) != len(names):
        raise refuse("tools: Tool names must be unique.")
    for at, tool in enumerate(tools):
        if tool.get("type") in {None, "custom"} and "input_schema" not in tool:
            raise refuse(f"tools.{at}.custom.input_schema: Field required")


def check_window(tokens: int, window_tokens: int) -> None:
    """The prompt alone must fit into the model's window."""
    if tokens > window_tokens:
        raise refuse(f"prompt is too long: {tokens} tokens > {window_tokens} maximum")
