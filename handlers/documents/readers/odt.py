"""The reader of OpenDocument texts (.odt): everything that is drawn, in the order of the document."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from bot.errors import Refused
from handlers.documents.limits import Limits
from handlers.documents.parts import DAMAGED, Package
from handlers.documents.readers.odt_forms import control_states, field_entry
from handlers.documents.readers.odt_lists import Label, OdtLists, OpenList, start_value
from handlers.documents.readers.odt_shape import count_of, hidden_columns, is_shut, page_ground, without_names
from handlers.documents.readers.odt_styles import Look, OdtStyles
from handlers.documents.readers.xml import Element, attribute, child, descendants, local
from handlers.documents.remarks import HIDDEN, TRACKED
from handlers.documents.writing.colours import Colour, hex_colour, is_lost
from handlers.documents.writing.grid import Cell, cell_text, table_lines
from handlers.documents.writing.maths import mathml
from handlers.documents.writing.styled import Piece, joined
from handlers.documents.writing.symbols import in_font

_LEFT_OUT = {
    "tracked-changes", "sequence-decls", "forms", "variable-decls", "user-field-decls", "note-citation",
    "dde-connection-decls", "event-listeners", "alphabetical-index-auto-mark-file", "table-columns", "table-column",
    "image", "glue-point", "contour-polygon", "contour-path",
}  # fmt: skip
_SHAPES = {"frame", "rect", "custom-shape", "ellipse", "circle", "g", "line", "polygon", "path", "connector", "caption",
           "regular-polygon", "polyline", "measure", "a", "control"}  # fmt: skip
_REPEATS = 100
"""Cells and rows repeated more often than this are the empty rest of a table."""


def read_odt(source: BinaryIO, limits: Limits, notes: list[str]) -> Iterator[str]:
    """Headers, body with notes and comments where they stand, footers."""
    with Package(source, limits) as package:
        content = package.xml("content.xml")
        if content is None:
            raise Refused(DAMAGED)
        styles = package.xml("styles.xml")
        text = _Reading(package, content, OdtStyles(content, styles), styles)
        edges = _Reading(package, content, OdtStyles(styles), styles)
        yield from edges.edges("Header", styles, "header")
        body = next(descendants(content, "body"), None)
        yield from text.blocks(body if body is not None else content)
        yield from edges.edges("Footer", styles, "footer")
        if next(descendants(content, "deletion"), None) is not None:
            notes.append(TRACKED)
        if text.hidden or edges.hidden:
            notes.append(HIDDEN)
        notes.extend(package.remarks())


@dataclass(slots=True)
class _Line:
    """One paragraph on its way to a line."""

    pieces: list[Piece] = field(default_factory=list)
    boxes: list[Element] = field(default_factory=list)
    hidden: bool = False


class _Reading:
    """One part being read, and what has been noticed in it."""

    def __init__(self, package: Package, content: Element, styles: OdtStyles, common: Element | None) -> None:
        self._package = package
        self._styles = styles
        self._controls = control_states(content)
        self._lists = OdtLists(styles)
        layers = () if common is None else descendants(common, "layer")
        self._shut = {
            attribute(layer, "name") for layer in layers if attribute(layer, "display") in {"none", "printer"}
        }
        self._page = page_ground(common)
        self.hidden = False

    def edges(self, label: str, styles: Element | None, name: str) -> Iterator[str]:
        """Headers or footers, each on a line of its own."""
        seen = set()
        for edge in () if styles is None else descendants(styles, name, f"{name}-left", f"{name}-first"):
            text = " / ".join(line.strip() for line in self.blocks(edge) if line.strip())
            if attribute(edge, "display") != "false" and text and text not in seen:
                seen.add(text)
                yield f"[{label}] {text}"

    def blocks(self, parent: Element) -> Iterator[str]:
        """Every line of what is within."""
        yield from self._blocks(parent, self._page, Label())

    def _blocks(self, parent: Element, ground: Colour | None, item: Label) -> Iterator[str]:
        for element in parent:
            name = local(element)
            if name in {"p", "h"}:
                yield from self._paragraph(element, ground, item)
            elif name == "list":
                yield from self._list(element, ground, item.around)
            elif name == "numbered-paragraph":
                yield from self._numbered(element, ground)
            elif name == "table":
                yield from self._table(element, ground)
            elif name == "section" and attribute(element, "display") in {"none", "condition"} and is_shut(element):
                self.hidden = True
            elif name in _SHAPES:
                yield from self._shape_lines(element)
            elif name not in _LEFT_OUT:
                yield from self._blocks(element, ground, item)

    # ── lists ──

    def _list(self, element: Element, ground: Colour | None, around: OpenList | None) -> Iterator[str]:
        current = self._lists.opened(element, around)
        for item in element:
            name = local(item)
            if name == "list-item":
                yield from self._blocks(item, ground, Label(current, start_value(item)))
            elif name == "list-header":
                yield from self._blocks(item, ground, Label(current, used=True))

    def _numbered(self, element: Element, ground: Colour | None) -> Iterator[str]:
        yield from self._blocks(element, ground, Label(self._lists.numbered(element), start_value(element)))

    # ── paragraphs ──

    def _paragraph(self, paragraph: Element, ground: Colour | None, item: Label) -> Iterator[str]:
        style = self._styles.style("paragraph", attribute(paragraph, "style-name"))
        level = attribute(paragraph, "outline-level") if local(paragraph) == "h" else None
        heading = "#" * min(int(level), 6) + " " if level and level.isdecimal() else ""
        line = _Line()
        self._inline(paragraph, line, style.look, hex_colour(style.fill) if style.fill else ground)
        text = "" if line.hidden else joined(line.pieces)
        if line.hidden:
            self.hidden = True
        elif text.strip():
            mark = self._lists.mark(paragraph, item, style.list_style)
            yield heading + (mark if not heading or mark.strip() != "-" else "") + text
        else:
            yield ""
        for drawn in line.boxes:
            yield from self._blocks(drawn, None, Label())

    def _inline(self, parent: Element, line: _Line, look: Look, ground: Colour | None) -> None:
        self._add(parent.text or "", line, look, ground)
        for element in parent:
            self._element(element, line, look, ground)
            self._add(element.tail or "", line, look, ground)

    def _add(self, text: str, line: _Line, look: Look, ground: Colour | None) -> None:
        if not text:
            return
        if look.hidden or is_lost(look.colour, look.ground or ground):
            self.hidden = self.hidden or bool(text.strip())
            return
        line.pieces.append(Piece(in_font(text, look.font), look.place, look.struck))

    def _element(self, element: Element, line: _Line, look: Look, ground: Colour | None) -> None:
        name = local(element)
        if name in {"s", "tab", "line-break"}:
            self._add(_space(element, name), line, look, ground)
        elif name in {"note", "annotation"}:
            label, inner = ("Note", "note-body") if name == "note" else ("Comment", None)
            line.pieces.append(Piece(f" [{label}: {self._aside(element, inner)}]"))
        elif name == "span":
            own = self._styles.style("text", attribute(element, "style-name"), look)
            self._inline(element, line, own.look, ground)
        elif name in {"hidden-text", "hidden-paragraph"}:
            self._conditional(element, name, line)
        elif name == "ruby":
            self._ruby(element, line, look, ground)
        elif (entry := field_entry(element)) is not None:
            line.pieces.append(Piece(entry))
        elif name in _SHAPES and name != "a":
            self._shape(element, line)
        elif name not in _LEFT_OUT:
            self._inline(element, line, look, ground)

    def _conditional(self, element: Element, name: str, line: _Line) -> None:
        if name == "hidden-paragraph":
            line.hidden = line.hidden or attribute(element, "is-hidden") == "true"
        elif attribute(element, "is-hidden") == "false":
            line.pieces.append(Piece(element.text or attribute(element, "string-value") or ""))
        else:
            self.hidden = True

    def _ruby(self, ruby: Element, line: _Line, look: Look, ground: Colour | None) -> None:
        for part in ruby:
            if local(part) == "ruby-base":
                self._inline(part, line, look, ground)
            elif local(part) == "ruby-text" and (reading := "".join(part.itertext()).strip()):
                line.pieces.append(Piece(f"({reading})"))

    def _aside(self, element: Element, inner: str | None) -> str:
        body = child(element, inner) if inner else element
        if body is None:
            return ""
        lines = (line.strip() for line in self._blocks(body, None, Label()))
        return " / ".join(line for line in lines if line)

    # ── shapes ──

    def _is_shut(self, shape: Element) -> bool:
        return (
            attribute(shape, "layer") in self._shut
            or attribute(shape, "visible") == "false"
            or attribute(shape, "display") in {"none", "printer"}
        )

    def _shape(self, shape: Element, line: _Line) -> None:
        """Formulas and form controls stand in the line; text in shapes is read after it."""
        if self._is_shut(shape):
            self.hidden = True
            return
        if local(shape) == "control":
            line.pieces.append(Piece(self._controls.get(attribute(shape, "control") or "", "")))
            return
        for element in shape:
            if local(element) == "object" and (formula := self._formula(element)):
                line.pieces.append(Piece(formula))
                return
        line.boxes.append(without_names(shape))

    def _shape_lines(self, shape: Element) -> Iterator[str]:
        line = _Line()
        self._shape(shape, line)
        if text := joined(line.pieces):
            yield text
        for drawn in line.boxes:
            yield from self._shapes_within(drawn)

    def _shapes_within(self, shape: Element) -> Iterator[str]:
        for element in shape:
            if local(element) in _SHAPES:
                yield from self._shape_lines(element)
            elif local(element) not in _LEFT_OUT:
                yield from self._blocks([element], None, Label())

    def _formula(self, holder: Element) -> str:
        """The formula that stands in a part of its own, or in the object itself."""
        inside = next(descendants(holder, "math"), None)
        if inside is not None:
            return mathml(inside)
        name = (attribute(holder, "href") or "").removeprefix("./").strip("/")
        root = self._package.xml(f"{name}/content.xml") if name and "://" not in name else None
        return mathml(root) if root is not None and local(root) == "math" else ""

    # ── tables ──

    def _table(self, table: Element, ground: Colour | None) -> Iterator[str]:
        fill = self._styles.style("table", attribute(table, "style-name")).fill
        hidden = set(hidden_columns(table))
        self.hidden = self.hidden or bool(hidden)
        yield from table_lines(self._rows(table, hex_colour(fill) if fill else ground, hidden))

    def _rows(self, table: Element, ground: Colour | None, hidden: set[int]) -> Iterator[list[Cell]]:
        for element in table:
            name = local(element)
            if name == "table-row":
                if (attribute(element, "visibility") or "visible") != "visible":
                    self.hidden = True
                    continue
                cells = [cell for at, cell in enumerate(self._cells(element, ground)) if at not in hidden]
                written = any(cell.text for cell in cells)
                yield from [cells] * (min(count_of(element, "number-rows-repeated"), _REPEATS) if written else 1)
            elif name.startswith("table-") and name not in _LEFT_OUT:
                yield from self._rows(element, ground, hidden)

    def _cells(self, row: Element, ground: Colour | None) -> Iterator[Cell]:
        for cell in row:
            name = local(cell)
            if name not in {"table-cell", "covered-table-cell"}:
                continue
            fill = self._styles.style("table-cell", attribute(cell, "style-name")).fill
            inside = hex_colour(fill) if fill else ground
            # What a covered cell holds lies under another one.
            text = cell_text(self._blocks(cell, inside, Label())) if name == "table-cell" else ""
            count = count_of(cell, "number-columns-repeated")
            yield from [Cell(text)] * (count if count <= _REPEATS else 1)


def _space(element: Element, name: str) -> str:
    count = attribute(element, "c") or "1"
    spaces = " " * (int(count) if count.isdecimal() and len(count) <= 3 else 1)
    return {"tab": "\t", "line-break": "\n"}.get(name, spaces)
