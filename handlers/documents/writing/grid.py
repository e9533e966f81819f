"""A table as lines of plain text: cells separated by tabs, every cell in its column whatever spans around it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_MOST_COLUMNS = 1000


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell's text, and how many columns and rows it takes."""

    text: str
    columns: int = 1
    rows: int = 1


def table_lines(rows: Iterable[Iterable[Cell]]) -> Iterator[str]:
    """Each row as one line; what a cell covers beside and below its first place stays empty."""
    taken: dict[int, int] = {}
    for row in rows:
        line: dict[int, str] = {}
        at = 0
        below: dict[int, int] = {}
        for cell in row:
            while taken.get(at, 0):
                at += 1
            width = min(max(cell.columns, 1), _MOST_COLUMNS)
            line[at] = cell.text
            below.update(dict.fromkeys(range(at, at + width), max(cell.rows, 1) - 1))
            at += width
        ends = [end + 1 for end in (*line, *(place for place, left in taken.items() if left))]
        most = max((*ends, at), default=0)
        taken = {place: left - 1 for place, left in taken.items() if left > 0} | {p: n for p, n in below.items() if n}
        yield "\t".join(line.get(place, "") for place in range(min(most, _MOST_COLUMNS))).rstrip("\t")


def cell_text(lines: Iterable[str]) -> str:
    """The lines of a cell as one: a tab of a table within becomes a bar, a line's end a slash."""
    shown = (part.strip().replace("\t", " | ") for line in lines for part in line.split("\n"))
    return " / ".join(line for line in shown if line)
