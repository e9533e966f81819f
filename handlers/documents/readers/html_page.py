"""The walk through a web page: every element once, in order, with what holds for the letters in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from handlers.documents.readers.css import (
    Declarations,
    Letters,
    cascade,
    declarations,
    is_removed,
    sheet_styles,
)
from handlers.documents.readers.html_alone import chosen_entries, entry, formula_in, link_host, measured
from handlers.documents.readers.html_letters import letters_in, of_attributes
from handlers.documents.readers.html_lists import HtmlList, list_numeral, list_of
from handlers.documents.writing.colours import is_lost
from handlers.documents.writing.grid import Cell, cell_text, table_lines
from handlers.documents.writing.styled import Piece, joined

_UNSEEN = {
    "script", "style", "template", "noscript", "iframe", "object", "datalist", "head", "audio", "video", "canvas",
    "noframes", "embed", "rp", "applet", "frameset", "-comment", "-doctype", "param", "source", "track", "map",
}  # fmt: skip
_BLOCK = {
    "p", "div", "section", "article", "header", "footer", "main", "nav", "aside", "ul", "ol", "dl", "dt", "dd",
    "li", "blockquote", "pre", "form", "fieldset", "legend", "figure", "figcaption", "address", "title", "h1", "h2",
    "h3", "h4", "h5", "h6", "hr", "body", "html", "caption", "details", "summary", "menu", "dir", "center", "hgroup",
    "search", "dialog", "listing", "xmp", "plaintext", "optgroup", "marquee",
}  # fmt: skip
_KEPT_SPACE, _KEPT_TAB = "\ufdd0", "\ufdd1"
"""Spaces and tabs of preformatted text until lines are tidied: two code points that no text may hold."""
_LONG_CELL = 12
"""Lines of a cell from which on a table lays out a page rather than showing data."""


@dataclass(slots=True)
class _Table:
    """A table that is open: its finished rows, and the text of each cell as lines."""

    layout: bool
    rows: list[list[tuple[list[str], int, int]]] = field(default_factory=list)
    captions: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Open:
    """An element that is open, and what was around it."""

    tag: str
    around: Letters
    closing: str = ""


class Page:
    """One page on its way to lines. Buffers nest: the page's, and one for each cell and marked quote that is open."""

    def __init__(self, tree: Any, *, marks_quotes: bool = False) -> None:
        self._tree = tree
        self._marks_quotes = marks_quotes
        self._letters = Letters()
        self._buffers: list[list[Piece]] = [[]]
        self._tables: list[_Table] = []
        self._lists: list[HtmlList] = []
        self._mark: Piece | None = None
        sheets = [node.text() or "" for node in tree.css("style")[:50]]
        self._styles = sheet_styles(tree, sheets) if any(sheets) else {}

    def lines(self) -> Iterator[str]:
        """The lines a person sees, never two empty ones in a row."""
        titles = self._tree.css("head > title")[:1]
        if titles and (title := " ".join((titles[0].text() or "").split())):
            self._put(title)
            self._break()
        if self._tree.root is not None:
            self._walk(self._tree.root)
        yield from _tidied(joined(self._buffers[0]))

    def _walk(self, root: Any) -> None:
        """Depth first without recursion: pages of strangers nest as deep as they like."""
        stack: list[tuple[Any, _Open | None]] = [(root, None)]
        while stack:
            node, opened = stack.pop()
            if opened is not None:
                self._leave(node, opened)
                continue
            if node is not root and node.next is not None:
                stack.append((node.next, None))
            if node.tag == "-text":
                self._text(node.text_content or "")
                continue
            opened = self._enter(node)
            if opened is not None:
                stack.append((node, opened))
                if node.child is not None:
                    stack.append((node.child, None))

    # ── letters ──

    def _text(self, text: str) -> None:
        if not text or self._unseen():
            return
        clean = text.replace(_KEPT_SPACE, "").replace(_KEPT_TAB, "")
        if self._letters.kept:
            self._put(clean.replace("\t", _KEPT_TAB).replace(" ", _KEPT_SPACE))
        elif not (self._tables and len(self._buffers) <= len(self._tables) and not clean.strip()):
            self._put(re.sub(r"[^\S\u00a0]+", " ", clean))

    def _unseen(self) -> bool:
        letters = self._letters
        return letters.invisible or letters.tiny or letters.clear or is_lost(letters.colour, letters.ground)

    def _put(self, text: str) -> None:
        self._buffers[-1].append(Piece(text, self._letters.place, self._letters.struck and text.strip() != ""))

    def _break(self) -> None:
        """Begin a new line, where one is not begun already."""
        buffer = self._buffers[-1]
        if buffer and not buffer[-1].text.endswith("\n") and buffer[-1] is not self._mark:
            buffer.append(Piece("\n"))

    # ── elements ──

    def _enter(self, node: Any) -> _Open | None:
        """Begin an element; None when nothing in it is to be walked through."""
        tag = node.tag
        values = {name: value or "" for name, value in node.attributes.items()}
        layers = (of_attributes(tag, values), self._styles.get(node.mem_id), declarations(values.get("style", "")))
        style = cascade(*filter(None, layers)) if any(layers) else {}
        if (
            tag in _UNSEEN
            or "hidden" in values
            or (style and is_removed(style))
            or (tag == "dialog" and "open" not in values)
        ):
            return None
        opened = _Open(tag, self._letters)
        self._letters = letters_in(tag, style, self._letters)
        if self._alone(node, tag, values):
            self._letters = opened.around
            return None
        self._begin(node, opened, values, style)
        if tag == "blockquote" and self._marks_quotes:
            self._buffers.append([])
        return opened

    def _alone(self, node: Any, tag: str, values: dict[str, str]) -> bool:
        """Elements that show something by themselves; whether this is one."""
        unseen = self._letters.invisible
        if tag == "br":
            self._buffers[-1].append(Piece("\n"))
        elif tag == "img":
            alt = " ".join(values.get("alt", "").split())
            self._put(f"[picture: {alt}]" if alt and not unseen else "")
        elif tag == "input":
            self._put(f" {entry(values)} " if not unseen else "")
        elif tag == "select":
            self._put(f" {chosen_entries(node)} " if not unseen else "")
        elif tag in {"progress", "meter"}:
            self._put(measured(tag, values))
        elif tag == "math":
            self._put(f" {formula_in(node)} " if not unseen else "")
        elif tag == "svg":
            self._drawn(node)
        else:
            return False
        return True

    def _drawn(self, svg: Any) -> None:
        if self._letters.invisible:
            return
        for text in svg.css("text"):
            values = {name: value or "" for name, value in text.attributes.items()}
            style = cascade({k: v.lower() for k, v in values.items()}, declarations(values.get("style", "")))
            if not is_removed(style) and values.get("fill", "").lower() not in {"none", "white", "#fff", "#ffffff"}:
                self._break()
                self._put(" ".join((text.text() or "").split()))
                self._break()

    def _begin(self, node: Any, opened: _Open, values: dict[str, str], style: Declarations) -> None:
        tag = opened.tag
        if tag == "table":
            self._break()
            self._tables.append(_Table(values.get("role", "").lower() in {"presentation", "none"}))
        elif tag == "tr" and self._tables:
            self._tables[-1].rows.append([])
        elif tag in {"td", "th"} and self._tables:
            self._buffers.append([])
        elif tag in _BLOCK or style.get("display") == "block":
            self._break()
            opened.closing = "\n"
        if tag in {"ol", "ul", "menu", "dir"}:
            self._lists.append(list_of(node, tag, values, style))
        elif tag == "li":
            self._item(values)
        elif tag == "a":
            host = link_host(values.get("href", ""))
            opened.closing = f" ({host})" if host else ""
        elif tag in {"rt", "rtc"}:
            self._put("(")
            opened.closing = ")"
        elif tag == "q":
            self._put("“")
            opened.closing = "”"

    def _item(self, values: dict[str, str]) -> None:
        current = self._lists[-1] if self._lists else HtmlList("")
        if values.get("value", "").lstrip("-").isdecimal() and current.form:
            current.number = int(values["value"][:9])
        mark = f"{list_numeral(current.number, current.form)}. " if current.form else "- "
        current.number += current.step
        if not self._letters.invisible:
            self._mark = Piece(_KEPT_SPACE * 2 * max(len(self._lists) - 1, 0) + mark)
            self._buffers[-1].append(self._mark)

    def _leave(self, node: Any, opened: _Open) -> None:
        tag = opened.tag
        if tag in {"td", "th"} and self._tables and len(self._buffers) > 1:
            self._end_cell(node)
        elif tag == "table" and self._tables:
            self._end_table(self._tables.pop())
        elif tag == "blockquote" and self._marks_quotes and len(self._buffers) > 1:
            self._end_quote()
        if tag in {"ol", "ul", "menu", "dir"} and self._lists:
            self._lists.pop()
        if opened.closing and not (self._letters.invisible and opened.closing != "\n"):
            self._put(opened.closing) if opened.closing != "\n" else self._break()
        self._letters = opened.around

    def _end_quote(self) -> None:
        lines = _tidied(joined(self._buffers.pop()))
        self._buffers[-1].append(Piece("".join(f"{_kept(f'> {line}'.rstrip())}\n" for line in lines)))

    # ── tables ──

    def _end_cell(self, cell: Any) -> None:
        lines = list(_tidied(joined(self._buffers.pop())))
        rows = self._tables[-1].rows or [[]]
        self._tables[-1].rows = rows
        values = cell.attributes
        down = _span(values.get("rowspan"))
        rows[-1].append((lines, _span(values.get("colspan")) or 1, 1000 if down == 0 else down or 1))

    def _end_table(self, table: _Table) -> None:
        """A table of data as a grid; one that only lays out the page as its cells one after another."""
        rows = [row for row in table.rows if row]
        layout = table.layout or all(len(row) == 1 for row in rows)
        layout = layout or any(sum(map(bool, lines)) > _LONG_CELL for row in rows for lines, _, _ in row)
        if layout:
            lines = [line for row in rows for cell, _, _ in row for line in cell]
        else:
            lines = list(
                table_lines([Cell(cell_text(text), across, down) for text, across, down in row] for row in rows)
            )
        self._break()
        self._buffers[-1].append(Piece("".join(f"{_kept(line)}\n" for line in lines)))


def _kept(line: str) -> str:
    """A finished line, guarded against being tidied again."""
    return line.replace("\t", _KEPT_TAB).replace(" ", _KEPT_SPACE)


def _tidied(text: str) -> Iterator[str]:
    blank = True
    lines = text.split("\n")
    while lines and not lines[-1].strip():
        lines.pop()
    for line in lines:
        shown = " ".join(line.split()).replace(_KEPT_SPACE, " ").replace(_KEPT_TAB, "\t").rstrip()
        if shown or not blank:
            yield shown
        blank = not shown


def _span(value: str | None) -> int | None:
    return min(int(value), 1000) if value and value.strip().isdecimal() and len(value) < 6 else None
