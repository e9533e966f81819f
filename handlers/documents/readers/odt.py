"""The reader of OpenDocument texts (.odt): content.xml walked in order, headers and footers around it."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from typing import BinaryIO

from handlers.documents.limits import Limits
from handlers.documents.readers.xml import Element, attribute, child, descendants, local, parse

_LEFT_OUT = {"tracked-changes", "sequence-decls", "forms", "variable-decls", "user-field-decls", "note-citation"}
_REPEATS = 100
"""Cells repeated more often than this are the empty rest of a row."""


def read_odt(source: BinaryIO, limits: Limits, notes: list[str]) -> Iterator[str]:  # noqa: ARG001 # the shape of every reader
    """Headers, body with notes and comments where they stand, footers."""
    with zipfile.ZipFile(source) as package:
        content = parse(package.read("content.xml"))
        styles = parse(package.read("styles.xml")) if "styles.xml" in package.namelist() else None
    yield from _edges("Header", styles, "header")
    body = next(descendants(content, "body"), None)
    yield from _blocks(body if body is not None else content)
    yield from _edges("Footer", styles, "footer")
    if next(descendants(content, "deletion"), None) is not None:
        notes.append("It has tracked changes; they were read as accepted.")


def _edges(label: str, styles: Element | None, name: str) -> Iterator[str]:
    if styles is None:
        return
    for edge in descendants(styles, name):
        if text := " / ".join(line.strip() for line in _blocks(edge) if line.strip()):
            yield f"[{label}] {text}"


def _blocks(parent: Element) -> Iterator[str]:
    for element in parent:
        name = local(element)
        if name in {"p", "h"}:
            yield from _paragraph(element)
        elif name == "table-row":
            yield "\t".join(_cells(element))
        elif name == "list-item":
            yield from (f"- {line}" if line else "" for line in _blocks(element))
        elif name not in _LEFT_OUT:
            yield from _blocks(element)


def _cells(row: Element) -> Iterator[str]:
    for cell in row:
        if local(cell) not in {"table-cell", "covered-table-cell"}:
            continue
        lines = (line.strip().replace("\t", " | ").replace("\n", " / ") for line in _blocks(cell))
        repeats = attribute(cell, "number-columns-repeated") or "1"
        count = int(repeats) if repeats.isdecimal() and len(repeats) <= 3 else 1
        yield from [" / ".join(line for line in lines if line)] * (count if count <= _REPEATS else 1)


def _paragraph(paragraph: Element) -> Iterator[str]:
    boxes: list[Element] = []
    level = attribute(paragraph, "outline-level") if local(paragraph) == "h" else None
    mark = "#" * min(int(level), 6) + " " if level and level.isdecimal() else ""
    text = "".join(_inline(paragraph, boxes))
    yield mark + text if text.strip() else ""
    for box in boxes:
        yield from _blocks(box)


def _inline(parent: Element, boxes: list[Element]) -> Iterator[str]:
    yield parent.text or ""
    for element in parent:
        name = local(element)
        if name == "s":
            count = attribute(element, "c") or "1"
            yield " " * (int(count) if count.isdecimal() and len(count) <= 3 else 1)
        elif name in {"tab", "line-break"}:
            yield "\t" if name == "tab" else "\n"
        elif name == "note":
            yield f" [Note: {_aside(element, 'note-body')}]"
        elif name == "annotation":
            yield f" [Comment: {_aside(element, None)}]"
        elif name == "text-box":
            boxes.append(element)
        elif name not in _LEFT_OUT:
            yield from _inline(element, boxes)
        yield element.tail or ""


def _aside(element: Element, inner: str | None) -> str:
    body = child(element, inner) if inner else element
    return "" if body is None else " / ".join(line.strip() for line in _blocks(body) if line.strip())
