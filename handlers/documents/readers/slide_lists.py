"""The numbers and bullets before the paragraphs of a PowerPoint shape (ECMA-376, part 1, 21.1.2.4)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from handlers.documents.readers.xml import Element, child
from handlers.documents.writing.numbering import bullet
from handlers.documents.writing.numerals import columns, numeral, roman
from handlers.documents.writing.symbols import in_font

_FORMS: dict[str, Callable[[int], str]] = {
    "alphaLc": columns, "alphaUc": lambda n: columns(n).upper(), "arabic": str,
    "romanLc": lambda n: roman(n).lower(), "romanUc": roman,
    "circleNum": lambda n: numeral(n, "decimalEnclosedCircle"), "arabicDb": lambda n: numeral(n, "decimalFullWidth"),
    "ea1Chs": lambda n: numeral(n, "chineseCounting"), "ea1Cht": lambda n: numeral(n, "chineseCounting"),
    "ea1JpnChs": lambda n: numeral(n, "japaneseCounting"), "ea1JpnKor": lambda n: numeral(n, "japaneseCounting"),
    "hebrew2": lambda n: numeral(n, "hebrew2"), "arabic1": lambda n: numeral(n, "arabicAlpha"),
    "arabic2": lambda n: numeral(n, "arabicAbjad"), "thaiAlpha": lambda n: numeral(n, "thaiLetters"),
    "thaiNum": lambda n: numeral(n, "thaiNumbers"), "hindiNum": lambda n: numeral(n, "hindiNumbers"),
    "hindiAlpha": lambda n: numeral(n, "hindiConsonants"), "hindiAlpha1": lambda n: numeral(n, "hindiVowels"),
}  # fmt: skip
_AROUND = (("ParenBoth", "(", ")"), ("ParenR", "", ")"), ("Period", "", "."), ("Minus", "", "-"), ("Plain", "", ""),
           ("DbPlain", "", ""), ("WdBlackPlain", "", ""), ("WdWhitePlain", "", ""))  # fmt: skip


class SlideLists:
    """Where the lists of one shape stand. `styles` are its list styles, the nearest first."""

    def __init__(self, styles: Sequence[Element]) -> None:
        self._styles = styles
        self._numbers: dict[int, tuple[str, int]] = {}

    def mark(self, paragraph: Element) -> str:
        """What stands before a paragraph that says something, which is counted."""
        properties = child(paragraph, "pPr")
        level = _level(properties)
        kind, sign = self._sign(properties, level)
        for deeper in [n for n in self._numbers if n > level]:
            del self._numbers[deeper]
        if kind != "buAutoNum" or sign is None:
            self._numbers.pop(level, None)
            return sign_of(kind, sign, properties, level)
        scheme, first = sign.get("type") or "arabicPeriod", sign.get("startAt") or "1"
        start = int(first) if first.isdecimal() else 1
        key = f"{scheme} {start}"
        last, number = self._numbers.get(level, ("", 0))
        number = number + 1 if last == key else start
        self._numbers[level] = (key, number)
        return f"{numbered(scheme, number)} "

    def _sign(self, properties: Element | None, level: int) -> tuple[str, Element | None]:
        """The bullet of the paragraph itself; of inherited ones only numbers, since plain bullets are everywhere."""
        kind, sign = _own(properties)
        if kind:
            return kind, sign
        for style in self._styles:
            kind, sign = _own(child(style, f"lvl{level + 1}pPr"))
            if kind:
                return (kind, sign) if kind == "buAutoNum" else ("", None)
        return "", None


def _level(properties: Element | None) -> int:
    value = (properties.get("lvl") if properties is not None else None) or "0"
    return int(value) if value.isdecimal() and len(value) == 1 else 0


def _own(properties: Element | None) -> tuple[str, Element | None]:
    for name in () if properties is None else ("buNone", "buAutoNum", "buChar", "buBlip"):
        if (sign := child(properties, name)) is not None:
            return name, sign
    return "", None


def sign_of(kind: str, sign: Element | None, properties: Element | None, level: int) -> str:
    """The mark of a paragraph that is not counted."""
    if kind == "buBlip":
        return bullet("", level)
    if kind != "buChar" or sign is None:
        return ""
    font = child(properties, "buFont") if properties is not None else None
    return bullet(in_font(sign.get("char") or "", font.get("typeface") if font is not None else None), level)


def numbered(scheme: str, number: int) -> str:
    """A number in one of PowerPoint's schemes ("alphaLcParenBoth"): (a)."""
    form = max((name for name in _FORMS if scheme.startswith(name)), key=len, default="arabic")
    rest = scheme[len(form) :]
    before, after = next(((b, a) for name, b, a in _AROUND if rest == name), ("", "."))
    return f"{before}{_FORMS[form](number)}{after}"
