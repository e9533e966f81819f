"""The reader of PowerPoint presentations (.pptx): every slide in order, with its notes and charts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from handlers.documents.limits import Limits
from handlers.documents.readers.drawings import chart_lines, drawn_lines, paragraph_text
from handlers.documents.readers.xml import Element, attribute, child, chosen, descendants, local

_CHROME = {"sldNum", "dt", "sldImg"}
_NOTES_CHROME = _CHROME | {"hdr", "ftr"}


def read_slides(source: BinaryIO, limits: Limits, notes: list[str]) -> Iterator[str]:  # noqa: ARG001 # the shape of every reader
    """Each slide under its number: shapes in their order, groups and tables included, charts, notes, comments."""
    import pptx

    show = pptx.Presentation(source)
    for number, slide in enumerate(show.slides, 1):
        hidden = " [hidden]" if slide.element.get("show") in {"0", "false"} else ""
        yield f"## Slide {number}{hidden}"
        yield from _shapes(slide.element, _CHROME, slide.part)
        if slide.has_notes_slide:
            lines = list(_shapes(slide.notes_slide.element, _NOTES_CHROME, slide.notes_slide.part))
            yield from (f"[Notes] {line}" for line in lines)
        yield from _comments(slide.part)
        yield ""


def _shapes(parent: Element, chrome: set[str], part: Any) -> Iterator[str]:
    for element in parent:
        name = local(element)
        if name == "sp" and _placeholder(element) in chrome:
            continue
        if name == "p":
            if text := paragraph_text(element).rstrip():
                yield text
        elif name == "tbl":
            yield from (_row(row) for row in descendants(element, "tr"))
        elif name == "AlternateContent":
            for inner in chosen(element):
                yield from _shapes([inner], chrome, part)
        elif name in {"chart", "relIds"}:
            yield from _linked(element, part)
        else:
            yield from _shapes(element, chrome, part)


def _placeholder(shape: Element) -> str:
    place = next(descendants(shape, "ph"), None)
    return "" if place is None else attribute(place, "type") or ""


def _row(row: Element) -> str:
    return "\t".join(_cell(cell) for cell in row if local(cell) == "tc")


def _cell(cell: Element) -> str:
    body = child(cell, "txBody")
    lines = [] if body is None else [paragraph_text(p).strip().replace("\n", " / ") for p in descendants(body, "p")]
    return " / ".join(line for line in lines if line)


def _linked(element: Element, part: Any) -> Iterator[str]:
    """A chart (by r:id) or a diagram (by r:dm) that stands in a part of its own."""
    relation = part.rels.get(attribute(element, "id") or attribute(element, "dm") or "")
    if relation is None or relation.is_external:
        return
    if local(element) == "chart":
        yield from chart_lines(relation.target_part.blob)
    else:
        yield from drawn_lines(relation.target_part.blob)


def _comments(part: Any) -> Iterator[str]:
    from handlers.documents.readers.xml import parse

    for relation in part.rels.values():
        if not relation.is_external and relation.reltype.rpartition("/")[2] == "comments":
            for comment in descendants(parse(relation.target_part.blob), "cm"):
                yield f"[Comment] {paragraph_text(comment).strip()}"
