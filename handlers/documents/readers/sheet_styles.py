"""How the cells of a workbook are shown: number formats and letters; a style that is broken costs itself only."""

from __future__ import annotations

from dataclasses import dataclass

from handlers.documents.readers.xml import Element, attribute, child, children, descendants, is_on, local
from handlers.documents.writing.colours import WHITE, hex_colour, is_lost
from handlers.documents.writing.number_format import BUILT_IN
from handlers.documents.writing.styled import LOWERED, RAISED, Piece, joined


@dataclass(frozen=True, slots=True)
class CellStyle:
    """The format code of a cell, and whether its letters are struck out or white on nothing."""

    code: str = "General"
    struck: bool = False
    white: bool = False


def cell_styles(root: Element | None) -> list[CellStyle]:
    """The styles that cells name by their place in the list."""
    if root is None:
        return []
    codes = {n.get("numFmtId"): n.get("formatCode") or "General" for n in descendants(root, "numFmt")}
    fonts = [_font(font) for font in _within(root, "fonts", "font")]
    filled = [_is_filled(fill) for fill in _within(root, "fills", "fill")]
    return [_style(xf, codes, fonts, filled) for xf in _within(root, "cellXfs", "xf")]


def _within(root: Element, group: str, name: str) -> list[Element]:
    holder = child(root, group)
    return [] if holder is None else list(children(holder, name))


def _style(xf: Element, codes: dict[str | None, str], fonts: list[CellStyle], filled: list[bool]) -> CellStyle:
    number = xf.get("numFmtId") or "0"
    code = codes.get(number) or BUILT_IN.get(int(number) if number.isdecimal() else 0, "General")
    font, fill = _index(xf.get("fontId")), _index(xf.get("fillId"))
    letters = fonts[font] if font < len(fonts) else CellStyle()
    ground = filled[fill] if fill < len(filled) else False
    return CellStyle(code, letters.struck, letters.white and not ground)


def _index(value: str | None) -> int:
    return int(value) if value and value.isdecimal() else 0


def _font(font: Element) -> CellStyle:
    strike, colour = child(font, "strike"), child(font, "color")
    white = False
    if colour is not None:
        rgb = colour.get("rgb") or ""
        white = (
            colour.get("theme") == "0" and not colour.get("tint")
            if colour.get("theme")
            else is_lost(hex_colour(rgb[-6:]), WHITE)
        )
    return CellStyle(struck=strike is not None and is_on(strike), white=white)


def _is_filled(fill: Element) -> bool:
    pattern = child(fill, "patternFill")
    return pattern is None or (pattern.get("patternType") or "none") != "none"


def shared_strings(root: Element | None) -> list[str]:
    """The texts that cells name by their place in the list."""
    return [] if root is None else [rich_text(item) for item in children(root, "si")]


def rich_text(item: Element) -> str:
    """The text of a string whose letters may differ; readings above it (rPh) are left out."""
    pieces = []
    for element in item:
        name = local(element)
        if name == "t":
            pieces.append(Piece(element.text or ""))
        elif name == "r":
            text = "".join(t.text or "" for t in children(element, "t"))
            pieces.append(Piece(text, *_look(child(element, "rPr"))))
    return joined(pieces)


def _look(properties: Element | None) -> tuple[str, bool]:
    if properties is None:
        return "", False
    align, strike = child(properties, "vertAlign"), child(properties, "strike")
    place = {"superscript": RAISED, "subscript": LOWERED}.get(
        attribute(align, "val") or "" if align is not None else ""
    )
    return place or "", strike is not None and is_on(strike)
