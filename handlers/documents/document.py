"""What a file becomes for Claude: content blocks, with a name to show and notes for the reader."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

NAME_CHARS = 120
_UNSHOWN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


@dataclass(frozen=True, slots=True)
class Document:
    """A file as content blocks of the Messages API, ready to be wrapped as untrusted content.

    `name` is safe to show (no control or direction characters, at most 120 characters). `kind` is a word for
    people: "pdf", "image", "text", "web page", "mail", "word document", "rich text", "spreadsheet",
    "presentation". `blocks` are native (`{"type": "document" | "image", …base64…}`) or a document block with a plain
    text source. `notes` are sentences for the reader of the answer: what was cut, left out or not as named. `pages`
    are those of all PDFs in it, 0 where there is none.
    """

    name: str
    kind: str
    blocks: tuple[dict[str, Any], ...]
    notes: tuple[str, ...]
    size_bytes: int
    pages: int = 0


def display_name(name: str) -> str:
    """The last part of a file's name, fit to be shown: nothing invisible in it, and its ending kept when it is long."""
    last = re.split(r"[\\/]", unicodedata.normalize("NFC", name))[-1]
    shown = "".join(" " if c.isspace() else c for c in last if c.isspace() or unicodedata.category(c) not in _UNSHOWN)
    shown = " ".join(shown.split())
    if len(shown) > NAME_CHARS:
        stem, dot, ending = shown.rpartition(".")
        tail = dot + ending if stem and len(ending) <= 10 else ""
        shown = shown[: NAME_CHARS - len(tail) - 1] + "…" + tail
    return shown or "file"


def text_block(text: str, title: str) -> dict[str, Any]:
    """A document block with plain text."""
    return {
        "type": "document",
        "source": {"type": "text", "media_type": "text/plain", "data": text},
        "title": title,
    }


def pdf_block(base64_data: str, title: str) -> dict[str, Any]:
    """A document block with a whole PDF."""
    return {
        "type": "document",
        "source": {"type": "base64", "media_type": "application/pdf", "data": base64_data},
        "title": title,
    }


def image_block(base64_data: str, media_type: str) -> dict[str, Any]:
    """An image block; `media_type` is image/jpeg, image/png, image/gif or image/webp."""
    return {"type": "image", "source": {"type": "base64", "media_type": media_type, "data": base64_data}}
