"""The reader of Excel workbooks (.xlsx): every sheet, row by row, with openpyxl in its streaming mode."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from itertools import zip_longest
from typing import Any, BinaryIO

from handlers.documents.limits import Limits
from handlers.documents.readers.drawings import chart_lines, drawn_lines, paragraph_text
from handlers.documents.readers.xml import attribute, descendants, parse

_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_WIDE = 200
"""Cells from which on a row that is mostly empty is told by its cells' names."""


def read_sheet(source: BinaryIO, limits: Limits, notes: list[str]) -> Iterator[str]:
    """Each sheet under its title, cells separated by tabs; hidden sheets are marked, comments and charts follow."""
    import openpyxl

    values = openpyxl.load_workbook(source, read_only=True, data_only=True)
    formulas = openpyxl.load_workbook(source, read_only=True) if _has_formulas(source) else None
    left = limits.sheet_cells
    missing = 0
    for sheet in values.worksheets:
        yield f"## Sheet: {sheet.title}" + ("" if sheet.sheet_state == "visible" else " [hidden]")
        for row in _rows(sheet, formulas[sheet.title] if formulas else None):
            left -= max(len(row), 1)
            missing += sum(isinstance(cell, _Uncalculated) for cell in row)
            if any(cell is not None for cell in row):
                yield _line(row)
            if left < 0:
                notes.append(f"Only the first {limits.sheet_cells:,} cells were read.")
                yield f"[Cut here. {notes[-1]}]"
                return
        yield ""
    if missing:
        notes.append(_uncalculated_note(missing))
    yield from _extras(source)


def _uncalculated_note(count: int) -> str:
    many = f"{count} formulas have" if count > 1 else "1 formula has"
    return f"{many} no stored result; open the workbook in Excel and save it to include them."


class _Uncalculated(str):
    """A formula whose result was never stored."""

    __slots__ = ()


def _has_formulas(source: BinaryIO) -> bool:
    with zipfile.ZipFile(source) as package:
        sheets = (name for name in package.namelist() if name.startswith("xl/worksheets/"))
        return any(_FORMULA.search(package.read(name)) for name in sheets)


def _rows(sheet: Any, formulas: Any) -> Iterator[tuple[Any, ...]]:
    # The size a sheet declares is not to be trusted: files that declare "A1" would lose every other row.
    sheet.reset_dimensions()
    if formulas is None:
        yield from sheet.iter_rows(values_only=True)
        return
    formulas.reset_dimensions()
    pairs = zip_longest(sheet.iter_rows(values_only=True), formulas.iter_rows(values_only=True), fillvalue=())
    for results, texts in pairs:
        yield tuple(_result(value, text) for value, text in zip_longest(results, texts))


def _result(value: Any, formula: Any) -> Any:
    if value is not None or formula is None:
        return value
    text = getattr(formula, "text", None) or formula
    return _Uncalculated(f"[{text}: not calculated]")


def _line(row: tuple[Any, ...]) -> str:
    cells = ["" if value is None else _shown(value) for value in row]
    while cells and not cells[-1]:
        cells.pop()
    if len(cells) > _WIDE and cells.count("") * 2 > len(cells):
        return "\t".join(f"{_column(index)}: {cell}" for index, cell in enumerate(cells, 1) if cell)
    return "\t".join(cells)


def _column(index: int) -> str:
    from openpyxl.utils import get_column_letter

    return f"column {get_column_letter(index)}"


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return f"{value:.15g}"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "seconds")
    if isinstance(value, date | time | timedelta):
        return str(value)
    return str(value).replace("\t", " ").replace("\r\n", " / ").replace("\n", " / ")


def _extras(source: BinaryIO) -> Iterable[str]:
    """Comments, text boxes and charts, which the streaming mode does not show."""
    with zipfile.ZipFile(source) as package:
        for name in package.namelist():
            if re.fullmatch(r"xl/(?:(?:comments/)?comments?\d*|threadedComments/[^/]+)\.xml", name):
                yield from _comments(package.read(name))
            elif re.fullmatch(r"xl/drawings/drawing\d*\.xml", name):
                yield from (f"[Text box] {line}" for line in drawn_lines(package.read(name)))
            elif re.fullmatch(r"xl/charts/chart\d*\.xml", name):
                yield from chart_lines(package.read(name))


def _comments(data: bytes) -> Iterator[str]:
    for comment in descendants(parse(data), "comment", "threadedComment"):
        text = " ".join(paragraph_text(comment).split())
        if text:
            yield f"[Comment on {attribute(comment, 'ref')}] {text}"
