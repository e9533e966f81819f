"""The reader of Word documents (.docx): python-docx opens the package, the walk misses nothing in it.

The library's own lists of paragraphs leave out text boxes, nested tables, content controls, notes and comments.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from handlers.documents.limits import Limits
from handlers.documents.readers.drawings import chart_lines, drawn_lines
from handlers.documents.readers.xml import Element, attribute, child, chosen, descendants, local, parse

_LEFT_OUT = {"pPr", "rPr", "tblPr", "trPr", "tcPr", "sectPr", "instrText", "delText", "del", "moveFrom", "sdtPr"}
_BREAKS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_REFERENCES = {"footnoteReference": "[note {}]", "endnoteReference": "[endnote {}]", "commentReference": "[comment {}]"}
_PARTS = {"header", "footer", "footnotes", "endnotes", "comments", "chart", "diagramData"}
_HEADING = re.compile(r"(?:heading|title)\s*(\d?)$", re.IGNORECASE)


def read_word(source: BinaryIO, limits: Limits, notes: list[str]) -> Iterator[str]:  # noqa: ARG001 # the shape of every reader
    """Headers, body, footers, footnotes, endnotes, comments, charts and diagrams, in this order."""
    import docx

    document = docx.Document(source)
    parts = _parts(document.part)
    body = document.element.body
    marks = _marks(document.part)
    yield from _edges("Header", parts.get("header", []))
    yield from _blocks(body, marks)
    yield from _edges("Footer", parts.get("footer", []))
    yield from _notes("Note", "footnote", parts.get("footnotes", []))
    yield from _notes("Endnote", "endnote", parts.get("endnotes", []))
    yield from _notes("Comment", "comment", parts.get("comments", []))
    for data in parts.get("chart", []):
        yield from chart_lines(data)
    for data in parts.get("diagramData", []):
        yield from drawn_lines(data)
    notes.extend(_remarks(body))


def _remarks(body: Element) -> list[str]:
    said = []
    if next(descendants(body, "del", "moveFrom"), None) is not None:
        said.append("It has tracked changes; they were read as accepted.")
    if next(descendants(body, "altChunk"), None) is not None:
        said.append("A document embedded in it was not read.")
    return said


def _parts(main: Any) -> dict[str, list[bytes]]:
    found: dict[str, list[bytes]] = {}
    for relation in main.rels.values():
        kind = relation.reltype.rpartition("/")[2]
        if kind in _PARTS and not relation.is_external:
            found.setdefault(kind, []).append(relation.target_part.blob)
    return found


def _marks(main: Any) -> Mapping[str, str]:
    """Ids of the styles of headings and list items, and what stands before their text."""
    marks = {}
    for style in descendants(main.styles.element, "style"):
        name = child(style, "name")
        match = _HEADING.match((attribute(name, "val") or "") if name is not None else "")
        if match:
            marks[attribute(style, "styleId") or ""] = "#" * int(match[1] or 1) + " "
        elif next(descendants(style, "numPr"), None) is not None:
            marks[attribute(style, "styleId") or ""] = "- "
    return marks


def _edges(label: str, parts: list[bytes]) -> Iterator[str]:
    seen = set()
    for data in parts:
        text = " / ".join(line.strip() for line in _blocks(parse(data), {}) if line.strip())
        if text and text not in seen:
            seen.add(text)
            yield f"[{label}] {text}"


def _notes(label: str, name: str, parts: list[bytes]) -> Iterator[str]:
    for data in parts:
        for note in descendants(parse(data), name):
            text = " / ".join(line.strip() for line in _blocks(note, {}) if line.strip())
            author = attribute(note, "author")
            if text and attribute(note, "type") not in {"separator", "continuationSeparator"}:
                yield f"[{label} {attribute(note, 'id')}{f', {author}' if author else ''}] {text}"


def _blocks(parent: Element, marks: Mapping[str, str]) -> Iterator[str]:
    for element in parent:
        name = local(element)
        if name == "p":
            yield from _paragraph(element, marks)
        elif name == "tbl":
            yield from _rows(element, marks)
        elif name == "AlternateContent":
            for inner in chosen(element):
                yield from _blocks(inner, marks)
        elif name not in _LEFT_OUT:
            yield from _blocks(element, marks)


def _rows(table: Element, marks: Mapping[str, str]) -> Iterator[str]:
    for element in table:
        if local(element) == "tr":
            yield "\t".join(_cell(cell, marks) for cell in _cells(element))
        elif local(element) not in _LEFT_OUT:
            yield from _rows(element, marks)


def _cells(row: Element) -> Iterator[Element]:
    for element in row:
        if local(element) == "tc":
            yield element
        elif local(element) not in _LEFT_OUT:
            yield from _cells(element)


def _cell(cell: Element, marks: Mapping[str, str]) -> str:
    lines = (line.strip().replace("\t", " | ").replace("\n", " / ") for line in _blocks(cell, marks))
    return " / ".join(line for line in lines if line)


def _paragraph(paragraph: Element, marks: Mapping[str, str]) -> Iterator[str]:
    boxes: list[Element] = []
    text = "".join(_inline(paragraph, boxes))
    yield _mark(paragraph, marks) + text if text.strip() else ""
    for box in boxes:
        yield from _blocks(box, marks)


def _mark(paragraph: Element, marks: Mapping[str, str]) -> str:
    properties = child(paragraph, "pPr")
    if properties is None:
        return ""
    style = child(properties, "pStyle")
    if style is not None and (mark := marks.get(attribute(style, "val") or "")):
        return mark
    return "- " if child(properties, "numPr") is not None else ""


def _inline(parent: Element, boxes: list[Element]) -> Iterator[str]:
    for element in parent:
        name = local(element)
        if name == "t":
            yield element.text or ""
        elif name == "txbxContent":
            boxes.append(element)
        elif name == "AlternateContent":
            for inner in chosen(element):
                yield from _inline([inner], boxes)
        elif name in _BREAKS:
            yield _BREAKS[name]
        elif name in _REFERENCES:
            yield _REFERENCES[name].format(attribute(element, "id"))
        elif name not in _LEFT_OUT:
            yield from _inline(element, boxes)
