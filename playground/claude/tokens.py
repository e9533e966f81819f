"""The stand-in's token estimate: close enough for limits and costs, and the same every time."""

from __future__ import annotations

import json
import math
from typing import Any

from playground.claude.pdf import page_count

IMAGE_TOKENS = 1_600
"""An image at the size the vendor scales to: https://platform.claude.com/docs/en/build-with-claude/vision"""

PDF_PAGE_TOKENS = 2_000
"""Text and picture of a page: https://platform.claude.com/docs/en/build-with-claude/pdf-support"""

CHARS_PER_TOKEN = 3.0


def text_tokens(text: str) -> int:
    """Tokens of a text: three ASCII characters to a token, any other character a token of its own."""
    if text.isascii():
        return math.ceil(len(text) / CHARS_PER_TOKEN)
    foreign = sum(1 for char in text if ord(char) > 0x7F)
    return math.ceil((len(text) - foreign) / CHARS_PER_TOKEN) + foreign


def block_tokens(block: Any) -> int:
    """Tokens of one content block of a request (or of a plain string)."""
    if isinstance(block, str):
        return text_tokens(block)
    kind, source = block.get("type"), block.get("source") or {}
    if kind == "image":
        return IMAGE_TOKENS
    if kind == "document" and source.get("type") == "base64":
        return PDF_PAGE_TOKENS * page_count(source.get("data", ""))
    if kind == "document" and source.get("type") == "text":
        return text_tokens(source.get("data", "")) + text_tokens(block.get("title") or "")
    if kind == "text":
        return text_tokens(block.get("text", ""))
    return text_tokens(json.dumps(block, ensure_ascii=False))
