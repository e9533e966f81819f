"""Elements of a web page that show something by themselves: fields of a form with their state, formulas, links."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, SubElement

from handlers.documents.writing.maths import mathml
from handlers.documents.writing.symbols import box

_BUTTONS = {"submit": "Submit", "reset": "Reset", "button": "", "image": ""}
_UNSEEN = {"hidden", "password", "file"}


def entry(values: Mapping[str, str]) -> str:
    """What an input element shows; "" when it shows nothing."""
    kind = values.get("type", "text").lower()
    if kind in _UNSEEN:
        return ""
    if kind in {"checkbox", "radio"}:
        return box("checked" in values)
    text = " ".join(values.get("value", _BUTTONS.get(kind, "")).split())
    return values.get("alt", text) if kind == "image" else text


def chosen_entries(select: Any) -> str:
    """The chosen entries of a select element; every entry with its state where several can be chosen."""
    options = select.css("option")
    several = "multiple" in select.attributes
    if several:
        return ", ".join(f"{box('selected' in option.attributes)} {_label(option)}" for option in options)
    picked = [option for option in options if "selected" in option.attributes][-1:]
    usable = [option for option in options if "disabled" not in option.attributes]
    return ", ".join(_label(option) for option in picked or usable[:1])


def _label(option: Any) -> str:
    return " ".join((option.attributes.get("label") or option.text() or "").split())


def measured(tag: str, values: Mapping[str, str]) -> str:
    """What a progress bar or a gauge shows."""
    value = values.get("value", "")
    most = values.get("max", "1")
    return f"[{tag}: {value} of {most}]" if value else ""


def link_host(href: str) -> str:
    """The host of a link, or the address of a mailto; "" for links within the page and broken ones."""
    try:
        parts = urlsplit(href.strip())
    except ValueError:
        return ""
    if parts.scheme == "mailto":
        return parts.path[:200]
    return (parts.hostname or "") if parts.scheme in {"http", "https", ""} else ""


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
