"""What the styles of an OpenDocument text say about letters, cells and lists (OpenDocument 1.3, part 3, 16 and 20)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from handlers.documents.readers.xml import Element, attribute, child, descendants, local
from handlers.documents.writing.colours import Colour, hex_colour
from handlers.documents.writing.numbering import BULLET, Level
from handlers.documents.writing.numerals import columns
from handlers.documents.writing.styled import LOWERED, RAISED
from handlers.documents.writing.symbols import in_font


@dataclass(frozen=True, slots=True)
class Look:
    """How letters stand; `ground` is what their own style puts behind them."""

    hidden: bool = False
    place: str = ""
    struck: bool = False
    colour: Colour | None = None
    ground: Colour | None = None
    font: str | None = None


@dataclass(frozen=True, slots=True)
class OdtStyle:
    """A style with all that it inherits: its letters, the list it belongs to, its level in the outline."""

    look: Look = Look()
    list_style: str | None = None
    outline: int = 0
    fill: str | None = None


class OdtStyles:
    """The styles that hold in one part: its own automatic ones before those of the document."""

    def __init__(self, *roots: Element | None) -> None:
        self._elements: dict[tuple[str, str], Element] = {}
        self._lists: dict[str, dict[int, Level]] = {}
        self._done: dict[tuple[str, str], OdtStyle] = {}
        self.outline: dict[int, Level] = {}
        for root in roots:
            for holder in () if root is None else descendants(root, "automatic-styles", "styles"):
                self._gather(holder)

    def _gather(self, holder: Element) -> None:
        for element in holder:
            name = attribute(element, "name") or ""
            if local(element) == "style":
                self._elements.setdefault((attribute(element, "family") or "", name), element)
            elif local(element) == "list-style":
                self._lists.setdefault(name, dict(_levels(element)))
            elif local(element) == "outline-style" and not self.outline:
                self.outline = dict(_levels(element))

    def levels(self, name: str | None) -> dict[int, Level] | None:
        """The levels of a list style; None when there is no such style."""
        return self._lists.get(name or "")

    def style(self, family: str, name: str | None, around: Look = Look()) -> OdtStyle:  # frozen
        """The style of that family and name, over the letters around it."""
        own = self._style(family, name or "", 0)
        return replace(own, look=_over(own.look, around))

    def _style(self, family: str, name: str, depth: int) -> OdtStyle:
        element = self._elements.get((family, name))
        if element is None or depth > 20:
            return OdtStyle()
        if (family, name) not in self._done:
            parent = self._style(family, attribute(element, "parent-style-name") or "", depth + 1)
            self._done[family, name] = _inherited(element, parent)
        return self._done[family, name]


def _inherited(element: Element, parent: OdtStyle) -> OdtStyle:
    letters, outline = child(element, "text-properties"), attribute(element, "default-outline-level")
    fills = (
        attribute(e, "background-color")
        for e in element
        if local(e).endswith("-properties") and local(e) != "text-properties"
    )
    return OdtStyle(
        look=parent.look if letters is None else _over(look_of(letters, parent.look), parent.look),
        list_style=attribute(element, "list-style-name") or parent.list_style,
        outline=int(outline) if outline and outline.isdecimal() else parent.outline,
        fill=next((fill for fill in fills if fill and fill != "transparent"), parent.fill),
    )


def look_of(letters: Element, around: Look) -> Look:
    """What text properties set, over what is around."""
    position = attribute(letters, "text-position")
    line = attribute(letters, "text-line-through-style") or attribute(letters, "text-line-through-type")
    size = attribute(letters, "font-size") or ""
    tiny = re.fullmatch(r"[01](?:\.\d+)?pt", size) is not None and float(size[:-2]) <= 1.5
    display = attribute(letters, "display")
    colour = attribute(letters, "color")
    ground = attribute(letters, "background-color")
    return Look(
        hidden=display == "none" if display else (around.hidden or tiny),
        place=around.place if position is None else _place(position),
        struck=around.struck if line is None else line != "none",
        colour=hex_colour(colour) if colour else around.colour,
        ground=hex_colour(ground) if ground and ground != "transparent" else around.ground,
        font=attribute(letters, "font-name") or attribute(letters, "font-family") or around.font,
    )


def _over(own: Look, around: Look) -> Look:
    return Look(
        own.hidden or around.hidden,
        own.place or around.place,
        own.struck or around.struck,
        own.colour or around.colour,
        own.ground or around.ground,
        own.font or around.font,
    )


def _place(position: str) -> str:
    first = position.split(maxsplit=1)[0] if position.split() else ""
    if first in {"super", "sub"}:
        return RAISED if first == "super" else LOWERED
    return "" if not first.strip("-0%.") else LOWERED if first.startswith("-") else RAISED


# ── lists ──

_FORMS = {"1": "decimal", "i": "lowerRoman", "I": "upperRoman", "": "none", "01": "decimalZero", "1st": "ordinal"}
_FIRST = {
    "①": "decimalEnclosedCircle", "一": "chineseCounting", "〡": "decimal", "壹": "ideographLegalTraditional",
    "甲": "ideographTraditional", "子": "ideographZodiac", "ア": "aiueoFullWidth", "ｱ": "aiueo",
    "イ": "irohaFullWidth", "ｲ": "iroha", "가": "ganada", "ㄱ": "chosung", "일": "koreanCounting",
    "ก": "thaiLetters", "א": "hebrew2", "أ": "arabicAlpha", "١": "arabicIndic", "१": "hindiNumbers",
    "๑": "thaiNumbers", "Α": "greekUpper", "α": "greekLower", "А": "russianUpper", "а": "russianLower",
    "１": "decimalFullWidth", "〇": "ideographDigital", "⒈": "decimalEnclosedFullstop", "⑴": "decimalEnclosedParen",
}  # fmt: skip


def _levels(style: Element) -> Iterator[tuple[int, Level]]:
    for element in style:
        value = attribute(element, "level") or ""
        if value.isdecimal():
            yield int(value) - 1, _level(element, int(value))


def _level(element: Element, number: int) -> Level:
    name = local(element)
    if name in {"list-level-style-bullet", "list-level-style-image"}:
        letters = child(element, "text-properties")
        font = None if letters is None else attribute(letters, "font-name") or attribute(letters, "font-family")
        font = font or attribute(element, "style-name")
        return Level(BULLET, bullet=in_font(attribute(element, "bullet-char") or "", font))
    form = attribute(element, "num-format") or ""
    before, after = attribute(element, "num-prefix") or "", attribute(element, "num-suffix") or ""
    start, shown = attribute(element, "start-value") or "1", attribute(element, "display-levels") or "1"
    above = min(int(shown), number) if shown.isdecimal() else 1
    pattern = before + ".".join(f"%{n}" for n in range(number - above + 1, number + 1)) + after
    written = attribute(element, "num-list-format")
    if written is not None:
        pattern = re.sub(r"%(\d)%", r"%\1", written)
    made = Level(_form(form), pattern if form else before + after, int(start) if start.isdecimal() else 1)
    if form in {"a", "A"} and (attribute(element, "num-letter-sync") or "false") != "true":
        return replace(made, custom=columns if form == "a" else lambda n: columns(n).upper())
    return made


def _form(form: str) -> str:
    if form in {"a", "A"}:
        return "lowerLetter" if form == "a" else "upperLetter"
    return _FORMS.get(form) or _FIRST.get(form[:1], "decimal")
