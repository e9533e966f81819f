"""The rows of one sheet, bit by bit: each cell as Excel shows it, hidden rows and columns left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import ParseError, XMLPullParser

from handlers.documents.readers.sheet_styles import CellStyle, rich_text
from handlers.documents.readers.xml import Element, check_xml, child, children, local
from handlers.documents.writing.date_format import is_date, moment
from handlers.documents.writing.digits import general
from handlers.documents.writing.number_format import shown_number, shown_text

_CHUNK_BYTES = 1 << 18
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref\s*=\s*[\"']([A-Z]+)(\d+):([A-Z]+)(\d+)[\"']")
_COLOURED = re.compile(rb"<(?:\w+:)?(?:tablePart|conditionalFormatting|drawing|legacyDrawing|picture)\b")
_MOST_MERGED = 20_000
_MOST_COVERED = 300_000


class Uncalculated(str):
    """A formula whose result was never stored."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Book:
    """What all sheets of a workbook share."""

    strings: list[str]
    styles: list[CellStyle]
    from_1904: bool = False


@dataclass(slots=True)
class Sheet:
    """One sheet while it is read: what is hidden or covered in it, and what was noticed."""

    hidden_columns: set[int] = field(default_factory=set)
    covered: set[tuple[int, int]] = field(default_factory=set)
    hidden_rows: int = 0
    hidden_cells: int = 0
    damaged: bool = False
    looked_at: int = 0
    white_is_seen: bool = False
    formulas: dict[str, str] = field(default_factory=dict)


Row = dict[int, str]
"""The cells of a row by the number of their column, from 1."""


def sheet_rows(data: bytes, book: Book, sheet: Sheet) -> Iterator[Row]:
    """The rows that are shown and hold something. Raises ValueError for a document type."""
    check_xml(data)
    sheet.covered = _covered(data)
    sheet.white_is_seen = bool(_COLOURED.search(data))
    number = 0
    holder: Element | None = None
    for event, element in _events(data, sheet):
        name = local(element)
        if event == "start":
            holder = element if name == "sheetData" else holder
        elif name == "col":
            _hide_columns(element, sheet)
        elif name == "row":
            number = _int(element.get("r")) or number + 1
            row = _row(element, number, book, sheet)
            if holder is not None:
                holder.clear()  # what has been read is not kept
            if row:
                yield row


def _events(data: bytes, sheet: Sheet) -> Iterator[tuple[str, Element]]:
    """The elements as they begin and end, up to where the part breaks off."""
    parser: Any = XMLPullParser(["start", "end"])
    start = len(data) - len(data.lstrip())
    try:
        for at in range(start, len(data), _CHUNK_BYTES):
            parser.feed(data[at : at + _CHUNK_BYTES])
            yield from parser.read_events()
    except ParseError:
        sheet.damaged = True


def _hide_columns(column: Element, sheet: Sheet) -> None:
    if (column.get("hidden") or "0") in {"1", "true"} or column.get("width") in {"0", "0.0"}:
        first, last = _int(column.get("min")), _int(column.get("max"))
        sheet.hidden_columns.update(range(first, min(last, 16_384) + 1))


def _row(element: Element, number: int, book: Book, sheet: Sheet) -> Row:
    sheet.looked_at += 1 + len(element)
    hidden = (element.get("hidden") or "0") in {"1", "true"} or element.get("ht") in {"0", "0.0"}
    cells: Row = {}
    at = 0
    for cell in children(element, "c"):
        at = _column(cell.get("r")) or at + 1
        if (number, at) in sheet.covered:
            continue
        text = _shown(cell, book, sheet)
        if text is None:
            continue
        if at in sheet.hidden_columns:
            sheet.hidden_cells += bool(text)
        else:
            cells[at] = text
    if hidden and any(cells.values()):
        sheet.hidden_rows += 1
    return {} if hidden else cells


