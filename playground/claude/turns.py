"""The checks of a conversation: who speaks, that something is said, and where cache marks stand.

Source: https://platform.claude.com/docs/en/api/errors#common-validation-errors
and https://platform.claude.com/docs/en/build-with-claude/prompt-caching
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from playground.claude.catalogue import ModelSpec
from playground.claude.problem import refuse

MAX_CACHE_MARKS = 4
MAX_MESSAGES = 100_000


def blocks_of(content: Any) -> list[dict[str, Any]]:
    """The content as a list of blocks; a plain string is one text block."""
    return [{"type": "text", "text": content}] if isinstance(content, str) else list(content or [])


def check_turns(body: dict[str, Any], spec: ModelSpec, *, resumed: bool) -> None:
    """Somebody speaks, the user first and last (`resumed`: a paused answer may come last), and nothing is empty."""
    messages = body["messages"]
    if not messages:
        raise refuse("messages: at least one message is required")
    if len(messages) > MAX_MESSAGES:
        raise refuse(f"messages: at most {MAX_MESSAGES} messages are allowed")
    if messages[0]["role"] != "user":
        raise refuse('messages: first message must use the "user" role')
    for at, message in enumerate(messages):
        _check_message(at, message, spec)
    if messages[-1]["role"] == "assistant" and not resumed and not spec.prefill:
        raise refuse(
            "This model does not support assistant message prefill. The conversation must end with a user message."
        )
    _check_prefill_with_format(body, messages[-1])
    for block in blocks_of(body.get("system") or []) if not isinstance(body.get("system"), str) else []:
        _check_text(block, "system")


def _check_prefill_with_format(body: dict[str, Any], last: dict[str, Any]) -> None:
    if last["role"] == "assistant" and (body.get("output_config") or {}).get("format"):
        raise refuse("Pre-filling the `assistant` response is not supported when using output format.")


def _check_message(at: int, message: dict[str, Any], spec: ModelSpec) -> None:
    role, content = message["role"], message["content"]
    if not content:
        raise refuse(f"messages.{at}: all messages must have non-empty content")
    if role == "system" and not spec.thinks:
        raise refuse(f"messages.{at}.role: Input should be 'user' or 'assistant'")
    for block in blocks_of(content):
        _check_text(block, "messages")
        _check_role_of_block(at, role, block)


def _check_role_of_block(at: int, role: str, block: dict[str, Any]) -> None:
    kind = block["type"]
    wrong = {
        "assistant": {"image", "document", "tool_result"},
        "user": {"thinking", "redacted_thinking", "tool_use", "server_tool_use"},
        "system": {"image", "document", "thinking", "redacted_thinking", "tool_use", "tool_result"},
    }[role]
    if kind in wrong:
        raise refuse(f"messages.{at}: `{kind}` blocks are not allowed in `{role}` messages")


def _check_text(block: dict[str, Any], where: str) -> None:
    if block["type"] != "text":
        return
    if not block["text"]:
        raise refuse(f"{where}: text content blocks must be non-empty")
    if not block["text"].strip():
        raise refuse(f"{where}: text content blocks must contain non-whitespace text")


def check_cache_marks(body: dict[str, Any]) -> None:
    """At most four marks, the top-level one included; longer-lived ones first."""
    marks = list(_marks(body))
    if len(marks) > MAX_CACHE_MARKS:
        raise refuse(f"A maximum of {MAX_CACHE_MARKS} blocks with cache_control may be provided. Found {len(marks)}.")
    lives = [mark.get("ttl", "5m") for mark in marks]
    if "1h" in lives[lives.index("5m") :] if "5m" in lives else False:
        raise refuse("a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block.")


def _marks(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for block in prompt_blocks(body):
        if mark := block.get("cache_control"):
            yield mark
    if mark := body.get("cache_control"):
        yield mark


def prompt_blocks(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every block of the prompt in the order of the cache: tools, system, messages."""
    yield from body.get("tools") or []
    if system := body.get("system"):
        yield from blocks_of(system)
    for message in body["messages"]:
        yield from blocks_of(message["content"])
