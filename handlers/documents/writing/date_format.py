"""A day and time as Excel shows it by its format code: its count of days since 1900 (or 1904) written out."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?|\\(?P<escaped>.)|_(?P<gap>.)|\*(?P<fill>.)|\[(?P<elapsed>h+|m+|s+)\]|\[(?P<bracket>[^\]]*)\]'
    r"|(?P<half>AM/PM|A/P|上午/下午|午前/午後)|(?P<letters>y+|m+|d+|h+|s+|e+|a{3,4}|g+|b+)|(?P<part>\.0+)|(?P<other>.)",
    re.DOTALL | re.IGNORECASE,
)
_MONTHS = {
    0x07: "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    0x09: "January February March April May June July August September October November December",
    0x0A: "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    0x0C: "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    0x10: "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    0x13: "januari februari maart april mei juni juli augustus september oktober november december",
    0x15: "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
    0x16: "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    0x19: "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    0x1D: "januari februari mars april maj juni juli augusti september oktober november december",
}
_DAYS = {
    0x07: "Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag",
    0x09: "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
    0x0A: "lunes martes miércoles jueves viernes sábado domingo",
    0x0C: "lundi mardi mercredi jeudi vendredi samedi dimanche",
    0x10: "lunedì martedì mercoledì giovedì venerdì sabato domenica",
    0x11: "月曜日 火曜日 水曜日 木曜日 金曜日 土曜日 日曜日",
    0x04: "星期一 星期二 星期三 星期四 星期五 星期六 星期日",
    0x13: "maandag dinsdag woensdag donderdag vrijdag zaterdag zondag",
    0x15: "poniedziałek wtorek środa czwartek piątek sobota niedziela",
    0x16: "segunda-feira terça-feira quarta-feira quinta-feira sexta-feira sábado domingo",
    0x19: "понедельник вторник среда четверг пятница суббота воскресенье",
    0x1D: "måndag tisdag onsdag torsdag fredag lördag söndag",
}
_LAST_DAY = 2_958_466


def is_date(section: str) -> bool:
    """Whether a section of a format code writes a day or a time."""
    plain = re.sub(r'"[^"]*"?|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', "", section, flags=re.IGNORECASE)
    return bool(re.search(r"[ymdhs]|aaa", plain.replace("General", "").replace("Standard", ""), re.IGNORECASE))


def moment(value: float, *, from_1904: bool) -> datetime | None:
    """The day and time of a count of days, to the millisecond; None for days that Excel does not know."""
    if not 0 <= value < _LAST_DAY:
        return None
    days = value + 1462 if from_1904 else value
    # Excel takes 1900 for a leap year: before March of it the count is one day ahead.
    base = datetime(1899, 12, 31 if days < 60 else 30)  # noqa: DTZ001 # cells know no zone
    return base + timedelta(milliseconds=round(days * 86_400_000))


def dated(value: float, section: str, locale: int | None, *, from_1904: bool) -> str:
    """The day and time in that section of a format code; number signs, as Excel shows, where there is no such day."""
    tokens = list(_TOKEN.finditer(section))
    seconds_shown = any(t["letters"] and t["letters"].lower().startswith("s") for t in tokens)
    if not any(t["part"] for t in tokens):
        # What is not shown is not rounded away either: 23:59:59.9 is the next day where seconds are the smallest part.
        value = round(value * 86_400) / 86_400 if seconds_shown else value + 1e-9
    when = moment(abs(value), from_1904=from_1904)
    elapsed = any(t["elapsed"] for t in tokens)
    if when is None or (value < 0 and not elapsed):
        return "########"
    half = any(t["half"] for t in tokens)
    language = (locale or 0x409) & 0xFF
    written = "".join(_written(tokens, at, when, abs(value), language, half=half) for at in range(len(tokens)))
    return ("-" if value < 0 else "") + written.strip()


def _written(tokens: list[re.Match[str]], at: int, when: datetime, value: float, language: int, *, half: bool) -> str:
    token = tokens[at]
    if token["elapsed"]:
        return _elapsed(token["elapsed"].lower(), value)
    if token["half"]:
        return _half(token["half"], when)
    if token["part"]:
        return f".{when.microsecond // 1000:03}"[: len(token["part"])]
    if token["letters"]:
        letters = token["letters"].lower()
        is_minutes = letters[0] == "m" and _is_minutes(tokens, at)
        return _padded(when.minute, letters) if is_minutes else _letters(letters, when, language, half=half)
    gap = "" if token["gap"] is None or token["gap"] in "-()" else " "
    return token["quoted"] or token["escaped"] or token["other"] or gap


def _letters(letters: str, when: datetime, language: int, *, half: bool) -> str:
    kind, width = letters[0], len(letters)
    if kind == "m" and width > 2:
        return _name(_MONTHS, language, when.month - 1, short=width == 3)[: 1 if width == 5 else None]
    if kind == "a" or (kind == "d" and width > 2):
        return _name(_DAYS, language, when.weekday(), short=width == 3)
    if kind == "h":
        # Two digits also for "h", which keeps columns of times readable; twelve hours are written as they are said.
        return _padded((when.hour - 1) % 12 + 1, letters) if half else f"{when.hour:02}"
    year = str(when.year) if width > 2 or kind == "e" else f"{when.year % 100:02}"
    plain = {"y": year, "e": year, "b": str(when.year + 543), "g": ""}
    number = {"m": when.month, "d": when.day, "s": when.second}.get(kind, 0)
    return plain[kind] if kind in plain else _padded(number, letters)


def _padded(number: int, letters: str) -> str:
    return f"{number:02}" if len(letters) > 1 else str(number)


def _name(names: dict[int, str], language: int, at: int, *, short: bool) -> str:
    name = names.get(language, names[0x09]).split()[at]
    if not short:
        return name
    if name.startswith("星期"):
        return "周" + name[2:]
    return name[:1] if name.endswith("曜日") else name[: 2 if language == 0x07 and names is _DAYS else 3]


def _is_minutes(tokens: list[re.Match[str]], at: int) -> bool:
    """An m after hours or before seconds is minutes, not a month."""
    if len(tokens[at]["letters"]) > 2:
        return False
    before = next((t for t in reversed(tokens[:at]) if t["letters"] or t["elapsed"]), None)
    after = next((t for t in tokens[at + 1 :] if t["letters"] or t["elapsed"]), None)
    first = ((before["letters"] or before["elapsed"]) if before else "").lower()
    then = ((after["letters"] or after["elapsed"]) if after else "").lower()
    return (
        first.startswith("h") or then.startswith("s") or (first.startswith("s") and bool(before and before["elapsed"]))
    )


def _elapsed(letters: str, value: float) -> str:
    seconds = round(value * 86_400)
    whole = {"h": seconds // 3600, "m": seconds // 60, "s": seconds}[letters[0]]
    return f"{whole:0{len(letters)}}"


def _half(sign: str, when: datetime) -> str:
    first, _, second = sign.partition("/")
    return first if when.hour < 12 else second
