"""A formula of a web page (MathML) as a line of plain text."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element, SubElement

from handlers.documents.writing.maths import mathml


def formula_in(node: Any) -> str:
    """The text of a math element of the page."""
    return mathml(_xml(node))


def _xml(node: Any, depth: int = 0) -> Element:
    """A part of the page as the XML element it stands for."""
    root = Element(node.tag, {name: value or "" for name, value in node.attributes.items()})
    _fill(root, node, depth)
    return root


def _fill(parent: Element, node: Any, depth: int) -> None:
    inner = node.child
    while inner is not None and depth < 80:
        if inner.tag == "-text":
            text = inner.text_content or ""
            last = parent[-1] if len(parent) else None
            if last is None:
                parent.text = (parent.text or "") + text
            else:
                last.tail = (last.tail or "") + text
        elif not inner.tag.startswith("-"):
            made = SubElement(parent, inner.tag, {name: value or "" for name, value in inner.attributes.items()})
            _fill(made, inner, depth + 1)
        inner = inner.next
