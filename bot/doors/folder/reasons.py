"""Why a file is not answered, in the words of its receipt and of the note beside it."""

from __future__ import annotations

LINK = "skipped: link. A link is never followed; put the file itself into the folder."
EMPTY = "skipped: empty. The file has no content."
DENIED = "failed: permission. Bellhop may not read this file; give it read permission and it is answered."
BACKLOG = (
    "skipped: backlog. The file was there before Bellhop first watched this folder; "
    "answer all of them with `python -m bot retry --skipped`, or this one with its id."
)
UNTOLD = (LINK, BACKLOG)
"""Reasons nobody needs beside the file: a note for each of 10,000 old files is a nuisance."""


def too_big(size_bytes: int, most_mb: float) -> str:
    """The reason for a file over FOLDER_MAX_MB."""
    return f"skipped: too big. It has {size_bytes / 1024**2:.1f} MB and FOLDER_MAX_MB allows {most_mb:g} MB."
