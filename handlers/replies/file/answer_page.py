"""The text of an answer file: one comment line that tells what it is, then the answer as it came."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.errors import PROGRAM
from bot.events import Answer
from bot.money import usd_words

AGAIN = f"When that is mended or over, this runs it again: `{PROGRAM} retry --failed`."
_HEADER = re.compile(r"<!-- .+? · (?P<time>\d{4}-\d\d-\d\d \d\d:\d\d UTC) · (?P<id>\S+)(?: · .*)? -->")

NOTES_CHARS = 1_000
"""As much of the notes stands in the header line; it tells whose file it is, and is read again for that."""


@dataclass(frozen=True, slots=True)
class Header:
    """What the first line of a file of ours says: which event it answers, and when it was written."""

    event_id: str
    time_words: str


def answer_page(answer: Answer, event_id: str, now: float) -> str:
    """The header line, the answer, and for each note to the reader a last line. `now` in seconds since 1970."""
    notes = "".join(f" · {_safe(note)}" for note in answer.notes)
    if len(notes) > NOTES_CHARS:  # they stand whole at the end
        notes = f"{notes[:NOTES_CHARS].rstrip(' -·')}…"
    figures = f"{_safe(answer.model)} · {usd_words(answer.cost_usd)} · {answer.duration_s:.1f} s"
    head = f"<!-- {figures} · {time_words(now)} · {safe_id(event_id)}{notes} -->"
    body = answer.text if answer.text.endswith("\n") else answer.text + "\n"
    return f"{head}\n{body}" + "".join(f"\n> **Note:** {' '.join(note.split())}\n" for note in answer.notes)


def error_page(reason: str, event_id: str, now: float) -> str:
    """The header line, the reason, and how the file is asked again. `now` in seconds since 1970."""
    # Some reasons end with the command already, and a file that is put there anew is asked by itself.
    is_said = " retry " in reason or " drop " in reason or reason.startswith(("skipped: ", "failed: "))
    again = "" if is_said else f"\n{AGAIN}\n"
    return f"<!-- failed · {time_words(now)} · {safe_id(event_id)} -->\n{reason.rstrip()}\n{again}"


def waiting_page(words: str, event_id: str, now: float) -> str:
    """The header line and what the answer waits for. `now` in seconds since 1970."""
    return f"<!-- waiting · {time_words(now)} · {safe_id(event_id)} -->\n{words}\n"


def read_header(first_line: str) -> Header | None:
    """The header in a file's first line; None for a file that is not ours."""
    found = _HEADER.fullmatch(first_line.rstrip("\r\n"))
    return Header(found["id"], found["time"]) if found else None


def time_words(now: float) -> str:
    """`2026-11-23 14:03 UTC`."""
    return f"{datetime.fromtimestamp(now, UTC):%Y-%m-%d %H:%M} UTC"


def safe_id(event_id: str) -> str:
    """The id as the header line holds it: without spaces."""
    return "".join(_safe(event_id).split())


def _safe(words: str) -> str:
    # A comment ends at "-->", and this one must stay on its line.
    return " ".join(re.sub("-(?=-)", "- ", words).replace("\N{MIDDLE DOT}", "-").split())
