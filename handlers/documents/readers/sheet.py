"""The reader of Excel workbooks (.xlsx): every sheet as a person sees it, with what is written and drawn on it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from bot.errors import Refused
from handlers.documents.limits import Limits
from handlers.documents.parts import DAMAGED, Package
from handlers.documents.readers.drawings import chart_lines, drawn_lines, paragraph_text
from handlers.documents.readers.sheet_rows import Book, Row, Sheet, Uncalculated, sheet_rows
from handlers.documents.readers.sheet_styles import cell_styles, shared_strings
from handlers.documents.readers.xml import Element, attribute, child, descendants
from handlers.documents.writing.numerals import columns
from handlers.documents.writing.symbols import box

_WIDE = 200
"""Cells from which on a row that is mostly empty is told by its cells' names."""


def read_sheet(source: BinaryIO, limits: Limits, notes: list[str]) -> Iterator[str]:
    """Each sheet under its title, cells separated by tabs; its comments, text boxes and charts follow its rows."""
    with Package(source, limits) as package:
        book = _Workbook(package, limits, notes)
        yield from book.lines()
        notes.extend(book.remarks())
        notes.extend(package.remarks())


class _Workbook:
    """One workbook being read, and what is told about it at the end."""

    def __init__(self, package: Package, limits: Limits, notes: list[str]) -> None:
        self._package = package
        self._limits = limits
        self._notes = notes
        self._main = package.main("xl/workbook.xml")
        self._root = package.xml(self._main)
        self._left = limits.sheet_cells
        self._missing = 0
        self._hidden = 0
        self._wrote = False
        settings = None if self._root is None else child(self._root, "workbookPr")
        self._book = Book(
            shared_strings(self._part("sharedStrings")),
            cell_styles(self._part("styles")),
            settings is not None and attribute(settings, "date1904") in {"1", "true", "on"},
        )

    def _part(self, kind: str) -> Element | None:
        names = self._package.linked(self._main, kind) or [f"xl/{kind}.xml"]
        return self._package.xml(names[0])

    def lines(self) -> Iterator[str]:
        """The sheets in their order. A workbook in which nothing is written yields nothing."""
        held: list[str] = []
        for title, state, part in self._sheets():
            held.append(f"## Sheet: {title}" + ("" if state == "visible" else " [hidden]"))
            for line in self._sheet(part):
                yield from held
                held.clear()
                self._wrote = True
                yield line
            if self._left < 0:
                self._notes.append(f"Only the first {self._limits.sheet_cells:,} cells were read.")
                yield f"[Cut here. {self._notes[-1]}]"
                return
            held.append("")
        if self._wrote:
            yield from held
        elif self._package.lost or self._root is None:
            raise Refused(DAMAGED)

    def _sheets(self) -> Iterator[tuple[str, str, str]]:
        """Title, state and part of each sheet; without a readable list of them, every sheet there is."""
        links = self._package.links(self._main)
        found = []
        for number, sheet in enumerate(() if self._root is None else descendants(self._root, "sheet"), 1):
            link = links.get(attribute(sheet, "id") or "")
            part = link.part if link is not None else f"xl/worksheets/sheet{number}.xml"
            found.append((attribute(sheet, "name") or f"{number}", attribute(sheet, "state") or "visible", part))
        if not found:
            names = sorted(name for name in self._package.names if re.fullmatch(r"xl/worksheets/[^/]+\.xml", name))
            found = [(name.rpartition("/")[2].removesuffix(".xml"), "visible", name) for name in names]
        yield from found

    def remarks(self) -> list[str]:
        """Sentences for the reader of the answer."""
        said = []
        if self._missing:
            many = f"{self._missing} formulas have" if self._missing > 1 else "1 formula has"
            said.append(f"{many} no stored result; open the workbook in Excel and save it to include them.")
        if self._hidden:
            said.append("Hidden or filtered rows and columns in it were left out.")
        return said

    # ── one sheet ──

    def _sheet(self, part: str) -> Iterator[str]:
        data = self._package.read(part)
        if data is not None:
            yield from self._rows(part, data)
        if self._left >= 0:
            yield from self._written(part)
            yield from self._drawn(part)

    def _rows(self, part: str, data: bytes) -> Iterator[str]:
        sheet = Sheet()
        before = 0
        try:
            for row in sheet_rows(data, self._book, sheet):
                self._left -= sheet.looked_at - before
                before = sheet.looked_at
                self._missing += sum(isinstance(cell, Uncalculated) for cell in row.values())
                yield _line(row, sheet.hidden_columns)
                if self._left < 0:
                    return
        except ValueError:
            sheet.damaged = True
        if sheet.damaged:
            self._package.lost.append(part)
        if sheet.hidden_rows or sheet.hidden_cells:
            self._hidden += 1
            yield _left_out(sheet)

    def _written(self, part: str) -> Iterator[str]:
        """Comments; those that belong to a conversation are stored a second time for older programs."""
        threads = self._package.linked(part, "threadedComment")
        for name in (*self._package.linked(part, "comments"), *threads):
            root = self._package.xml(name)
            for comment in () if root is None else descendants(root, "comment", "threadedComment"):
                text = " ".join(paragraph_text(comment).split())
                if text and not (threads and text.startswith("[Threaded comment]")):
                    yield f"[Comment on {attribute(comment, 'ref')}] {text}"

    def _drawn(self, part: str) -> Iterator[str]:
        controls = {name: self._package.xml(name) for name in self._package.linked(part, "ctrlProp")}
        states = [_state(root) for root in controls.values() if root is not None]
        for name in self._package.linked(part, "drawing"):
            root = self._package.xml(name)
            if root is not None:
                yield from (f"[Text box] {line}" for line in drawn_lines(root))
            for chart in self._package.linked(name, "chart"):
                if (drawing := self._package.xml(chart)) is not None:
                    yield from chart_lines(drawing)
            for diagram in self._package.linked(name, "diagramData"):
                if (drawing := self._package.xml(diagram)) is not None:
                    yield from (f"[Diagram] {line}" for line in drawn_lines(drawing))
        yield from (f"[Form field] {state}" for state in states if state)


def _state(control: Element) -> str:
    """What a form control on a sheet shows: its check box, or the number of its chosen entry."""
    kind = (control.get("objectType") or "").lower()
    if kind in {"checkbox", "radio"}:
        return box((control.get("checked") or "").lower() == "checked")
    picked = control.get("sel") or ""
    return f"entry {picked} is chosen" if kind in {"drop", "list"} and picked not in {"", "0"} else ""


def _left_out(sheet: Sheet) -> str:
    parts = []
    if sheet.hidden_rows:
        parts.append(f"{sheet.hidden_rows} hidden row{'s' if sheet.hidden_rows > 1 else ''}")
    if sheet.hidden_cells:
        parts.append(f"{sheet.hidden_cells} hidden cell{'s' if sheet.hidden_cells > 1 else ''}")
    return f"[Left out: {' and '.join(parts)}]"


def _line(row: Row, hidden: set[int]) -> str:
    last = max(row)
    if last > _WIDE and len(row) * 2 < last:
        return "\t".join(f"column {columns(at).upper()}: {text}" for at, text in sorted(row.items()))
    return "\t".join(row.get(at, "") for at in range(1, last + 1) if at not in hidden)
