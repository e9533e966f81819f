"""The versions of a question that was edited: which of them an edit replaces, and whether it still may."""

from __future__ import annotations

import re
from collections.abc import Mapping

LIVE = {"received", "working", "waiting"}
VERSION = re.compile(r"\d+\.\d+")


def version_of(event_id: str, first: str) -> float | None:
    """Which version of a question an event is: 0 the first, later ones when they were edited; None: another's."""
    if event_id == first:
        return 0.0
    edited = event_id.removeprefix(f"{first}:")
    return float(edited) if edited != event_id and VERSION.fullmatch(edited) else None


def is_of_message(event_id: str, first: str) -> bool:
    """Whether an event was made of that message: by itself, by an edit, or by the shortcut."""
    return event_id == first or event_id.startswith(f"{first}:")


def replaced_by(event_id: str, first: str, states: Mapping[str, str]) -> list[str] | None:
    """The open versions that this one replaces. None: it comes too late, the question is answered or edited again.

    `states` are the events of the conversation. The same edit may come twice.
    """
    versions = {one: number for one in states if (number := version_of(one, first)) is not None}
    mine = version_of(event_id, first) or 0.0
    open_ones = [one for one, number in versions.items() if number < mine and states[one] in LIVE]
    is_old = any(number > mine for number in versions.values())
    is_answered = bool(versions.keys() - {event_id}) and not open_ones
    return None if is_old or is_answered else open_ones
