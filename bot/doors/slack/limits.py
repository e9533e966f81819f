"""This file is Slack's limits, with the page each comes from, and how much of each Bellhop allows itself."""

from __future__ import annotations

import math

CALLS_PER_MINUTE = {
    "agents.sessions.setStatus": 50,
    "assistant.threads.setStatus": 100,  # "special", no figure published: held to be Tier 4
    "chat.appendStream": 100,
    "chat.delete": 50,
    "chat.postEphemeral": 100,
    "chat.postMessage": 300,  # "special": 1 a second for each channel, and an unpublished cap for the workspace
    "chat.startStream": 20,
    "chat.stopStream": 20,
    "chat.update": 50,
    "conversations.history": 50,
    "conversations.replies": 50,
    "files.completeUploadExternal": 100,
    "files.getUploadURLExternal": 100,
    "reactions.add": 50,
}
"""The floors of the tiers, taken as limits. Source: https://docs.slack.dev/apis/web-api/rate-limits"""

WINDOW_S = 60.0
CALL_TAKES_S = 10.0
"""A call without an answer by then is given up."""
POST_GAP_S = 1.05
"""Between two posts in one channel; Slack allows about one a second. Counted from the answer to the former post."""

SHARE_FOR_ALL = 0.9
"""45 of 50: what calls that can wait may use of a window."""
SHARE_FOR_FINALS = 0.96
"""48 of 50: what a final text may use. The rest is room for clocks that run apart."""

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


def allowed_calls(method: str, share: float, *, final: bool) -> int:
    """Calls of `method` in a sliding minute, for a process that holds `share` (0 to 1) of the workspace; at least 1."""
    part = SHARE_FOR_FINALS if final else SHARE_FOR_ALL
    return max(1, math.floor(CALLS_PER_MINUTE.get(method, 50) * part * share))
