"""The digits of a number in one section of an Excel format code: grouped, rounded, as a fraction or a power of ten."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from fractions import Fraction


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


def written(value: float, section: Section) -> str:
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


_COMMA_DOT = {
    0x07: ".", 0x10: ".", 0x0A: ".", 0x13: ".", 0x16: ".", 0x06: ".", 0x1F: ".", 0x08: ".", 0x18: ".", 0x21: ".",
    0x2A: ".", 0x1A: ".", 0x24: ".", 0x0C: " ", 0x15: " ", 0x05: " ", 0x19: " ", 0x1D: " ", 0x14: " ", 0x0B: " ",
    0x0E: " ", 0x22: " ", 0x1B: " ", 0x02: " ", 0x26: " ", 0x27: " ", 0x25: " ",
}  # fmt: skip
"""Languages (low byte of a Windows locale) that write a decimal comma, and what they put between thousands."""


def general(value: float) -> str:
    """A number without a format of its own."""
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return f"{value:.15g}".upper()
