"""A1 notation: `'My tab'!A2:C` in and out.

Indices are zero-based and half-open, as in the API's GridRange; None means open-ended.
Source: https://developers.google.com/workspace/sheets/api/guides/concepts#cell
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_ENDPOINT = re.compile(r"\$?([A-Za-z]{1,3})?\$?([1-9][0-9]{0,7})?")
_PLAIN_TITLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LOOKS_LIKE_CELL = re.compile(r"[A-Za-z]{1,3}[0-9]+|[Rr][0-9]*[Cc][0-9]*")


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of cells: rows top…bottom, columns left…right, the ends exclusive, None open."""

    top: int = 0
    left: int = 0
    bottom: int | None = None
    right: int | None = None

    def is_one_cell(self) -> bool:
        """Whether it names exactly one cell."""
        return self.bottom == self.top + 1 and self.right == self.left + 1


@dataclass(frozen=True, slots=True)
class Box:
    """An `Area` with all four sides known."""

    top: int
    left: int
    bottom: int
    right: int

    def holds(self, row: int, column: int) -> bool:
        """Whether the cell lies inside."""
        return self.top <= row < self.bottom and self.left <= column < self.right

    def meets(self, other: Box) -> bool:
        """Whether the two share a cell."""
        return (
            self.top < other.bottom and other.top < self.bottom and self.left < other.right and other.left < self.right
        )


@dataclass(frozen=True, slots=True)
class Reference:
    """A range as written: the tab's title (None: the first visible tab) and the area."""

    title: str | None
    area: Area


def column_letters(index: int) -> str:
    """0 → A, 25 → Z, 26 → AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_index(letters: str) -> int:
    """A → 0, Z → 25, AA → 26."""
    index = 0
    for letter in letters.upper():
        index = index * 26 + ord(letter) - 64
    return index - 1


def parse(text: str) -> Reference | None:
    """The range that `text` names, or None when it is not A1 notation."""
    title, cells = _split(text)
    if title is None and not cells:
        return None
    if not cells:
        return Reference(title, Area())
    area = _area(cells)
    if area is None:
        return Reference(text, Area()) if title is None else None
    return Reference(title, area)


def _split(text: str) -> tuple[str | None, str]:
    """Title and cells; `'a''b'!A1` → (a'b, A1). A quoted text without `!` is a title alone."""
    quoted = re.fullmatch(r"'((?:[^']|'')+)'(?:!(.+))?", text, re.DOTALL)
    if quoted:
        return quoted[1].replace("''", "'"), quoted[2] or ""
    if "!" in text:
        title, _, cells = text.rpartition("!")
        return (title, cells) if title and cells else (None, "")
    return None, text


def _area(cells: str) -> Area | None:
    """`A1:C3`, `A:C`, `2:5`, `A2:C`, `A1`; corners may come in any order."""
    parts = cells.split(":")
    ends = [_ENDPOINT.fullmatch(part) for part in parts]
    if len(parts) > 2 or not all(end and (end[1] or end[2]) for end in ends):
        return None
    columns = [column_index(end[1]) if end and end[1] else None for end in ends]
    rows = [int(end[2]) - 1 if end and end[2] else None for end in ends]
    if len(parts) == 1:
        if columns[0] is None or rows[0] is None:
            return None
        return Area(rows[0], columns[0], rows[0] + 1, columns[0] + 1)
    top, bottom = _span(rows[0], rows[1])
    left, right = _span(columns[0], columns[1])
    return Area(top, left, bottom, right)


def _span(first: int | None, last: int | None) -> tuple[int, int | None]:
    """Start and exclusive end; one missing end leaves the span open."""
    if first is None or last is None:
        return (first if first is not None else last or 0), None
    return min(first, last), max(first, last) + 1


def quoted(title: str) -> str:
    """A tab's title as a range shows it: quoted when it is not a plain word."""
    if _PLAIN_TITLE.fullmatch(title) and not _LOOKS_LIKE_CELL.fullmatch(title):
        return title
    return "'" + title.replace("'", "''") + "'"


def cell_name(row: int, column: int) -> str:
    """(0, 0) → A1."""
    return f"{column_letters(column)}{row + 1}"


def format_box(title: str, box: Box) -> str:
    """`Sheet1!A1:C3`, or `Sheet1!A1` for one cell (or none)."""
    first = cell_name(box.top, box.left)
    last = cell_name(max(box.top, box.bottom - 1), max(box.left, box.right - 1))
    return f"{quoted(title)}!{first}" if first == last else f"{quoted(title)}!{first}:{last}"
