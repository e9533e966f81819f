"""The fence around text that came from outside: a tag that the text itself cannot close.

The tag carries a fingerprint of the very text it surrounds. Nobody can write a text that holds its own fingerprint, so
nothing inside can end the fence; and the same text always gets the same tag, so that cached prompts stay cached.
"""

from __future__ import annotations

import hashlib
import re

FINGERPRINT_CHARS = 16


def fenced(tag: str, text: str, **labels: str) -> str:
    """`text` between `<tag-FINGERPRINT …>` and `</tag-FINGERPRINT>`, each on a line of its own."""
    opening, closing = fence(tag, text, **labels)
    return f"{opening}\n{text}\n{closing}"


def fence(tag: str, content: str, **labels: str) -> tuple[str, str]:
    """The opening and the closing line for `content`; labels become attributes, made harmless."""
    name = f"{tag}-{_fingerprint(content)}"
    attributes = "".join(f' {key}="{harmless(value)}"' for key, value in labels.items() if value)
    return f"<{name}{attributes}>", f"</{name}>"


def harmless(label: str, limit_chars: int = 120) -> str:
    """A name from outside as it may stand in an attribute: one line, no quotes, no brackets."""
    return re.sub(r'[\s"<>&]+', " ", label).strip()[:limit_chars]


def _fingerprint(content: str) -> str:
    # 64 bits: to make a text that holds its own takes some 10^19 tries.
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()[:FINGERPRINT_CHARS]
