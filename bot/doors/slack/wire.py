"""The words that Bellhop and Slack agree on, and that both halves of the door use: marks, ids, lengths."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

Block = Mapping[str, Any]
"""https://docs.slack.dev/reference/block-kit/blocks"""

MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")
"""A person's id in a message's text. Source: https://docs.slack.dev/messaging/formatting-message-text#advanced"""
METADATA_TYPE = "bellhop_answer"
"""The mark by which a message of ours is found again."""
GREETING_TYPE = "bellhop_greeting"
"""The mark of what we say before anybody asked: no answer."""

JOINER = "\u2060"
"""WORD JOINER: invisible and unbreakable. After `<` it leaves text that reads the same and is no token.

An escape (`&lt;`) would stand there literally inside code, where Slack shows entities as they are.
"""

STOP, RETRY = "bellhop_stop", "bellhop_retry"
FEEDBACK_UP, FEEDBACK_DOWN = "bellhop_feedback_up", "bellhop_feedback_down"
"""The `action_id` of each button; its value is the event's id."""
EDITED, DELETED = "edit", "delete"
"""Who stopped an event, where it was no person's word: its question was edited, or deleted."""
ASK_SHORTCUT = "bellhop_ask"
"""The `callback_id` of the message shortcut; `manifest.json` beside this module names it, too."""

MARKDOWN_PAGE_CHARS = 11_000
"""Slack refuses markdown blocks of more than 12,000 characters in one message, all blocks added up.

Source: https://docs.slack.dev/reference/block-kit/blocks/markdown-block
"""
SECTION_CHARS = 2_900
"""Of 3,000. Source: https://docs.slack.dev/reference/block-kit/blocks/section-block"""
FALLBACK_CHARS = 300
"""The plain `text` beside the blocks, which notifications and screen readers use."""
BUTTON_VALUE_CHARS = 2_000
STATUS_CHARS = 50
MESSAGES_PER_ANSWER = 3
"""A longer answer becomes a file."""
STREAM_LIFE_S = 240.0
"""Native streams die after about five minutes; Bellhop ends its own after four."""


def escaped(text: str) -> str:
    """Text for Slack's own markup (`text`, sections), where these three characters have a meaning."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unbroken(text: str) -> str:
    """The text without joiners, for where `<` is escaped: none is needed there."""
    return text.replace("<" + JOINER, "<")


def retry_after_s(headers: Mapping[str, Any]) -> float | None:
    """The Retry-After header in seconds; None when it is missing or no number."""
    value = next((value for name, value in headers.items() if name.lower() == "retry-after"), None)
    value = value[0] if isinstance(value, list) and value else value
    try:
        return max(0.0, float(str(value)))
    except ValueError:
        return None


def error_name(error: Exception) -> str:
    """Slack's own name for why it refused what the SDK asked; "" where there is none (no answer, a proxy's page)."""
    data = getattr(getattr(error, "response", None), "data", None)
    return str(data.get("error") or "") if isinstance(data, dict) else ""
