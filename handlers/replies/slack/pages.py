"""How a long text becomes several messages: cut where it hurts least, with fences reopened.

A page's cut depends on nothing behind it, so a finished page stays as it is while the text grows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

OPENING = re.compile(r"[ \t]*(?:[-*+>]|\d+[.)])?[ \t]*(`{3,}|~{3,})([^\n]*)$")
INFO_CHARS = 60
ROW = re.compile(r" {0,3}(?=[^|\n]*\|)[^\n]*\S")
RULE = re.compile(r" {0,3}(?=[^|\n]*\|)\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$", re.MULTILINE)
"""A row of a table, and the line below its head. Source: https://github.github.com/gfm/#tables-extension-"""
HEAD_CHARS = 600
"""A longer head is not repeated: MARKDOWN_PAGE_CHARS leaves room for this much."""


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
class Page:
    """A piece of the text (all `body`s joined are the text itself) and the fences around it."""

    body: str
    before: Fence | None
    after: Fence | None
    head: str = ""
    """The head of the table that goes on from the page before."""

    @property
    def text(self) -> str:
        """What stands in the message: the body, its fence reopened at the top and closed at the end."""
        return closed((self.before.opener if self.before else self.head) + self.body, self.after)


def pages(text: str, limit_chars: int, *, finished: bool) -> list[Page]:
    """`text` in pages whose bodies have at most `limit_chars` characters; one empty page for an empty text.

    A finished text ends as it ends, even inside a fence; an unfinished one has its open fence closed for now.
    """
    result: list[Page] = []
    fence: Fence | None = None
    head = ""
    while True:
        window = text[:limit_chars]
        body = window if len(text) <= limit_chars else window[: cut_at(window, fence)]
        after = open_fence(body, fence)
        text = text[len(body) :]
        result.append(Page(body, fence, after if text or not finished else None, head))
        fence, head = after, _head_for(body, fence, head, text)
        if not text:
            return result


def _head_for(body: str, fence: Fence | None, head: str, rest: str) -> str:
    """The head of the table that is cut between `body` and `rest`; `head` is the one that `body` began in."""
    if open_fence(body, fence) is not None or not ROW.match(rest):
        return ""
    above = ""
    for line in lines(body, fence):
        text = body[line.start : line.end]
        is_row = line.fence is None and ROW.match(text) is not None
        if is_row and above and not head and RULE.fullmatch(text.rstrip()):
            head = above + text
        head, above = (head, text) if is_row else ("", "")
    return head if len(head) <= HEAD_CHARS else ""


def cut_at(window: str, fence: Fence | None) -> int:
    """Where to end a full page: behind a paragraph, else a line of prose, else any line, else a word, else at the end.

    A better place must not leave the page less than half full.
    """
    paragraph = prose = any_line = 0
    for line in lines(window, fence):
        if not window.endswith("\n", 0, line.end) or line.opens or RULE.match(window, line.end):
            continue
        any_line = line.end
        if line.fence is None and not window.startswith("|", line.start):
            prose = line.end
            paragraph = line.end if line.end - line.start == 1 else paragraph
    half = len(window) // 2
    word = window.rfind(" ", half) + 1
    return next((at for at in (paragraph, prose, any_line, word) if at > half), len(window))


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
