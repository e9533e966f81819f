"""What a refused request was refused for, as far as its files or its history may be the cause, in plain words. Pure.

The API names the place (`messages.0.content.1.pdf.source…`) and the limit; people are told the file and what to do.
Sources: https://platform.claude.com/docs/en/build-with-claude/vision, /pdf-support and /docs/en/api/errors; the
sentences themselves stand in no reference, so they are matched loosely and every unknown one has a course, too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Cause = Literal["pdf", "picture", "file", "media", "size", "any"]
"""What may be the cause: PDFs, pictures, any file, all pages and pictures together, all bytes together, anything."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """`reason` goes on after the name of what is left out. `most`: the limit, where the API said it.

    `place`: which message and which of its blocks were named.
    """

    cause: Cause
    reason: str
    most: int | None = None
    place: tuple[int, int] | None = None


TOO_MUCH_MEDIA = "a request may hold {most} pages and pictures"
TOO_MUCH_DATA = "a request may hold 32 MB"
UNACCEPTED = "Claude refused the question with it"
HISTORY_UNACCEPTED = "Claude refused the question with them"

_BAD_PICTURE = "Claude could not open this picture; save it anew as PNG or JPEG and send that"
_KINDS: tuple[tuple[str, Cause, str], ...] = (
    (r"(?:password|encrypt)", "pdf", "it is locked with a password; save it without one and send that"),
    (r"maximum of (\d+) pdf pages", "media", "a request may hold {most} pages"),
    (r"too (?:much media|many (?:images|documents)).*?> ?(\d+)", "media", TOO_MUCH_MEDIA),
    (
        r"too (?:much media|many (?:images|documents|pages))",
        "media",
        "a request may not hold so many pages and pictures",
    ),
    (r"many-image requests?: (\d+) pixels", "picture", "beside so many others a picture may have {most} pixels a side"),
    (r"dimensions?\b.*?(\d+) pixels", "picture", "a picture may have {most} pixels a side; make it smaller"),
    (r"image exceeds (\d+) ?mb", "picture", "a picture may have {most} MB; make it smaller"),
    (r"pdf\b.*too (?:large|big|long)", "pdf", "it is too large; split it and send the parts"),
    (r"\bpdf\b", "pdf", "Claude could not open this PDF; open it, save it again and send the new copy"),
    (r"\bimages?\b", "picture", _BAD_PICTURE),
    (r"document text must be non-empty", "file", "it is empty"),
    (r"\bdocuments?\b", "file", "Claude could not read this file"),
)
_PLACE = re.compile(r"\bmessages\.(\d+)\.content\.(\d+)\b")
_SETTING = re.compile(
    r"\s*(max_tokens|model|system|tools?|tool_choice|stop_sequences|metadata|output_config|thinking|mcp_servers)\b"
)


def refusal_of(said: str) -> Refusal | None:
    """What the sentence of a 400 puts down to files or history; None when it names a setting of ours."""
    lower = said.lower()
    if _SETTING.match(lower):
        return None
    found = _PLACE.search(lower)
    place = (int(found[1]), int(found[2])) if found else None
    for pattern, cause, reason in _KINDS:
        if match := re.search(pattern, lower, re.DOTALL):
            most = int(match[1]) if match.groups() else None
            return Refusal(cause, reason.replace("{most}", str(most)), most, place)
    return Refusal("any", UNACCEPTED, None, place)


def setting_of(said: str) -> str | None:
    """The setting of ours that a 400 names."""
    found = _SETTING.match(said.lower())
    return found[1] if found else None
