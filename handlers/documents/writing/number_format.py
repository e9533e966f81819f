"""A number as Excel shows it by its format code (ECMA-376, part 1, 18.8.31): 02494, 7.5 %, 1.250,00 €, 36:00, dates."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from fractions import Fraction
from functools import lru_cache

from handlers.documents.writing.date_format import dated, is_date

BUILT_IN = {
    0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 5: '"$"#,##0;-"$"#,##0', 6: '"$"#,##0;-"$"#,##0',
    7: '"$"#,##0.00;-"$"#,##0.00', 8: '"$"#,##0.00;-"$"#,##0.00', 9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?",
    13: "# ??/??", 14: "yyyy-mm-dd", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM",
    20: "h:mm", 21: "h:mm:ss", 22: "yyyy-mm-dd hh:mm", 37: "#,##0;(#,##0)", 38: "#,##0;(#,##0)", 39: "#,##0.00;(#,##0.00)",
    40: "#,##0.00;(#,##0.00)", 41: '#,##0;-#,##0;"-"', 42: '"$"#,##0;-"$"#,##0;"$-"', 43: '#,##0.00;-#,##0.00;"-"',
    44: '"$"#,##0.00;-"$"#,##0.00;"$-"', 45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0", 48: "##0.0E+0", 49: "@",
    **dict.fromkeys((27, 30, 31, 36, 50, 54, 57), "yyyy-mm-dd"), **dict.fromkeys((28, 29, 51, 58), "mm-dd"),
    **dict.fromkeys((32, 33, 34, 35, 55, 56), "h:mm"),
}  # fmt: skip
"""Formats that a file names by number only. Those that follow the reader's country are written so that all can read them."""

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?|\\(?P<escaped>.)|_(?P<gap>.)|\*(?P<fill>.)|\[(?P<bracket>[^\]]*)\]|(?P<general>General|Standard)'
    r"|(?P<exponent>[Ee][+-])|(?P<place>[0#?])|(?P<other>.)",
    re.DOTALL | re.IGNORECASE,
)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?[\d.]+(?:[Ee][+-]?\d+)?)")
_COLOURS = re.compile(r"(?i)black|blue|cyan|green|magenta|red|white|yellow|colou?r\s*\d+|schwarz|blau|rot|weiss|gelb")
_COMMA_DOT = {
    0x07: ".", 0x10: ".", 0x0A: ".", 0x13: ".", 0x16: ".", 0x06: ".", 0x1F: ".", 0x08: ".", 0x18: ".", 0x21: ".",
    0x2A: ".", 0x1A: ".", 0x24: ".", 0x0C: " ", 0x15: " ", 0x05: " ", 0x19: " ", 0x1D: " ", 0x14: " ", 0x0B: " ",
    0x0E: " ", 0x22: " ", 0x1B: " ", 0x02: " ", 0x26: " ", 0x27: " ", 0x25: " ",
}  # fmt: skip
"""Languages (low byte of a Windows locale) that write a decimal comma, and what they put between thousands."""


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a format section: `kind` is place, point, comma, percent, exponent, slash, text, at, general."""

    kind: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """One of the up to four sections of a format code."""

    code: str
    tokens: tuple[Token, ...]
    condition: tuple[str, float] | None
    locale: int | None
    blank: bool


def shown_number(value: float, code: str, *, from_1904: bool = False) -> str:
    """The number in that format; "" where the format hides it."""
    sections = _sections(code)
    at, section = _chosen(value, sections)
    if section is None:
        return "########"
    if is_date(section.code):
        return dated(value, section.code, section.locale, from_1904=from_1904)
    if section.blank:
        return ""
    signed = value < 0 and (at == 0 or (section.condition is not None and at < 2 and not _is_negative_only(section)))
    text = _written(abs(value), section)
    return f"-{text}" if signed and re.search(r"[1-9]|\d[Ee]", text) else text


def shown_text(value: str, code: str) -> str:
    """A text in that format: its fourth section, or any that has a place (@) for text."""
    sections = _sections(code)
    section = sections[3] if len(sections) > 3 else next((s for s in sections if any(t.kind == "at" for t in s.tokens)), None)
    if section is None:
        return value
    return "".join(value if token.kind == "at" else token.text for token in section.tokens).strip(" ")


def general(value: float) -> str:
    """A number without a format of its own."""
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return f"{value:.15g}".upper()


@lru_cache(maxsize=512)
def _sections(code: str) -> tuple[Section, ...]:
    parts = re.findall(r'(?:"[^"]*"?|\\.|_.|\*.|\[[^\]]*\]|[^;"\\_*\[])*(?:;|$)', code[:1000], re.DOTALL)
    texts = [part.removesuffix(";") for part in parts[:4]]
    if len(texts) > 1 and not texts[-1] and not code.endswith(";"):
        texts.pop()
    return tuple(_section(text) for text in texts)


def _section(code: str) -> Section:
    tokens: list[Token] = []
    condition: tuple[str, float] | None = None
    locale: int | None = None
    for match in _TOKEN.finditer(code):
        bracket = match["bracket"]
        if bracket is None:
            tokens.append(_token(match))
        elif found := _CONDITION.fullmatch(bracket.strip()):
            condition = (found[1], float(found[2]))
        elif bracket.startswith("$"):
            sign, _, number = bracket[1:].partition("-")
            locale = int(number, 16) if re.fullmatch(r"[0-9A-Fa-f]{1,8}", number) else locale
            tokens.append(Token("text", sign))
        elif re.fullmatch(r"[hms]+", bracket, re.IGNORECASE):
            tokens.append(Token("text", ""))
    return Section(code, tuple(tokens), condition, locale, not any(t.text.strip() or t.kind != "text" for t in tokens))


def _token(match: re.Match[str]) -> Token:
    if match["place"]:
        return Token("place", match["place"])
    if match["exponent"]:
        return Token("exponent", match["exponent"])
    if match["general"]:
        return Token("general")
    other = match["other"]
    if other is not None:
        kind = {".": "point", ",": "comma", "%": "percent", "/": "slash", "@": "at"}.get(other, "text")
        return Token(kind, other)
    if match["gap"] is not None:
        return Token("text", " " if match["gap"] not in "-()" else "")
    return Token("text", match["quoted"] or match["escaped"] or "")


def _chosen(value: float, sections: tuple[Section, ...]) -> tuple[int, Section | None]:
    usable = sections[:3]
    if any(section.condition for section in usable):
        for at, section in enumerate(usable):
            if section.condition is None or _holds(value, section.condition):
                return at, section
        return 0, usable[-1] if usable and usable[-1].condition is None else None
    if value < 0 and len(usable) > 1:
        return 1, usable[1]
    if value == 0 and len(usable) > 2:
        return 2, usable[2]
    return 0, usable[0] if usable else _section("General")


def _holds(value: float, condition: tuple[str, float]) -> bool:
    sign, bound = condition
    return {
        "<": value < bound, "<=": value <= bound, ">": value > bound, ">=": value >= bound, "=": value == bound,
        "<>": value != bound,
    }[sign]  # fmt: skip


def _is_negative_only(section: Section) -> bool:
    return section.condition is not None and section.condition[0] in {"<", "<="} and section.condition[1] <= 0


# ── digits ──


def _written(value: float, section: Section) -> str:
    tokens = list(section.tokens)
    kinds = [token.kind for token in tokens]
    if "general" in kinds or ("place" not in kinds and "at" in kinds):
        return "".join(general(value) if t.kind in {"general", "at"} else t.text for t in tokens).strip()
    if "place" not in kinds:
        return "".join(token.text for token in tokens).strip()
    if "slash" in kinds and _is_fraction(tokens):
        return _fraction(value, tokens)
    number = _decimal(value) * 100 ** kinds.count("percent")
    if "exponent" in kinds:
        return _scientific(number, tokens)
    return _plain(number, tokens, *_separators(section))


def _decimal(value: float) -> Decimal:
    try:
        return Decimal(f"{value:.15g}")
    except InvalidOperation:
        return Decimal(0)


def _separators(section: Section) -> tuple[str, str]:
    """What stands before decimals and between thousands: by the format's language; euros after it are continental."""
    if section.locale is not None and section.locale & 0xFF in _COMMA_DOT and section.locale > 0xFF:
        return ",", _COMMA_DOT[section.locale & 0xFF]
    if section.locale == 0x807:
        return ".", "’"
    places = [at for at, token in enumerate(section.tokens) if token.kind == "place"]
    euros = [at for at, token in enumerate(section.tokens) if token.kind == "text" and "€" in token.text]
    after = euros and places and euros[0] > places[-1] and section.locale in {None, 1}
    return (",", ".") if after else (".", ",")


