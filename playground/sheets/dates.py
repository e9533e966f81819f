"""How the stand-in reads typed dates and times, and shows the numbers they become.

A date is a number of days since 30 December 1899 with a DATE format; en_US only.
Source: https://developers.google.com/workspace/sheets/api/guides/formats
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from playground.sheets.cells import Cell, NumberFormat, tidy

_EPOCH = datetime(1899, 12, 30, tzinfo=UTC)
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_CLOCK = r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?\s*(?P<half>[AaPp][Mm])?"
_DAYS = (
    (re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"), "yyyy-mm-dd"),
    (re.compile(r"(?P<month>\d{1,2})/(?P<day>\d{1,2})/(?P<year>\d{4})"), "m/d/yyyy"),
    (re.compile(r"(?P<month>\d{1,2})/(?P<day>\d{1,2})/(?P<year>\d{2})"), "m/d/yy"),
    (re.compile(r"(?P<month>\d{1,2})-(?P<day>\d{1,2})-(?P<year>\d{4})"), "m-d-yyyy"),
    (re.compile(r"(?P<month>\d{1,2})/(?P<day>\d{1,2})"), "m/d"),
    (re.compile(r"(?P<month>\d{1,2})-(?P<day>\d{1,2})"), "m-d"),
    (re.compile(r"(?P<name>[A-Za-z]{3,9})\.? (?P<day>\d{1,2}), (?P<year>\d{4})"), "mmm d, yyyy"),
    (re.compile(r"(?P<day>\d{1,2}) (?P<name>[A-Za-z]{3,9}) (?P<year>\d{4})"), "d mmm yyyy"),
)
_TOKEN = re.compile(r'yyyy|yy|mmmm|mmm|mm|m|dd|d|hh|h|ss|s|am/pm|"[^"]*"|.', re.IGNORECASE)


def typed_moment(text: str, this_year: int) -> Cell | None:
    """The cell that a typed date, time or both becomes, or None when `text` is neither."""
    text = text.strip()
    clock = re.fullmatch(_CLOCK, text)
    if clock:
        fraction = _day_fraction(clock)
        return None if fraction is None else Cell(fraction, number_format=NumberFormat("TIME", _clock_pattern(clock)))
    day_text, _, clock_text = text.partition("T") if re.match(r"\d{4}-\d\d-\d\dT\d", text) else (text, "", "")
    if not clock_text:
        both = re.fullmatch(rf"(?P<rest>.+?) (?P<clock>{_CLOCK})", text)
        day_text, clock_text = (both["rest"], both["clock"]) if both else (text, "")
    return _dated(day_text, clock_text, this_year)


def _dated(day_text: str, clock_text: str, this_year: int) -> Cell | None:
    day = _day(day_text, this_year)
    if day is None:
        return None
    serial, pattern = day
    if not clock_text:
        return Cell(serial, number_format=NumberFormat("DATE", pattern))
    clock = re.fullmatch(_CLOCK, clock_text)
    fraction = _day_fraction(clock) if clock else None
    if clock is None or fraction is None:
        return None
    return Cell(serial + fraction, number_format=NumberFormat("DATE_TIME", f"{pattern} {_clock_pattern(clock)}"))


def _day(text: str, this_year: int) -> tuple[int, str] | None:
    for shape, pattern in _DAYS:
        match = shape.fullmatch(text)
        if match is None:
            continue
        parts = match.groupdict()
        month = _month(parts["name"]) if parts.get("name") else int(parts["month"])
        year = int(parts.get("year") or this_year)
        try:
            moment = datetime(year + 2000 if year < 100 else year, month, int(parts["day"]), tzinfo=UTC)
        except ValueError:
            return None
        return (moment - _EPOCH).days, pattern
    return None


def _month(name: str) -> int:
    """1 to 12, or 0 for a word that is no month."""
    known = [index for index, month in enumerate(_MONTHS, 1) if month.lower().startswith(name.lower())]
    return known[0] if known else 0


def _day_fraction(clock: re.Match[str]) -> float | int | None:
    hour, minute, second = int(clock["hour"]), int(clock["minute"]), int(clock["second"] or 0)
    half = (clock["half"] or "").lower()
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "pm" else 0)
    if hour > 23 or minute > 59 or second > 59:
        return None
    return tidy((hour * 3600 + minute * 60 + second) / 86400)


def _clock_pattern(clock: re.Match[str]) -> str:
    seconds = ":ss" if clock["second"] else ""
    return f"h:mm{seconds} am/pm" if clock["half"] else f"hh:mm{seconds}"


def shown_moment(serial: float, pattern: str) -> str:
    """The number as the pattern shows it: (46270, yyyy-mm-dd) → 2026-09-05."""
    moment = _EPOCH + timedelta(seconds=round(serial * 86400))
    shown, after_hour = "", False
    half_day = "am/pm" in pattern.lower()
    for token in _TOKEN.findall(pattern):
        word = token.lower()
        shown += _piece(moment, word, token, after_hour=after_hour, half_day=half_day)
        if word.isalpha():
            after_hour = word in {"h", "hh"}
    return shown


def _piece(moment: datetime, word: str, token: str, *, after_hour: bool, half_day: bool) -> str:
    hour = (moment.hour % 12 or 12) if half_day else moment.hour
    month = moment.minute if after_hour else moment.month
    pieces = {
        "yyyy": f"{moment.year:04}",
        "yy": f"{moment.year % 100:02}",
        "mmmm": _MONTHS[moment.month - 1],
        "mmm": _MONTHS[moment.month - 1][:3],
        "mm": f"{month:02}",
        "m": f"{month}",
        "dd": f"{moment.day:02}",
        "d": f"{moment.day}",
        "hh": f"{hour:02}",
        "h": f"{hour}",
        "ss": f"{moment.second:02}",
        "s": f"{moment.second}",
        "am/pm": "PM" if moment.hour >= 12 else "AM",
    }
    return pieces.get(word, token.strip('"') if token.startswith('"') else token)
