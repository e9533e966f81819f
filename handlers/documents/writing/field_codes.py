"""What the codes of Word's fields draw by themselves: SYMBOL and EQ, in .docx and RTF alike."""

from __future__ import annotations

import re
from collections.abc import Iterator

from handlers.documents.writing.symbols import in_font

_SYMBOL = re.compile(r"\s*SYMBOL\s+(0x[0-9a-f]+|\d+)(?:.*?\\f\s*\"?([^\"\\]+?)\"?\s*(?:\\|$))?", re.IGNORECASE)


def symbol_of(code: str) -> str | None:
    """The letter of a SYMBOL field; None for other fields."""
    match = _SYMBOL.match(code)
    if match is None:
        return None
    number = int(match[1], 0) if match[1].lower().startswith("0x") else int(match[1])
    font = match[2]
    if font is None:
        return bytes((number & 0xFF,)).decode("cp1252", "replace")
    return in_font(chr(number) if number < 0x110000 else "", font)


_EQUATION = re.compile(r"\s*EQ\b", re.IGNORECASE)


def equation(code: str) -> str:
    """What an EQ field draws: fractions, roots, raised letters and letters above others; "" for other fields."""
    match = _EQUATION.match(code)
    if match is None:
        return ""
    return " ".join(_parts_of(code[match.end() :], 0).split())


_EQ_PART = re.compile(r"\\(\*\s*\S+\s*(?:\"[^\"]*\")?|[a-z]+\d*)", re.IGNORECASE)


def _parts_of(text: str, depth: int) -> str:
    written, at, name = "", 0, ""
    while at < len(text) and depth < 20:
        match = _EQ_PART.match(text, at)
        if match:
            name = name if match[1].startswith("*") else (name + " " + match[1].lower()).strip()
            at = match.end()
        elif text[at] == "(" and name:
            end = _closing(text, at)
            written += _eq_part(name, [_parts_of(part, depth + 1) for part in _split(text[at + 1 : end])])
            at, name = end + 1, ""
        else:
            written += text[at] if not name or not text[at].isspace() else ""
            at += 1
    return written


def _closing(text: str, start: int) -> int:
    depth = 0
    for at in range(start, len(text)):
        depth += (text[at] == "(") - (text[at] == ")")
        if not depth:
            return at
    return len(text)


def _split(text: str) -> Iterator[str]:
    depth, start = 0, 0
    for at, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if letter in ",;" and not depth:
            yield text[start:at]
            start = at + 1
    yield text[start:]


def _eq_part(name: str, parts: list[str]) -> str:
    kind = name.split(maxsplit=1)[0]
    if kind == "f" and len(parts) == 2:
        return f"({parts[0].strip()})/({parts[1].strip()})"
    if kind == "r":
        degree = parts[0].strip() if len(parts) == 2 else ""
        return f"root({degree}, {parts[-1].strip()})" if degree else f"sqrt({parts[-1].strip()})"
    if kind == "s":
        mark = "_" if any(part.startswith("do") for part in name.split()) else "^"
        return mark + parts[0].strip()
    if kind == "o" and len(parts) == 2 and parts[0].startswith("^"):
        return f"{parts[1].strip()}({parts[0][1:].strip()})"  # a reading above letters
    if kind == "b":
        return f"({', '.join(parts)})"
    return ", ".join(part.strip() for part in parts)
