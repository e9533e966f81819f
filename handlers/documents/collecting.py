"""How the lines a reader yields become one text that stops, visibly, at the limits."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from handlers.documents.encodings import clean
from handlers.documents.limits import Limits


def collect(lines: Iterable[str], limits: Limits, notes: list[str], clock: Callable[[], float] = time.monotonic) -> str:
    """The lines as one text of at most `limits.text_chars`; what stopped it stands at the cut and in `notes`."""
    kept: list[str] = []
    size = 0
    until = clock() + limits.reading_s
    for line in lines:
        kept.append(clean(line))
        size += len(kept[-1]) + 1
        if size - 1 > limits.text_chars:
            return cut("\n".join(kept), limits, notes)
        if clock() > until:
            return _stopped("\n".join(kept), limits, notes)
    return "\n".join(kept)


def cut(text: str, limits: Limits, notes: list[str]) -> str:
    """The text as it is when it fits; else its start, with a mark at the cut and a note."""
    if len(text) <= limits.text_chars:
        return text
    note = f"Only the first {limits.text_chars:,} characters were read."
    notes.append(note)
    return f"{text[: limits.text_chars]}\n\n[Cut here. {note}]"


def _stopped(text: str, limits: Limits, notes: list[str]) -> str:
    note = f"Reading was stopped after {limits.reading_s:g} seconds, so the end of the file is missing."
    notes.append(note)
    return f"{text}\n\n[Cut here. {note}]"
