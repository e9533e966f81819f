"""What an element of an OpenDocument text says about itself: whether it is shown, how often it is repeated."""

from __future__ import annotations

from collections.abc import Iterator

from handlers.documents.readers.xml import Element, attribute, child, descendants, local
from handlers.documents.writing.colours import WHITE, Colour


def count_of(element: Element, name: str) -> int:
    value = attribute(element, name) or "1"
    return int(value) if value.isdecimal() and len(value) <= 9 else 1


def hidden_columns(table: Element) -> Iterator[int]:
    at = 0
    for column in _columns(table):
        count = min(count_of(column, "number-columns-repeated"), 1000)
        if (attribute(column, "visibility") or "visible") != "visible":
            yield from range(at, at + count)
        at += count


def _columns(parent: Element) -> Iterator[Element]:
    for element in parent:
        if local(element) == "table-column":
            yield element
        elif local(element) in {"table-columns", "table-header-columns", "table-column-group"}:
            yield from _columns(element)


def page_ground(styles: Element | None) -> Colour | None:
    """White paper, unless some page has a colour or a picture behind the text."""
    for page in () if styles is None else descendants(styles, "page-layout-properties"):
        fill = attribute(page, "background-color")
        if (fill and fill != "transparent") or child(page, "background-image") is not None:
            return None
    return WHITE


def is_shut(section: Element) -> bool:
    return attribute(section, "display") == "none" or attribute(section, "is-hidden") == "true"


def without_names(shape: Element) -> list[Element]:
    """What a shape holds, without its name and description, which nobody sees."""
    return [element for element in shape if local(element) not in {"title", "desc"}]
