"""Text in which a space at a line's end joins it with the next one (format=flowed, RFC 3676), as whole paragraphs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

_DEPTH = re.compile(r"(?:> ?(?=>))*>")
MOST_CHARS = 20_000
"""Of one paragraph; a mail made to be one line of millions is not put together."""


def unflowed(lines: Iterable[str], *, drops_space: bool) -> Iterator[str]:
    """Each paragraph on a line of its own; `drops_space` (DelSp) where the space at the end is no part of the text.

    Quoted lines keep their marks; a paragraph never goes on at another depth of quotation.
    """
    whole, depth, is_open = "", 0, False
    for line in lines:
        level, text = _parted(line)
        is_signature = text == "-- "
        if is_open and (level != depth or is_signature):
            yield _marked(depth, whole)
            is_open = False
        whole, depth = (whole + text if is_open else text), level
        is_open = text.endswith(" ") and not is_signature and len(whole) < MOST_CHARS
        if is_open:
            whole = whole[:-1] if drops_space else whole
        else:
            yield _marked(depth, whole)
            whole = ""
    if is_open:
        yield _marked(depth, whole)


def _parted(line: str) -> tuple[int, str]:
    """The depth of quotation, and the text without its marks and the space that was stuffed before it."""
    marks = _DEPTH.match(line)
    text = line[marks.end() :] if marks else line
    return (marks[0].count(">") if marks else 0), text.removeprefix(" ")


def _marked(depth: int, text: str) -> str:
    return f"{'>' * depth} {text}" if depth else text
