"""What the styles of a Word document say about a paragraph and its letters (ECMA-376, part 1, 17.7)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from handlers.documents.readers.xml import Element, attribute, child, children, descendants, is_on
from handlers.documents.writing.colours import Colour, hex_colour, is_lost
from handlers.documents.writing.styled import LOWERED, RAISED

_HEADING = re.compile(r"(?:heading|title)\s*(\d?)$", re.IGNORECASE)
_SWITCHES = ("vanish", "specVanish", "strike", "dstrike")
_HIGHLIGHTS = {"none": None, "white": (255, 255, 255), "black": (0, 0, 0)}
_TINY_HALF_POINTS = 3
_SHIFTED = re.compile(r"-?(?:[4-9]|\d{2,3})")
"""Half points from which on letters are moved to be seen above or below the line."""

Letters = Mapping[str, str]
"""What run properties set: switches as "1" and "0", values as they stand."""


@dataclass(frozen=True, slots=True)
class Style:
    """A paragraph or character style with all that it inherits. `level` is a heading's (from 1), 0 for others."""

    level: int = 0
    list_id: str | None = None
    list_level: int | None = None
    letters: Letters = field(default_factory=dict)
    ground: str | None = None


def letters_of(properties: Element | None) -> Letters:
    """What these run properties (w:rPr) set."""
    found: dict[str, str] = {}
    for element in () if properties is None else properties:
        name = element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
        if name in _SWITCHES:
            found[name] = "1" if is_on(element) else "0"
        elif name in {"vertAlign", "color", "highlight", "sz", "position", "rStyle"}:
            found[name] = attribute(element, "val") or ""
        elif name == "shd":
            found[name] = attribute(element, "fill") or "auto"
        elif name == "rFonts" and (font := attribute(element, "ascii") or attribute(element, "hAnsi")):
            found["font"] = font
    return found


def is_unseen(letters: Letters, ground: Colour | None) -> bool:
    """Whether a person does not see these letters: hidden, tiny, or in the colour of what is behind them."""
    if letters.get("vanish") == "1" or letters.get("specVanish") == "1":
        return True
    size = letters.get("sz", "")
    if size.isdecimal() and int(size) <= _TINY_HALF_POINTS:
        return True
    behind = hex_colour(letters["shd"]) if letters.get("shd", "auto") != "auto" else ground
    if letters.get("highlight", "none") != "none":
        behind = _HIGHLIGHTS.get(letters["highlight"])
    return is_lost(hex_colour(letters.get("color")), behind)


def place_of(letters: Letters) -> str:
    """RAISED, LOWERED or "" for letters on the line."""
    align = letters.get("vertAlign", "")
    if align in {"superscript", "subscript"}:
        return RAISED if align == "superscript" else LOWERED
    shift = letters.get("position", "")
    return (LOWERED if shift.startswith("-") else RAISED) if _SHIFTED.fullmatch(shift) else ""


def is_struck(letters: Letters) -> bool:
    """Whether the letters are struck out, once or twice."""
    return letters.get("strike") == "1" or letters.get("dstrike") == "1"


class Styles:
    """The styles of one document, each worked out once, with the names of table styles that colour cells."""

    def __init__(self, root: Element | None) -> None:
        known = () if root is None else descendants(root, "style")
        self._elements = {attribute(element, "styleId") or "": element for element in known}
        self._styles: dict[str, Style] = {}
        defaults = None if root is None else next(descendants(root, "rPrDefault"), None)
        self._base = Style(letters=letters_of(None if defaults is None else child(defaults, "rPr")))
        self._default = next(
            (
                name
                for name, element in self._elements.items()
                if attribute(element, "type") == "paragraph" and attribute(element, "default") in {"1", "true", "on"}
            ),
            "",
        )

    def paragraph(self, name: str | None) -> Style:
        """The style of that id; the default style for None and for ids that are not there."""
        return self._style(name if name in self._elements else self._default, 0)

    def character(self, name: str) -> Letters:
        """What a character style sets, inherited settings included."""
        element = self._elements.get(name)
        return self._style(name, 0, base=Style()).letters if element is not None else {}

    def colours_cells(self, name: str | None) -> bool:
        """Whether a table style (or one it is based on) may put a colour behind cells."""
        for _ in range(20):
            element = self._elements.get(name or "")
            if element is None:
                return False
            fills = (attribute(shade, "fill") or "auto" for shade in descendants(element, "shd"))
            if any(fill not in {"auto", "FFFFFF"} for fill in fills):
                return True
            based = child(element, "basedOn")
            name = attribute(based, "val") if based is not None else None
        return False

    def _style(self, name: str | None, depth: int, base: Style | None = None) -> Style:
        element = self._elements.get(name or "")
        if element is None or depth > 20:
            return self._base if base is None else base
        key = name or ""
        if base is None and key in self._styles:
            return self._styles[key]
        based = child(element, "basedOn")
        parent = self._style(attribute(based, "val") if based is not None else "", depth + 1, base)
        style = _inherited(parent, element)
        if base is None:
            self._styles[key] = style
        return style


def _inherited(parent: Style, element: Element) -> Style:
    properties = child(element, "pPr")
    list_id, list_level = list_of(properties)
    return Style(
        level=_level(element, properties) or parent.level,
        list_id=parent.list_id if list_id is None else list_id,
        list_level=parent.list_level if list_level is None else list_level,
        letters={**parent.letters, **letters_of(child(element, "rPr"))},
        ground=ground_of(properties) or parent.ground,
    )


def _level(element: Element, properties: Element | None) -> int:
    name = child(element, "name")
    match = _HEADING.match((attribute(name, "val") or "") if name is not None else "")
    return int(match[1] or 1) if match else outline_of(properties)


def outline_of(properties: Element | None) -> int:
    """The level (from 1) at which paragraph properties put a paragraph into the outline; 0 for body text."""
    outline = None if properties is None else child(properties, "outlineLvl")
    value = attribute(outline, "val") if outline is not None else None
    return int(value) + 1 if value and value.isdecimal() and int(value) < 9 else 0


def list_of(properties: Element | None) -> tuple[str | None, int | None]:
    """The id of the list and the level in it that paragraph properties name."""
    numbering = None if properties is None else child(properties, "numPr")
    if numbering is None:
        return None, None
    values = (next((attribute(e, "val") for e in children(numbering, name)), None) for name in ("numId", "ilvl"))
    list_id, level = values
    return list_id, int(level) if level and level.isdecimal() else None


def ground_of(properties: Element | None) -> str | None:
    """The colour that properties of a paragraph or cell put behind the text; None when they put none."""
    shade = None if properties is None else child(properties, "shd")
    fill = attribute(shade, "fill") if shade is not None else None
    return fill if fill and fill != "auto" else None
