"""This file is the code fences of Markdown: which one is open, and how to close and reopen it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

OPENING = re.compile(r"[ \t]*(?:[-*+>]|\d+[.)])?[ \t]*(`{3,}|~{3,})([^\n]*)$")
INFO_CHARS = 60


@dataclass(frozen=True, slots=True)
class Fence:
    """An open fence: its run of backticks or tildes, and the language behind it."""

    marker: str
    info: str

    @property
    def opener(self) -> str:
        """The line that opens it again on the next page."""
        return f"{self.marker}{self.info}\n"


@dataclass(frozen=True, slots=True)
class Line:
    """A line with where it ends (behind its newline), and the fence that is open after it."""

    start: int
    end: int
    fence: Fence | None
    opens: bool


def lines(text: str, fence: Fence | None = None) -> Iterator[Line]:
    """The lines of `text` in order, `fence` being open before the first."""
    start = 0
    while start < len(text):
        newline = text.find("\n", start)
        end = len(text) if newline < 0 else newline + 1
        before, fence = fence, after_line(text[start:end].rstrip("\n"), fence)
        yield Line(start, end, fence, opens=before is None and fence is not None)
        start = end


def after_line(line: str, fence: Fence | None) -> Fence | None:
    """The fence that is open after `line`. Indentation is not held against it: models indent fences in lists."""
    if fence is None:
        match = OPENING.match(line)
        if not match or (match[1][0] == "`" and "`" in match[2]):
            return None
        return Fence(match[1], match[2].strip()[:INFO_CHARS])
    stripped = line.strip()
    closes = stripped.startswith(fence.marker) and set(stripped) == {fence.marker[0]}
    return None if closes else fence


def open_fence(text: str, fence: Fence | None = None) -> Fence | None:
    """The fence left open at the end of `text`."""
    for line in lines(text, fence):
        fence = line.fence
    return fence


def closed(text: str, fence: Fence | None) -> str:
    """`text` with the fence that is open at its end closed on a line of its own."""
    if fence is None:
        return text
    return f"{text}{'' if text.endswith(chr(10)) else chr(10)}{fence.marker}"
