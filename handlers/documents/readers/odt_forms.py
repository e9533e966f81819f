"""What form controls and fields of an OpenDocument text show: what is checked, chosen or entered."""

from __future__ import annotations

from handlers.documents.readers.xml import Element, attribute, children, descendants, local
from handlers.documents.writing.symbols import box

_ON = {"true", "checked", "1"}


def control_states(root: Element) -> dict[str, str]:
    """What each form control shows, by the id that its shape names."""
    states = {}
    for forms in descendants(root, "forms"):
        for control in forms.iter():
            name = attribute(control, "id") if isinstance(control.tag, str) else None
            if name:
                states[name] = _state(control)
    return states


def _state(control: Element) -> str:
    kind, label = local(control), attribute(control, "label") or ""
    if kind in {"checkbox", "radio"}:
        names = ("current-state", "state") if kind == "checkbox" else ("current-selected", "selected")
        state = next((value for name in names if (value := attribute(control, name)) is not None), "")
        return f"{box(state in _ON)} {label}".strip()
    if kind == "listbox":
        return ", ".join(
            attribute(option, "label") or "" for option in children(control, "option") if _is_chosen(option)
        )
    if kind in {"password", "hidden", "file", "image"}:
        return ""
    value = attribute(control, "current-value") or attribute(control, "value") or ""
    return value or (label if kind in {"button", "fixed-text", "frame"} else "")


def _is_chosen(option: Element) -> bool:
    chosen = attribute(option, "current-selected")
    return (chosen if chosen is not None else attribute(option, "selected")) in _ON


def field_entry(mark: Element) -> str | None:
    """What a content control or a form field that came from Word shows; None for what shows its own text."""
    if local(mark) == "content-control":
        return box(attribute(mark, "checked") == "true") if attribute(mark, "checkbox") == "true" else None
    if local(mark) != "fieldmark":
        return None
    kind = (attribute(mark, "type") or "").rpartition(".")[2].upper()
    settings = [(attribute(p, "name") or "", attribute(p, "value") or "") for p in children(mark, "param")]
    known = dict(settings)
    if kind == "FORMCHECKBOX":
        return box(known.get("Checkbox_Checked", "").lower() in _ON)
    if kind == "FORMDROPDOWN":
        entries = [value for name, value in settings if name == "Dropdown_ListEntry"]
        picked = known.get("Dropdown_Selected", "0")
        return entries[int(picked)] if picked.isdecimal() and int(picked) < len(entries) else ""
    return None
