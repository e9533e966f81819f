"""An invitation (iCalendar, RFC 5545) as a person's calendar shows it: what, when, where, who."""

from __future__ import annotations

import re
from collections.abc import Iterator

_LINE = re.compile(r"([A-Za-z0-9-]+)((?:;[^:\"]*(?:\"[^\"]*\"[^:\"]*)*)?):(.*)", re.DOTALL)
_LABELS = {
    "SUMMARY": "What", "DTSTART": "When", "DTEND": "Until", "DUE": "Due", "DURATION": "Lasts", "RRULE": "Repeats",
    "LOCATION": "Where", "ORGANIZER": "Organizer", "ATTENDEE": "Attendee", "STATUS": "Status",
    "DESCRIPTION": "Description", "URL": "Link",
}  # fmt: skip
_METHODS = {
    "REQUEST": "Invitation",
    "CANCEL": "Cancelled",
    "REPLY": "Reply to an invitation",
    "COUNTER": "Counter-proposal",
}
_MOST_LINES = 2000


def calendar_lines(text: str) -> Iterator[str]:
    """The events and tasks of a calendar, each under a line that says what it is."""
    method, inside = "", ""
    skipped = 0
    for line in re.sub(r"\r?\n[ \t]", "", text).splitlines()[:_MOST_LINES]:
        match = _LINE.match(line.strip())
        if match is None:
            continue
        name, settings, value = match[1].upper(), match[2], match[3].strip()
        if name == "METHOD":
            method = value.upper()
        elif name == "BEGIN":
            skipped += value.upper() in {"VALARM", "VTIMEZONE"}
            if value.upper() in {"VEVENT", "VTODO", "VJOURNAL"}:
                inside = value.upper()
                yield f"[{_METHODS.get(method, 'Calendar entry')}]"
        elif name == "END":
            skipped -= value.upper() in {"VALARM", "VTIMEZONE"}
            inside = "" if value.upper() == inside else inside
        elif inside and not skipped and name in _LABELS and value:
            yield f"{_LABELS[name]}: {_shown(name, settings, value)}"


def _shown(name: str, settings: str, value: str) -> str:
    if name in {"DTSTART", "DTEND", "DUE"}:
        return _time(settings, value)
    if name in {"ORGANIZER", "ATTENDEE"}:
        found = re.search(r";CN=(\"[^\"]*\"|[^;:]*)", settings, re.IGNORECASE)
        address = re.sub(r"^mailto:", "", value, flags=re.IGNORECASE)
        return f"{found[1].strip(chr(34))} <{address}>" if found else address
    text = re.sub(r"\\([nN,;\\])", lambda m: " / " if m[1] in "nN" else m[1], value)
    return " ".join(text.split())


def _time(settings: str, value: str) -> str:
    match = re.fullmatch(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z)?)?", value)
    if match is None:
        return value
    day = f"{match[1]}-{match[2]}-{match[3]}"
    if match[4] is None:
        return day
    zone = re.search(r";TZID=\"?([^\";:]+)", settings, re.IGNORECASE)
    where = " UTC" if match[7] else f" ({zone[1]})" if zone else ""
    return f"{day} {match[4]}:{match[5]}{where}"
