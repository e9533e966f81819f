"""This file is how an answer's file is named after its question's: an ending, a date, a number, at most 255 bytes."""

from __future__ import annotations

import hashlib
import itertools
import os
from collections.abc import Iterator

MOST_BYTES = 255
"""The longest file name on the usual file systems, in bytes (pathconf(3), NAME_MAX)."""


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
