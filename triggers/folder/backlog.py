"""The backlog: the files already waiting when a folder is watched for the very first time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.doors.folder.signature import Signature
from triggers.folder.candidates import Limits

MOST_UNASKED = 20
"""Up to this many waiting files are answered without asking."""

BYTES_PER_TEXT_TOKEN = 4
BYTES_PER_PDF_PAGE = 60_000
TOKENS_PER_PDF_PAGE = 2_500
TOKENS_PER_PICTURE = 1_600
MOST_TEXT_TOKENS = 50_000  # documents are cut at 200,000 characters
PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".webp")
BYTES_PER_OFFICE_TOKEN = 20  # zipped, and most of it is form


@dataclass(frozen=True, slots=True)
class Backlog:
    """How much waits below a root that was never watched before; `estimated_tokens` is a rough sum of what is sent."""

    root: str
    count: int
    total_bytes: int
    estimated_tokens: int

    @property
    def needs_a_word(self) -> bool:
        """Whether it is too much to begin without asking."""
        return self.count > MOST_UNASKED


def backlog(root: str, files: Mapping[str, Signature], limits: Limits) -> Backlog:
    """Count what a first start would send to Claude; empty files and those over the size limit are not sent."""
    sent = {name: mark.size_bytes for name, mark in files.items() if 0 < mark.size_bytes <= limits.max_bytes}
    tokens = sum(estimated_tokens(name, size_bytes) for name, size_bytes in sent.items())
    return Backlog(root, len(sent), sum(sent.values()), tokens)


def estimated_tokens(name: str, size_bytes: int) -> int:
    """What a file of this name and size roughly costs in tokens; a guess good enough to decide by."""
    folded = name.casefold()
    if folded.endswith(PICTURES):
        return TOKENS_PER_PICTURE
    if folded.endswith(".pdf"):
        return (1 + size_bytes // BYTES_PER_PDF_PAGE) * TOKENS_PER_PDF_PAGE
    is_office = folded.endswith((".docx", ".xlsx", ".pptx", ".odt"))
    return min(MOST_TEXT_TOKENS, 1 + size_bytes // (BYTES_PER_OFFICE_TOKEN if is_office else BYTES_PER_TEXT_TOKEN))
