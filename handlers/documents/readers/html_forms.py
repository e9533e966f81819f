"""What the fields of a form show on a web page: what was entered, what is checked, what is chosen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

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
