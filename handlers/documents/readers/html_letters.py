"""What holds for the letters in an element of a web page, by its tag, its attributes and its style."""

from __future__ import annotations

from dataclasses import replace

from handlers.documents.readers.css import Declarations, Letters, colour_of, ground_of, size_is_tiny
from handlers.documents.writing.styled import LOWERED, RAISED

_STRUCK = {"s", "strike", "del"}


_KEPT_BY = {"pre", "textarea", "listing", "xmp", "plaintext"}


_LETTERS = _STRUCK | _KEPT_BY | {"sup", "sub", "td", "th", "li"}


def of_attributes(tag: str, values: dict[str, str]) -> dict[str, str]:
    """What attributes of the old kind mean in CSS."""
    found = {}
    if bgcolor := values.get("bgcolor"):
        found["background-color"] = bgcolor.strip().lower()
    if values.get("background"):
        found["background-image"] = "url()"
    colour = values.get("color") if tag == "font" else values.get("text") if tag == "body" else None
    if colour:
        found["color"] = colour.strip().lower()
    return found


def letters_in(tag: str, style: Declarations, around: Letters) -> Letters:
    if not style and tag not in _LETTERS:
        return around
    colour, clear = colour_of(style, around.colour)
    seen = style.get("visibility")
    place = RAISED if tag == "sup" else LOWERED if tag == "sub" else around.place
    place = {"super": RAISED, "sub": LOWERED}.get(style.get("vertical-align", ""), place)
    line = style.get("text-decoration-line") or style.get("text-decoration") or ""
    return replace(
        around,
        invisible=seen in {"hidden", "collapse"} if seen else around.invisible,
        tiny=size_is_tiny(style["font-size"], around=around.tiny) if style.get("font-size") else around.tiny,
        colour=colour,
        clear=clear or (around.clear and "color" not in style),
        ground=ground_of(style, around.ground),
        place="" if tag in {"td", "th", "li"} else place,
        struck=around.struck or tag in _STRUCK or "line-through" in line,
        kept=tag in _KEPT_BY
        or style.get("white-space", "").startswith(("pre", "break-spaces"))
        or (around.kept and not style.get("white-space", "").startswith(("normal", "nowrap"))),
    )
