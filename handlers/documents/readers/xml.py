"""How XML from outside is walked: no document types, names without their namespace."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import ParseError, TreeBuilder, XMLParser

Element = Any
"""An element of the standard library or of lxml: both have `tag`, `text`, `get` and iterate over their children."""

_DOCTYPE = re.compile(rb"<!DOCTYPE", re.IGNORECASE)
_ENCODING = re.compile(rb"\A[\xef\xbb\xbf\s]*<\?xml[^>]{0,200}?\bencoding\s*=\s*[\"']([\w.:-]+)", re.IGNORECASE)
_ENCODINGS = re.compile(
    rb"(?:utf-?8|utf-?16(?:le|be)?|(?:us-)?ascii|iso-8859-\d{1,2}|latin-?1|windows-125\d|cp125\d)$", re.IGNORECASE
)


def check_xml(data: bytes) -> None:
    """Raises ValueError when the part declares a document type, which no Office file does, or may hide one."""
    encoding = _ENCODING.match(data[:500])
    if _DOCTYPE.search(data.replace(b"\0", b"")) or (encoding and not _ENCODINGS.match(encoding[1])):
        raise ValueError("document type declared")


def parse(data: bytes) -> Element:
    """The root element. Raises ValueError for a document type and ParseError for what is no XML, or breaks off."""
    root, whole = parse_start(data)
    if not whole:
        raise ParseError("the part breaks off")
    return root


def parse_start(data: bytes) -> tuple[Element, bool]:
    """The root element, and whether the part is whole; of one that breaks off, what stands before the break.

    Raises ValueError for a document type and ParseError where nothing can be read.
    """
    check_xml(data)
    builder = TreeBuilder()
    parser = XMLParser(target=builder)  # noqa: S314 # a DOCTYPE is refused above, and the child is limited
    try:
        parser.feed(data.lstrip())
        return parser.close(), True
    except ParseError:
        root = builder.close()
        if not isinstance(getattr(root, "tag", None), str) or len(root) == 0:
            raise
        return root, False


def local(element: Element) -> str:
    """The element's name without its namespace; "" for comments and processing instructions."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def attribute(element: Element, name: str) -> str | None:
    """The value of the attribute of that local name, in whatever namespace it stands."""
    for key, value in element.attrib.items():
        if key.rpartition("}")[2] == name:
            return str(value)
    return None


def descendants(element: Element, *names: str) -> Iterator[Element]:
    """Every element below with one of these local names, in document order."""
    return (child for child in element.iter() if local(child) in names)


def child(element: Element, name: str) -> Element | None:
    """The first child of that local name."""
    return next((inner for inner in element if local(inner) == name), None)


def chosen(alternate: Element) -> list[Element]:
    """The content of an mc:AlternateContent to read: its first choice, or the fallback when there is none."""
    branches = [branch for branch in alternate if local(branch) in {"Choice", "Fallback"}]
    best = next((branch for branch in branches if next(descendants(branch, "t"), None) is not None), None)
    best = best if best is not None else next(iter(branches), None)
    return [] if best is None else list(best)


def children(element: Element, name: str) -> Iterator[Element]:
    """Every child of that local name."""
    return (inner for inner in element if local(inner) == name)


def is_on(element: Element | None, *, absent: bool = False) -> bool:
    """Whether a switch of Office XML is on: it is there and its value is not 0, false, off or none."""
    if element is None:
        return absent
    return (attribute(element, "val") or "1").lower() not in {"0", "false", "off", "none"}