def _plain(number: Decimal, tokens: list[Token], point: str, between: str) -> str:
    places = [at for at, token in enumerate(tokens) if token.kind == "place"]
    points = [at for at, token in enumerate(tokens) if token.kind == "point"]
    cut = points[0] if points else places[-1] + 1
    whole_at = [at for at in places if at < cut]
    part_at = [at for at in places if at > cut]
    commas = [at for at, token in enumerate(tokens) if token.kind == "comma"]
    grouped = any(whole_at and whole_at[0] < at < whole_at[-1] for at in commas)
    # Commas behind the digits, not between them, count in thousands.
    ends = (whole_at[-1] if whole_at else cut, part_at[0] if part_at else len(tokens), places[-1])
    scale = sum(ends[0] < at < ends[1] or at > ends[2] for at in commas)
    scaled = number / (Decimal(1000) ** scale)
    rounded = scaled.quantize(Decimal(1).scaleb(-len(part_at)), ROUND_HALF_UP)
    whole, _, part = f"{rounded:f}".partition(".")
    digits = _whole_digits(whole.lstrip("0"), [tokens[at].text for at in whole_at], between if grouped else "")
    shown_part = _part_digits(part, [tokens[at].text for at in part_at])
    written = dict(zip(whole_at, digits, strict=True)) | dict(zip(part_at, shown_part, strict=True))
    pieces = []
    for at, token in enumerate(tokens):
        if token.kind == "point":
            pieces.append(point if at == cut else ".")
        elif token.kind != "comma":
            pieces.append(written.get(at, "" if token.kind == "place" else token.text))
    return "".join(pieces).strip()


