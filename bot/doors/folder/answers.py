"""Where the answers to a folder's files lie, how they are named, and what keeps them from being written.

A name has its question's whole name, an ending, perhaps a date and a number, and at most 255 bytes.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import translate

ANSWERS = "answers"
"""The folder below a watched root where the answers lie; nothing in it triggers."""

MOST_BYTES = 255
"""The longest file name on the usual file systems, in bytes (pathconf(3), NAME_MAX)."""

REMOVE = "Remove the link; Bellhop makes the folder."

_OWN = ("*.answer.md", "*.error.md", "*.waiting.md", "*.answer.????-??-??-????.md", "*.answer.????-??-??-????-*.md")
_OWN_PATTERN = re.compile("|".join(map(translate, _OWN)))


def is_answer_name(folded: str) -> bool:
    """Whether a file of this last name (in lower case) may be an answer of ours, wherever it lies now."""
    return folded.endswith(".md") and _OWN_PATTERN.match(folded) is not None


def with_ending(name: str, ending: str) -> str:
    """`name` + `ending`, cut in the middle where it would be too long; a mark of the whole name keeps twins apart."""
    if len(os.fsencode(name)) + len(ending) <= MOST_BYTES:
        return name + ending
    mark = "~" + hashlib.sha256(os.fsencode(name)).hexdigest()[:8]
    kept = os.fsencode(name)[: MOST_BYTES - len(mark) - len(ending)]
    return kept.decode("utf-8", "ignore") + mark + ending


def numbered(name: str, ending: str) -> Iterator[str]:
    """`x.answer.md`, `x.answer-2.md`, `x.answer-3.md`, … for `ending` ".answer.md"."""
    stem, _, kind = ending.rpartition(".")
    yield with_ending(name, ending)
    for number in itertools.count(2):
        yield with_ending(name, f"{stem}-{number}.{kind}")


def dated(name: str, time_words: str) -> Iterator[str]:
    """`x.answer.2026-11-23-1403.md`, then `…-1403-2.md`, … for the time "2026-11-23 14:03 UTC"."""
    stamp = time_words.removesuffix(" UTC").replace(" ", "-").replace(":", "")
    return numbered(name, f".answer.{stamp}.md")


@dataclass(frozen=True, slots=True)
class AnswersFault:
    """Why no answer can be written at `place`, and how to mend it."""

    place: str
    words: str
    fix: str


def answers_fault(root: str) -> AnswersFault | None:
    """Why nothing can be written into the answers' folder below `root`; None when it can, or could be made."""
    place = f"{root}/{ANSWERS}"
    if os.path.islink(place):  # noqa: PTH114 (a Path raises where its folder may not be entered)
        return AnswersFault(place, "is a link, and a link is never followed", REMOVE)
    if os.path.isfile(place):  # noqa: PTH113 (as above)
        return AnswersFault(place, "is a file, not a folder", "Rename the file; Bellhop makes the folder.")
    parent = place if os.path.isdir(place) else root  # noqa: PTH112 (as above)
    if os.access(parent, os.W_OK | os.X_OK):
        return None
    return AnswersFault(place, "answers cannot be written", f"Give write permission on {parent}.")
