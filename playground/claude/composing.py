"""How a turn is composed: what the model says, cut where limits, stop sequences or a fault end it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any

from playground.claude.catalogue import ModelSpec
from playground.claude.faults import Fault
from playground.claude.problem import refuse
from playground.claude.tokens import CHARS_PER_TOKEN
from playground.claude.turn import Prompt, Thinking, Turn
from playground.claude.turns import blocks_of

THOUGHT = "I look at what is asked and at what came with it, then answer in order."
THOUGHT_TOKENS = {"low": 0, "medium": 24, "high": 48, "xhigh": 96, "max": 192}


def thinking_for(body: dict[str, Any], spec: ModelSpec) -> Thinking | None:
    """The thinking block of an answer, or None where the model does not think."""
    config = body.get("thinking") or ({"type": "adaptive"} if spec.thinks else {"type": "disabled"})
    effort = (body.get("output_config") or {}).get("effort") or spec.default_effort
    tokens = min(48 if config["type"] == "enabled" else THOUGHT_TOKENS[effort], body["max_tokens"])
    if config["type"] not in {"adaptive", "enabled"} or not tokens:
        return None
    display = config.get("display") or ("omitted" if spec.omits_thinking else "summarized")
    text = THOUGHT if display == "summarized" else ""
    return Thinking(text, signature_of(text), tokens)


def signature_of(thinking: str) -> str:
    """What proves that a thinking block came from here, unchanged."""
    return "EstandIn" + hashlib.sha256(b"stand-in:" + thinking.encode()).hexdigest()


def check_signatures(body: dict[str, Any]) -> None:
    """A thinking block that was changed is refused: /docs/en/build-with-claude/thinking"""
    for at, message in enumerate(body["messages"]):
        for place, block in enumerate(blocks_of(message["content"])):
            if block["type"] == "thinking" and block["signature"] != signature_of(block["thinking"]):
                raise refuse(f"messages.{at}.content.{place}: Invalid `signature` in `thinking` block")


def compose(text: str, body: dict[str, Any], spec: ModelSpec, prompt: Prompt, window_tokens: int) -> Turn:
    """The turn that says `text`, within the limits of the request and of the model."""
    thinking = thinking_for(body, spec)
    turn = Turn(id="", model=spec.id, text=text, prompt=prompt, thinking=thinking)
    turn = _until_stop_sequence(turn, body.get("stop_sequences") or [])
    spent = thinking.tokens if thinking else 0
    turn = _within(turn, body["max_tokens"] - spent, "max_tokens")
    return _within(turn, window_tokens - prompt.tokens - spent, "model_context_window_exceeded")


def with_fault(turn: Turn, fault: Fault | None) -> Turn:
    """The turn as a `stop` fault ends it."""
    if not fault or fault.kind != "stop":
        return turn
    return replace(turn, text=turn.text[: fault.after_chars], stop_reason=fault.stop_reason, stop_sequence=None)


def _until_stop_sequence(turn: Turn, sequences: list[str]) -> Turn:
    hits = [(turn.text.index(sequence), sequence) for sequence in sequences if sequence in turn.text]
    if not hits:
        return turn
    at, sequence = min(hits)
    return replace(turn, text=turn.text[:at], stop_reason="stop_sequence", stop_sequence=sequence)


def _within(turn: Turn, tokens: int, reason: str) -> Turn:
    kept = _prefix(turn.text, tokens)
    if len(kept) == len(turn.text):
        return turn
    return replace(turn, text=kept, stop_reason=reason, stop_sequence=None)


def _prefix(text: str, tokens: int) -> str:
    left = float(tokens)
    for at, char in enumerate(text):
        left -= 1.0 if ord(char) > 0x7F else 1.0 / CHARS_PER_TOKEN
        if left < -1e-6:
            return text[:at]
    return text


def paused_key(content: Any) -> str:
    """What tells a paused answer again when it comes back as the last message: its text."""
    return json.dumps([block.get("text") for block in blocks_of(content) if block["type"] == "text"])
