"""Why a file is not answered: a code for what is remembered of it, words for its receipt and for the note beside it."""

from __future__ import annotations

from dataclasses import dataclass

from bot.errors import PROGRAM


@dataclass(frozen=True, slots=True)
class Reason:
    """`is_told`: it is said beside the file as well; a note for each of 10,000 old files would be a nuisance."""

    code: str
    words: str
    is_told: bool = True


LINK = Reason("link", "skipped: link. A link is never followed; put the file itself into the folder.", is_told=False)
EMPTY = Reason("empty", "skipped: empty. The file has no content.")
DENIED = Reason(
    "denied",
    "failed: permission. Bellhop may not read this file; give it read permission and it is answered.",
)
BACKLOG = Reason(
    "backlog",
    "skipped: backlog. The file was there before Bellhop first watched this folder; "
    f"answer all of them with `{PROGRAM} retry --skipped`, or this one with its id.",
    is_told=False,
)


def too_big(size_bytes: int, most_bytes: int) -> Reason:
    """The reason for a file over FOLDER_MAX_MB."""
    return Reason("too_big", f"skipped: too big. {too_big_words(size_bytes, most_bytes)}")


def too_big_words(size_bytes: int, most_bytes: int) -> str:
    """How large a file is, and how large it may be."""
    return f"It has {size_bytes / 1_000_000:.1f} MB and FOLDER_MAX_MB allows {most_bytes / 1_000_000:g} MB."
