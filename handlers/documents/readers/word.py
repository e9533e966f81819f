"""The reader of Word documents (.docx): a walk through everything that is drawn, in the order of the document."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import BinaryIO

from bot.errors import Refused
from handlers.documents.limits import Limits
from handlers.documents.parts import DAMAGED, Package
from handlers.documents.readers.drawings import chart_lines, drawn_lines
from handlers.documents.readers.word_lists import WordLists
from handlers.documents.readers.word_runs import LEFT_OUT, Line, Walk
from handlers.documents.readers.word_styles import Styles, ground_of, list_of, outline_of
from handlers.documents.readers.xml import Element, attribute, child, chosen, descendants, is_on, local
from handlers.documents.remarks import EMBEDDED, HIDDEN, TRACKED
from handlers.documents.writing.colours import WHITE, Colour, hex_colour
from handlers.documents.writing.grid import Cell, cell_text, table_lines

_CHUNK_DEPTH = 3

ReadChunk = Callable[[bytes, str], Iterator[str]]


def read_word(source: BinaryIO, limits: Limits, notes: list[str], depth: int = 0) -> Iterator[str]:
    """Headers, body, footers, footnotes, endnotes, comments, charts and diagrams, in this order."""
    with Package(source, limits) as package:
        main = package.main("word/document.xml")
        root = package.xml(main)
        if root is None or child(root, "body") is None:
            raise Refused(DAMAGED)
        reading = _Reading(package, main, root, lambda data, name: _chunk(data, name, limits, notes, depth))
        yield from reading.lines(child(root, "body"))
        notes.extend(reading.remarks())
        notes.extend(package.remarks())


def _chunk(data: bytes, name: str, limits: Limits, notes: list[str], depth: int) -> Iterator[str]:
    """The lines of a whole document that Word shows in this place (w:altChunk)."""
    from handlers.documents.readers.chunks import chunk_lines

    if depth >= _CHUNK_DEPTH:
        notes.append(EMBEDDED)
        return
    yield from chunk_lines(
        data, name, limits, notes, lambda inner: read_word(io.BytesIO(inner), limits, notes, depth + 1)
    )


class _Reading:
    """One document being read: its package, styles, lists, and what has been noticed."""

    def __init__(self, package: Package, main: str, root: Element, read_chunk: ReadChunk) -> None:
        self._package = package
        self._main = main
        self._read_chunk = read_chunk
        self._walk = Walk(Styles(self._first("styles")))
        self._lists = WordLists(self._first("numbering"))
        self._page = _page_ground(root)

    def _first(self, kind: str) -> Element | None:
        names = self._package.linked(self._main, kind) or [f"word/{kind}.xml"]
        return self._package.xml(names[0])

    def lines(self, body: Element) -> Iterator[str]:
        """Everything, line by line."""
        yield from self._edges("Header", "header")
        yield from self._blocks(body, self._page)
        yield from self._edges("Footer", "footer")
        yield from self._notes("Note", "footnote")
        yield from self._notes("Endnote", "endnote")
        yield from self._notes("Comment", "comment")
        for name in self._package.linked(self._main, "chart"):
            if (data := self._package.xml(name)) is not None:
                yield from chart_lines(data)
        for name in self._package.linked(self._main, "diagramData"):
            if (data := self._package.xml(name)) is not None:
                yield from drawn_lines(data)
        if next(descendants(body, "del", "moveFrom"), None) is not None:
            self._walk.seen.add("tracked")

    def remarks(self) -> list[str]:
        """Sentences for the reader of the answer."""
        said = {"tracked": TRACKED, "hidden": HIDDEN, "chunk": EMBEDDED}
        return [sentence for key, sentence in said.items() if key in self._walk.seen]

    def _edges(self, label: str, kind: str) -> Iterator[str]:
        seen = set()
        for name in self._package.linked(self._main, kind):
            root = self._package.xml(name)
            if root is None:
                continue
            text = " / ".join(line.strip() for line in self._blocks(root, self._page) if line.strip())
            if text and text not in seen:
                seen.add(text)
                yield f"[{label}] {text}"

    def _notes(self, label: str, kind: str) -> Iterator[str]:
        for name in self._package.linked(self._main, f"{kind}s"):
            root = self._package.xml(name)
            for note in () if root is None else descendants(root, kind):
                if attribute(note, "type") in {"separator", "continuationSeparator", "continuationNotice"}:
                    continue
                text = " / ".join(line.strip() for line in self._blocks(note, self._page) if line.strip())
                author = attribute(note, "author")
                if text:
                    yield f"[{label} {attribute(note, 'id')}{f', {author}' if author else ''}] {text}"

    def _blocks(self, parent: Element, ground: Colour | None) -> Iterator[str]:
        for element in parent:
            name = local(element)
            if name == "p":
                yield from self._paragraph(element, ground)
            elif name == "tbl":
                yield from self._table(element, ground)
            elif name == "altChunk":
                yield from self._chunk(element)
            elif name == "AlternateContent":
                for inner in chosen(element):
                    yield from self._blocks([inner], ground)
            elif name in {"oMath", "oMathPara"}:
                yield Line(self._walk, {}, ground).text([element])
            elif name not in LEFT_OUT:
                yield from self._blocks(element, ground)

    def _chunk(self, element: Element) -> Iterator[str]:
        link = self._package.links(self._main).get(attribute(element, "id") or "")
        data = self._package.read(link.part) if link and not link.external else None
        if data is None or link is None:
            self._walk.seen.add("chunk")
            return
        yield from self._read_chunk(data, link.part)

    # ── paragraphs ──

    def _paragraph(self, paragraph: Element, ground: Colour | None) -> Iterator[str]:
        properties = child(paragraph, "pPr")
        style_id = None if properties is None else _value(child(properties, "pStyle"))
        style = self._walk.styles.paragraph(style_id)
        fill = ground_of(properties) or style.ground
        line = Line(self._walk, style.letters, hex_colour(fill) if fill else ground)
        text = line.text(paragraph)
        shown = bool(text.strip())
        if shown or not _is_gone(properties):
            mark = self._number(properties, style_id)
            level = outline_of(properties) or style.level
            counted = mark.strip() not in {"", "-"}
            heading = "#" * level + " " if level else ""
            mark = mark if not (heading and mark.strip() == "-") else ""
            yield f"{heading}{mark}{text}" if shown else mark.rstrip() if counted else ""
        for drawn in line.boxes:
            yield from self._blocks(drawn, None)  # the colour of a shape is not worked out

    def _number(self, properties: Element | None, style_id: str | None) -> str:
        style = self._walk.styles.paragraph(style_id)
        own, level = list_of(properties)
        list_id = style.list_id if own is None else own
        if list_id in {None, "0"}:
            return ""
        if own is None or level is None:
            level = style.list_level if level is None else level
        return self._lists.mark(list_id or "", level, style_id)

    # ── tables ──

    def _table(self, table: Element, ground: Colour | None) -> Iterator[str]:
        properties = child(table, "tblPr")
        style = None if properties is None else _value(child(properties, "tblStyle"))
        ground = None if self._walk.styles.colours_cells(style) else ground
        fill = ground_of(properties)
        yield from table_lines(self._rows(table, hex_colour(fill) if fill else ground))

    def _rows(self, table: Element, ground: Colour | None) -> Iterator[list[Cell]]:
        for element in table:
            name = local(element)
            if name == "tr":
                if (row := self._row(element, ground)) is not None:
                    yield row
            elif name not in LEFT_OUT:
                yield from self._rows(element, ground)

    def _row(self, row: Element, ground: Colour | None) -> list[Cell] | None:
        properties = child(row, "trPr")
        if properties is not None:
            hidden = child(properties, "hidden")
            if hidden is not None and is_on(hidden):
                self._walk.seen.add("hidden")
                return None
            if child(properties, "del") is not None:
                self._walk.seen.add("tracked")
                return None
        before = _count(None if properties is None else child(properties, "gridBefore"), 0)
        return [Cell("")] * before + [self._cell(cell, ground) for cell in _cells(row)]

    def _cell(self, cell: Element, ground: Colour | None) -> Cell:
        properties = child(cell, "tcPr")
        width = _count(None if properties is None else child(properties, "gridSpan"), 1)
        if properties is not None:
            for name in ("vMerge", "hMerge"):
                merge = child(properties, name)
                if merge is not None and _value(merge) != "restart":
                    # What such a cell holds is covered by the one it belongs to.
                    return Cell("", width)
            if child(properties, "cellDel") is not None:
                return Cell("", width)
        fill = ground_of(properties)
        return Cell(cell_text(self._blocks(cell, hex_colour(fill) if fill else ground)), width)


def _cells(row: Element) -> Iterator[Element]:
    for element in row:
        if local(element) == "tc":
            yield element
        elif local(element) not in LEFT_OUT:
            yield from _cells(element)


def _value(element: Element | None) -> str | None:
    return None if element is None else attribute(element, "val")


def _count(element: Element | None, absent: int) -> int:
    value = _value(element) or ""
    return min(int(value), 500) if value.isdecimal() else absent


def _is_gone(properties: Element | None) -> bool:
    """Whether the end of a paragraph is hidden or deleted, so that an empty one leaves no line."""
    mark = None if properties is None else child(properties, "rPr")
    return mark is not None and any(local(e) in {"del", "vanish"} and is_on(e) for e in mark)


def _page_ground(root: Element) -> Colour | None:
    """White paper, unless the page has a colour or something is drawn behind the text."""
    if child(root, "background") is not None:
        return None
    behind = any(attribute(anchor, "behindDoc") in {"1", "true"} for anchor in descendants(root, "anchor"))
    return None if behind else WHITE
