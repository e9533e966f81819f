"""A number as Excel shows it by its format code (ECMA-376, part 1, 18.8.31): 02494, 7.5 %, 1.250,00 €, 36:00, dates."""

from __future__ import annotations

import re
from functools import lru_cache

from handlers.documents.writing.date_format import dated, is_date
from handlers.documents.writing.digits import Section, Token, written

BUILT_IN = {
    0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 5: '"$"#,##0;-"$"#,##0', 6: '"$"#,##0;-"$"#,##0',
    7: '"$"#,##0.00;-"$"#,##0.00', 8: '"$"#,##0.00;-"$"#,##0.00', 9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?",
    13: "# ??/??", 14: "yyyy-mm-dd", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM",
    19: "h:mm:ss AM/PM", 20: "h:mm", 21: "h:mm:ss", 22: "yyyy-mm-dd hh:mm", 37: "#,##0;(#,##0)",
    38: "#,##0;(#,##0)", 39: "#,##0.00;(#,##0.00)", 40: "#,##0.00;(#,##0.00)", 41: '#,##0;-#,##0;"-"',
    42: '"$"#,##0;-"$"#,##0;"$-"', 43: '#,##0.00;-#,##0.00;"-"', 44: '"$"#,##0.00;-"$"#,##0.00;"$-"', 45: "mm:ss",
    46: "[h]:mm:ss", 47: "mm:ss.0", 48: "##0.0E+0", 49: "@",
    **dict.fromkeys((27, 30, 31, 36, 50, 54, 57), "yyyy-mm-dd"), **dict.fromkeys((28, 29, 51, 58), "mm-dd"),
    **dict.fromkeys((32, 33, 34, 35, 55, 56), "h:mm"),
}  # fmt: skip
"""Formats that a file names by number only. Those that follow the reader's country are written for everybody."""

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?|\\(?P<escaped>.)|_(?P<gap>.)|\*(?P<fill>.)|\[(?P<bracket>[^\]]*)\]|(?P<general>General|Standard)'
    r"|(?P<exponent>[Ee][+-])|(?P<place>[0#?])|(?P<other>.)",
    re.DOTALL | re.IGNORECASE,
)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?[\d.]+(?:[Ee][+-]?\d+)?)")
_COLOURS = re.compile(r"(?i)black|blue|cyan|green|magenta|red|white|yellow|colou?r\s*\d+|schwarz|blau|rot|weiss|gelb")


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
    text = written(abs(value), section)
    return f"-{text}" if signed and re.search(r"[1-9]|\d[Ee]", text) else text


def shown_text(value: str, code: str) -> str:
    """A text in that format: its fourth section, or any that has a place (@) for text."""
    sections = _sections(code)
    section = (
        sections[3] if len(sections) > 3 else next((s for s in sections if any(t.kind == "at" for t in s.tokens)), None)
    )
    if section is None:
        return value
    return "".join(value if token.kind == "at" else token.text for token in section.tokens).strip(" ")


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
    if len(usable) > 1 and any(token.kind == "at" for token in usable[-1].tokens):
        usable = usable[:-1]  # a last section with a place for text is about text, whichever it is
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