def _shown(cell: Element, book: Book, sheet: Sheet) -> str | None:
    """What a cell shows; None when it is empty."""
    place = _int(cell.get("s"))
    style = book.styles[place] if place < len(book.styles) else CellStyle()
    text = _content(cell, style, book, sheet)
    if text is None or not text.strip():
        return None
    if style.white and not sheet.white_is_seen:
        sheet.hidden_cells += 1
        return None
    plain = text.replace("\t", " ").replace("\r\n", " / ").replace("\n", " / ")
    if isinstance(text, Uncalculated):
        return text
    return f"~~{plain.strip()}~~" if style.struck and "~~" not in plain else plain


def _content(cell: Element, style: CellStyle, book: Book, sheet: Sheet) -> str | None:
    kind = cell.get("t") or "n"
    if kind == "inlineStr":
        inline = child(cell, "is")
        return None if inline is None else shown_text(rich_text(inline), style.code)
    holder, formula = child(cell, "v"), child(cell, "f")
    value = None if holder is None else holder.text
    if formula is not None and (formula.text or "").strip():
        sheet.formulas.setdefault(formula.get("si") or "", formula.text or "")
    if value is None or not value.strip():
        return value if formula is None or (kind == "str" and holder is not None) else _uncalculated(formula, sheet)
    return _valued(value, kind, style, book)


def _uncalculated(formula: Element, sheet: Sheet) -> Uncalculated:
    text = (formula.text or "").strip() or sheet.formulas.get(formula.get("si") or "-", "")
    return Uncalculated(f"[={text}: not calculated]" if text else "[formula: not calculated]")


def _valued(value: str, kind: str, style: CellStyle, book: Book) -> str | None:
    """What a cell of that kind shows for its stored value."""
    plain = value.strip()
    if kind == "s":
        at = _int(plain)
        return shown_text(book.strings[at], style.code) if at < len(book.strings) else None
    if kind == "b":
        return "TRUE" if plain in {"1", "true"} else "FALSE"
    if kind == "str":
        return shown_text(value, style.code)
    if kind in {"e", "d"}:
        return plain.removesuffix("T00:00:00")
    return _number(plain, style.code, from_1904=book.from_1904)


def _number(value: str, code: str, *, from_1904: bool) -> str:
    try:
        number = float(value)
    except ValueError:
        return value
    if number != number or number in {float("inf"), float("-inf")}:  # noqa: PLR0124 # NaN is all that differs from itself
        return value
    if code.lower() in {"general", "standard", "@", ""}:
        return general(number)
    try:
        return shown_number(number, code, from_1904=from_1904)
    except (ValueError, ArithmeticError, IndexError, OverflowError, LookupError):
        # One bad format costs the look of its cells, not their values; a day stays a day.
        day = moment(number, from_1904=from_1904) if is_date(code) else None
        return general(number) if day is None else day.isoformat(" ", "seconds")


def _covered(data: bytes) -> set[tuple[int, int]]:
    """The cells that a merged one covers; what is stored in them is not seen."""
    covered: set[tuple[int, int]] = set()
    for count, match in enumerate(_MERGED.finditer(data)):
        left, top, right, bottom = _letters(match[1]), int(match[2]), _letters(match[3]), int(match[4])
        size = (right - left + 1) * (bottom - top + 1)
        if count >= _MOST_MERGED or size + len(covered) > _MOST_COVERED:
            break
        covered.update((row, column) for row in range(top, bottom + 1) for column in range(left, right + 1))
        covered.discard((top, left))
    return covered


def _letters(name: bytes) -> int:
    number = 0
    for letter in name[:3]:
        number = number * 26 + letter - 64
    return number


def _column(reference: str | None) -> int:
    match = re.match(r"\$?([A-Za-z]{1,3})\$?\d", reference or "")
    return _letters(match[1].upper().encode("ascii")) if match else 0


def _int(value: str | None) -> int:
    return int(value) if value and value.isdecimal() and len(value) < 10 else 0
