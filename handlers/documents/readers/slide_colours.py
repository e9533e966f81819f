"""What is behind the letters of a PowerPoint shape, as far as it can be told: the shape, others below it, the slide."""

from __future__ import annotations

from dataclasses import dataclass

from handlers.documents.readers.xml import Element, child, descendants, local
from handlers.documents.writing.colours import BLACK, WHITE, Colour, hex_colour, is_lost

Box = tuple[int, int, int, int]
"""Left, top, right and bottom in English metric units."""

_FILLS = {"solidFill", "gradFill", "blipFill", "pattFill", "grpFill"}
_ALIASES = {"bg1": "lt1", "bg2": "lt2", "tx1": "dk1", "tx2": "dk2"}


def theme_colours(theme: Element | None, colour_map: Element | None) -> dict[str, Colour | None]:
    """The colours that names such as "bg1" mean on the slides of one master."""
    scheme = None if theme is None else next(descendants(theme, "clrScheme"), None)
    colours = {local(named): _plain(named) for named in (() if scheme is None else scheme)}
    aliases = _ALIASES if colour_map is None else {**_ALIASES, **dict(colour_map.attrib)}
    return {**colours, **{alias: colours.get(name) for alias, name in aliases.items()}}


def _plain(holder: Element) -> Colour | None:
    for element in holder:
        name = local(element)
        if len(element):
            return None  # made lighter, darker or clear in ways that are not worked out
        if name == "srgbClr":
            return hex_colour(element.get("val"))
        if name == "sysClr":
            return hex_colour(element.get("lastClr")) or (WHITE if element.get("val") == "window" else BLACK)
        if name == "prstClr":
            return {"white": WHITE, "black": BLACK}.get(element.get("val") or "")
    return None


def fill_colour(holder: Element | None, theme: dict[str, Colour | None]) -> Colour | None:
    """The colour of a plain fill within these properties; None when it cannot be told."""
    fill = None if holder is None else child(holder, "solidFill")
    if fill is None:
        return None
    named = child(fill, "schemeClr")
    if named is not None:
        return theme.get(named.get("val") or "") if not len(named) else None
    return _plain(fill)


@dataclass(frozen=True, slots=True)
class Ground:
    """What is behind a shape: the slide's colour, and the boxes of pictures and filled shapes drawn before it."""

    slide: Colour | None
    theme: dict[str, Colour | None]
    before: tuple[Box | None, ...] = ()
    crowded: bool = False

    def behind(self, properties: Element | None, style: Element | None, box: Box | None) -> Colour | None:
        """The colour behind the letters of a shape; None when it cannot be told."""
        if properties is not None and any(local(fill) in _FILLS for fill in properties):
            return fill_colour(properties, self.theme)
        reference = child(style, "fillRef") if style is not None else None
        cleared = properties is not None and child(properties, "noFill") is not None
        if reference is not None and (reference.get("idx") or "0") != "0" and not cleared:
            return None
        if self.crowded or any(_overlap(box, other) for other in self.before):
            return None
        return self.slide

    def is_lost(self, letters: Element | None, behind: Colour | None) -> bool:
        """Whether letters with these properties (a:rPr) have the colour of what is behind them."""
        if letters is not None and child(letters, "highlight") is not None:
            return False
        return is_lost(fill_colour(letters, self.theme), behind)


def _overlap(one: Box | None, other: Box | None) -> bool:
    if one is None or other is None:
        return True
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def box_of(shape: Element) -> Box | None:
    """Where a shape stands on its slide; None when it inherits its place."""
    for holder in shape:
        frame = (
            holder
            if local(holder) == "xfrm"
            else child(holder, "xfrm")
            if local(holder) in {"spPr", "grpSpPr"}
            else None
        )
        place, size = (child(frame, name) if frame is not None else None for name in ("off", "ext"))
        if place is not None and size is not None:
            try:
                left, top = int(place.get("x") or ""), int(place.get("y") or "")
                return left, top, left + int(size.get("cx") or ""), top + int(size.get("cy") or "")
            except ValueError:
                return None
    return None


def is_opaque(shape: Element) -> bool:
    """Whether a picture or a filled shape hides what is behind it."""
    if local(shape) in {"pic", "graphicFrame"}:
        return True
    properties, style = child(shape, "spPr"), child(shape, "style")
    if properties is not None and any(local(fill) in _FILLS for fill in properties):
        return True
    reference = child(style, "fillRef") if style is not None else None
    cleared = properties is not None and child(properties, "noFill") is not None
    return reference is not None and (reference.get("idx") or "0") != "0" and not cleared