def _whole_digits(digits: str, places: list[str], between: str) -> list[str]:
    """The digits for each place before the point; what is left over stands in the first place."""
    shown = [""] * len(places)
    left = digits
    count = 0
    for at in range(len(places) - 1, -1, -1):
        taken = left if at == 0 else left[-1:]
        left = "" if at == 0 else left[:-1]
        if not taken:
            taken = {"0": "0", "?": "", "#": ""}[places[at]]
        shown[at] = ""
        for digit in reversed(taken):
            shown[at] = digit + (between if between and count and count % 3 == 0 else "") + shown[at]
            count += 1
    return shown


def _part_digits(part: str, places: list[str]) -> list[str]:
    kept = part
    for place in reversed(places):
        if place == "0" or not kept.endswith("0") or len(kept) > len(places):
            break
        kept = kept[:-1]
    return [kept[at] if at < len(kept) else "" for at in range(len(places))]


def _scientific(number: Decimal, tokens: list[Token]) -> str:
    at = next(n for n, token in enumerate(tokens) if token.kind == "exponent")
    before, after = tokens[:at], tokens[at + 1 :]
    point = next((n for n, token in enumerate(before) if token.kind == "point"), len(before))
    whole = max(sum(token.kind == "place" for token in before[:point]), 1)
    decimals = sum(token.kind == "place" for token in before[point:])
    power = number.adjusted() if number else 0
    power = power // whole * whole if whole > 1 else power
    mantissa = number.scaleb(-power)
    if mantissa.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP) >= Decimal(10) ** whole:
        power += whole
        mantissa = number.scaleb(-power)
    width = sum(token.kind == "place" for token in after)
    sign = "-" if power < 0 else "+" if tokens[at].text.endswith("+") else ""
    rest = "".join(token.text for token in after if token.kind == "text")
    return f"{_plain(mantissa, before, '.', ',')}E{sign}{abs(power):0{width}}{rest}".strip()


def _is_fraction(tokens: list[Token]) -> bool:
    at = next(n for n, token in enumerate(tokens) if token.kind == "slash")
    before = any(token.kind == "place" for token in tokens[:at])
    return before and any(token.kind == "place" or token.text.isdigit() for token in tokens[at + 1 :])


def _fraction(value: float, tokens: list[Token]) -> str:
    at = next(n for n, token in enumerate(tokens) if token.kind == "slash")
    below = "".join(token.text for token in tokens[at + 1 :] if token.kind == "place" or token.text.isdigit())
    above = [n for n, token in enumerate(tokens[:at]) if token.kind == "place"]
    mixed = any(tokens[n].kind == "text" and " " in tokens[n].text for n in range(above[0], above[-1]))
    fixed = int(below) if below.strip("?#").isdigit() and int(below) else 0
    exact = Fraction(_decimal(value))
    near = Fraction(round(exact * fixed), fixed) if fixed else exact.limit_denominator(10 ** len(below) - 1)
    whole, rest = (int(near), near - int(near)) if mixed else (0, near)
    numerator, denominator = (int(rest * fixed), fixed) if fixed else (rest.numerator, rest.denominator)
    part = f"{numerator}/{denominator}" if numerator or not (whole or mixed) else ""
    return " ".join(filter(None, (str(whole) if whole or not part else "", part)))
