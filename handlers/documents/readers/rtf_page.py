"""The lines that a rich text file makes: paragraphs, and tables whose cells stay in their columns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from handlers.documents.writing.grid import Cell, cell_text, table_lines
from handlers.documents.writing.styled import Piece, joined

_NEAR_TWIPS = 40
_MOST_ROWS = 20_000


@dataclass(slots=True)
class RowShape:
    """How a row is laid out: its left edge, the right edges of its cells, which of them others cover."""

    left: int = 0
    edges: list[int] = field(default_factory=list)
    covered: list[bool] = field(default_factory=list)
    next_covered: bool = False
    coloured: bool = False

    def edge(self, right: int) -> None:
        """One more cell, which ends there."""
        self.edges.append(right)
        self.covered.append(self.next_covered)
        self.next_covered = False


@dataclass(frozen=True, slots=True)
class _Row:
    cells: list[str]
    shape: RowShape


class RtfPage:
    """Paragraphs as they end; rows are held until their table ends, since its columns are known only then."""

    def __init__(self) -> None:
        self._pieces: list[Piece] = []
        self._cell: list[str] = []
        self._cells: list[str] = []
        self._rows: list[_Row] = []
        self._label = ""
        self.hid = False

    def put(self, text: str, place: str = "", *, struck: bool = False) -> None:
        """Letters of the paragraph that is being written."""
        self._pieces.append(Piece(text, place, struck))

    def set_label(self, label: str) -> None:
        """What stands before the paragraph."""
        self._label = label

    @property
    def has_label(self) -> bool:
        """Whether the file itself has said what stands before the paragraph."""
        return bool(self._label)

    @property
    def says_something(self) -> bool:
        """Whether the paragraph has letters."""
        return any(piece.text.strip() for piece in self._pieces)

    def _paragraph(self) -> str:
        text = joined(self._pieces)
        label, self._label = self._label, ""
        self._pieces = []
        return label + text if text.strip() else (label.rstrip() if label.strip(" -") else text)

    def end_paragraph(self, *, in_table: bool) -> Iterator[str]:
        """The paragraph ends; in a table it is a line of its cell."""
        hidden, self.hid = self.hid and not self.says_something, False
        text = self._paragraph()
        if in_table:
            self._cell.append(text)
            return
        yield from self.end_table()
        if not (hidden and not text.strip()):
            yield from text.rstrip("\t").split("\n")

    def end_cell(self) -> None:
        """The cell ends."""
        self._cells.append(cell_text([*self._cell, self._paragraph()]))
        self._cell = []

    def end_row(self, shape: RowShape) -> Iterator[str]:
        """The row ends, laid out as it was last said."""
        self._rows.append(_Row(self._cells, RowShape(shape.left, list(shape.edges), list(shape.covered))))
        self._cells = []
        self._pieces = [piece for piece in self._pieces if piece.text.strip()]
        if len(self._rows) >= _MOST_ROWS:
            yield from self.end_table()

    def end_table(self) -> Iterator[str]:
        """The rows that are held, if any, as lines."""
        if self._cells or self._cell:
            self._rows.append(_Row([*self._cells, *([cell_text(self._cell)] if self._cell else [])], RowShape()))
            self._cells, self._cell = [], []
        if self._rows:
            rows, self._rows = self._rows, []
            bounds = _bounds(rows)
            yield from table_lines([_placed(row, bounds) for row in rows])

    def end(self) -> Iterator[str]:
        """What is left at the end of the file."""
        text = self._paragraph()
        yield from self.end_table()
        yield from text.rstrip("\t").split("\n")


def _bounds(rows: list[_Row]) -> list[int]:
    """Where columns begin and end in any of the rows; edges that nearly meet are one."""
    found: list[int] = []
    for edge in sorted({edge for row in rows for edge in (row.shape.left, *row.shape.edges) if row.shape.edges}):
        if not found or edge - found[-1] > _NEAR_TWIPS:
            found.append(edge)
    return found


def _placed(row: _Row, bounds: list[int]) -> list[Cell]:
    edges = row.shape.edges
    if len(edges) != len(row.cells) or sorted(edges) != edges:
        return [Cell(text) for text in row.cells]
    at = _column(row.shape.left, bounds)
    cells = [Cell("")] * at
    for text, right, covered in zip(row.cells, edges, row.shape.covered, strict=True):
        end = _column(right, bounds)
        cells.append(Cell("" if covered else text, max(end - at, 1)))
        at = max(end, at + 1)
    return cells


def _column(edge: int, bounds: list[int]) -> int:
    return max((at for at, bound in enumerate(bounds) if bound <= edge + 1), default=0)
