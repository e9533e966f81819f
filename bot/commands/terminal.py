"""What is printed: for people in the letters that their terminal has, for programs as JSON that any of them reads."""

from __future__ import annotations

import codecs
import contextlib
import json
import sys
from typing import Any, TextIO


def take_any_letter(*streams: TextIO | None) -> None:
    """Let these streams replace what they cannot show: an answer that is paid for is not lost to an umlaut."""
    for stream in streams:
        reconfigure = getattr(stream, "reconfigure", None)  # a stream that was put in its place may have none
        if reconfigure is not None:
            with contextlib.suppress(ValueError, OSError):  # it is closed
                reconfigure(errors="replace")


def json_text(value: Any, indent: int | None = None) -> str:
    """JSON with its letters as they are where stdout has them all, else with escapes, so that none is replaced."""
    as_they_are = speaks_utf_8(sys.stdout)
    text = json.dumps(value, ensure_ascii=not as_they_are, indent=indent, default=str)
    return text.encode("utf-8", "replace").decode() if as_they_are else text


def speaks_utf_8(stream: TextIO) -> bool:
    """Whether a stream takes every letter that there is."""
    try:
        return codecs.lookup(getattr(stream, "encoding", None) or "utf-8").name.startswith("utf")
    except LookupError:
        return False


def whole_text(text: str) -> str:
    """What was typed, with a mark for every byte that is no letter in the terminal's encoding."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
