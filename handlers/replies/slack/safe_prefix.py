"""How much of an unfinished text may be shown: up to a place where nothing stands half."""

from __future__ import annotations

import re

from handlers.replies.slack.pages import open_fence

LINK_CHARS = 300
"""How far back an unclosed link, mark or token is held; beyond, it is taken for plain text."""
WORD_CHARS = 40

UNCLOSED = re.compile(
    r"!?\[[^\[\]\n]*(?:\](?:\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*)?)?$"  # a link up to just before its last bracket
    r"|<[^<>\s\d=-][^<>\n]*$"
    r"|<$"
    r"|[*_~`]+$"  # perhaps only half of the marker
)
HALF_FENCE = re.compile(r"[ \t]*(?:[-*+>]|\d+[.)])?[ \t]*(?:`{1,2}|~{1,2}|(?:`{3,}|~{3,})[^\n`]*)$")
FENCE_END = re.compile(r"[ \t]*[`~]+[ \t]*$")
TABLE_LINE = re.compile(r"[ \t]*\|")


def shown_chars(text: str) -> int:
    """How many characters of `text` may be shown while more is coming.

    Held back: half a fence line, a table's head without its rule, half a table row, an unclosed link, token, code
    or bold mark, half a word. Never more than the last line or two, so little is held for long.
    """
    start = text.rfind("\n") + 1
    line = text[start:]
    if open_fence(text[:start]) is not None:
        return start if FENCE_END.match(line) else len(text)
    if HALF_FENCE.match(line):
        return start
    table = _half_table_start(text, start)
    if table is not None:
        return table
    return start + _whole_words(line, _whole_chars(line))


def _half_table_start(text: str, start: int) -> int | None:
    rows = 0
    first = start
    while first > 0 and TABLE_LINE.match(text, text.rfind("\n", 0, first - 1) + 1, first):
        first = text.rfind("\n", 0, first - 1) + 1
        rows += 1
    line = text[start:]
    if rows == 1 and (not line.strip() or TABLE_LINE.match(line)):
        return first
    return start if TABLE_LINE.match(line) else None


def _whole_chars(line: str) -> int:
    end = len(line)
    if match := UNCLOSED.search(line, max(0, end - LINK_CHARS)):
        end = match.start()
    for marker in ("`", "**"):
        if line.count(marker, 0, end) % 2 and end - line.rfind(marker, 0, end) <= LINK_CHARS:
            end = line.rfind(marker, 0, end)
    return end


def _whole_words(line: str, end: int) -> int:
    if end < len(line) or not line:
        return end
    # Scripts without spaces have no half words to hold.
    space = max(line.rfind(" ", end - WORD_CHARS if end > WORD_CHARS else 0, end), line.rfind("\t", 0, end))
    return space + 1 if space >= 0 else (end if end > WORD_CHARS else 0)
