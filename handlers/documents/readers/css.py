"""The few properties of CSS that decide whether a person sees an element, and how its letters stand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from handlers.documents.writing.colours import Colour, css_colour, is_clear_css

Declarations = Mapping[str, str]

_READ = {
    "display", "visibility", "opacity", "font-size", "color", "background", "background-color", "background-image",
    "text-indent", "position", "left", "top", "right", "bottom", "clip", "clip-path", "height", "width", "max-height",
    "max-width", "overflow", "overflow-x", "overflow-y", "text-decoration", "text-decoration-line", "vertical-align",
    "mso-hide", "white-space", "transform", "list-style", "list-style-type", "content-visibility",
}  # fmt: skip
_MOST_RULES = 3000
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)|<!--|-->", re.DOTALL)
_SPECIFIC = re.compile(r"#[\w-]+")
_CLASSES = re.compile(r"\.[\w-]+|\[[^\]]*\]|(?<!:):[\w-]+")
_DYNAMIC = re.compile(r"::|:(?:before|after|hover|focus|active|visited|target|first-l|checked|disabled|invalid)")
_SEEN_MEDIA = re.compile(r"\s*(?:only\s+)?(?:all|screen)?\s*$", re.IGNORECASE)


def declarations(style: str) -> dict[str, str]:
    """The declarations of a style attribute (or of a rule's body) that are read here, values without spaces.

    A value that was declared important ends in "!".
    """
    found: dict[str, str] = {}
    if not style:
        return found
    for declaration in _split(_COMMENT.sub("", style)):
        name, colon, value = declaration.partition(":")
        name = name.strip().lower()
        if colon and name in _READ:
            plain = value.strip().lower()
            important = re.sub(r"\s*!\s*important$", "", plain)
            written = re.sub(r"\s*([,()/])\s*|\s+", lambda m: m[1] or " ", important)
            if important != plain or not found.get(name, "").endswith("!"):
                found[name] = written + ("!" if important != plain else "")
    return found


def _split(style: str) -> Iterator[str]:
    """The declarations of a style: split at semicolons that stand in no brackets and no quotes."""
    yield from (match[0] for match in re.finditer(r"(?:\([^()]*\)|\"[^\"]*\"|'[^']*'|[^;(\"']|[(\"'])+", style))


def cascade(*layers: Declarations) -> dict[str, str]:
    """Declarations of several origins, later ones over earlier ones, important ones over all."""
    merged: dict[str, str] = {}
    for layer in layers:
        for name, value in layer.items():
            if value.endswith("!") or not merged.get(name, "").endswith("!"):
                merged[name] = value
    return {name: value.rstrip("!") for name, value in merged.items()}


def sheet_styles(tree: Any, sheets: list[str]) -> dict[int, dict[str, str]]:
    """What the page's own style sheets say about each element, by the element's id in memory."""
    rules: list[tuple[tuple[int, int, int], int, str, dict[str, str]]] = []
    for sheet in sheets:
        for selectors, body in _rules(_COMMENT.sub("", sheet)):
            found = declarations(body)
            for selector in selectors.split(",") if found else ():
                if not _DYNAMIC.search(selector) and len(rules) < _MOST_RULES:
                    rules.append((_weight(selector), len(rules), selector.strip(), found))
    styles: dict[int, dict[str, str]] = {}
    for _, _, selector, said in sorted(rules, key=lambda rule: rule[:2]):
        for node in _matching(tree, selector):
            own = styles.setdefault(node.mem_id, {})
            own.update({k: v for k, v in said.items() if v.endswith("!") or not own.get(k, "").endswith("!")})
    return styles


def _matching(tree: Any, selector: str) -> list[Any]:
    from selectolax.lexbor import SelectolaxError

    try:
        return list(tree.css(selector)) if selector else []
    except (SelectolaxError, ValueError, RuntimeError):
        return []


def _weight(selector: str) -> tuple[int, int, int]:
    tags = len(re.findall(r"(?:^|[\s>+~])[a-zA-Z]", selector))
    return len(_SPECIFIC.findall(selector)), len(_CLASSES.findall(selector)), tags


_BLOCK = re.compile(r"([^{};]*)\{|(\})|([^{};]*;)")


def _rules(sheet: str) -> Iterator[tuple[str, str]]:
    """Selectors and bodies of the rules that hold on a screen of any size."""
    at = 0
    while match := re.compile(r"([^{}]*)\{").search(sheet, at):
        end = _end(sheet, match.end())
        head = match[1].rpartition(";")[2].strip()
        if not head.startswith("@"):
            yield head, sheet[match.end() : end]
        elif re.match(r"@media", head, re.IGNORECASE):
            if any(_SEEN_MEDIA.match(query) for query in head[6:].split(",")):
                yield from _rules(sheet[match.end() : end])
        elif re.match(r"@(?:supports|layer)", head, re.IGNORECASE):
            yield from _rules(sheet[match.end() : end])
        at = end + 1


def _end(sheet: str, at: int) -> int:
    depth = 1
    for match in re.compile(r"[{}]").finditer(sheet, at):
        depth += 1 if match[0] == "{" else -1
        if not depth:
            return match.start()
    return len(sheet)


# ── what the declarations mean ──

_LENGTH = re.compile(r"(-?[\d.]+)(px|pt|em|rem|%|ex|vw|vh)?")
_PIXELS = {"": 1.0, "px": 1.0, "pt": 1.333, "em": 16.0, "rem": 16.0, "ex": 8.0, "vw": 13.0, "vh": 8.0, "%": 10.0}


def _pixels(value: str | None) -> float | None:
    match = _LENGTH.match(value or "")
    if match is None:
        return None
    try:
        return float(match[1]) * _PIXELS[match[2] or ""]
    except ValueError:
        return None


def is_removed(style: Declarations) -> bool:
    """Whether the element and everything in it is out of sight, whatever is said about what it holds."""
    if style.get("display") == "none" or style.get("mso-hide") == "all" or style.get("content-visibility") == "hidden":
        return True
    opacity = style.get("opacity", "1")
    if re.fullmatch(r"0*\.?0*%?", opacity) and opacity:
        return True
    return _is_clipped(style) or _is_far_away(style)


def _is_clipped(style: Declarations) -> bool:
    if re.match(r"rect\((?:0|1)(?:px)?[, ]", style.get("clip", "")) and style.get("position") in {"absolute", "fixed"}:
        return True
    if re.match(r"inset\((?:50|100)%", style.get("clip-path", "")) or style.get("clip-path") in {
        "circle(0)",
        "circle(0px)",
    }:
        return True
    if re.match(r"scale(?:x|y|3d)?\(0(?:px)?[,)]", style.get("transform", "")):
        return True
    cut = any(style.get(name, "").startswith(("hidden", "clip")) for name in ("overflow", "overflow-x", "overflow-y"))
    sizes = (_pixels(style.get(name)) for name in ("height", "max-height", "width", "max-width"))
    return cut and any(size is not None and size <= 1 for size in sizes)


def _is_far_away(style: Declarations) -> bool:
    indent = _pixels(style.get("text-indent"))
    if indent is not None and indent <= -500:
        return True
    if style.get("position") not in {"absolute", "fixed", "relative"}:
        return False
    return any((_pixels(style.get(name)) or 0) <= -500 for name in ("left", "top", "right", "bottom"))


@dataclass(frozen=True, slots=True)
class Letters:
    """How letters stand in an element: inherited from what is around it, changed by its own style."""

    invisible: bool = False
    tiny: bool = False
    colour: Colour | None = (0, 0, 0)
    clear: bool = False
    ground: Colour | None = (255, 255, 255)
    place: str = ""
    struck: bool = False
    kept: bool = False


def size_is_tiny(value: str, *, around: bool) -> bool:
    """Whether a font size of `value` cannot be read; `around` is what holds for the element around it."""
    if value.endswith(("%", "em")) and not value.endswith("rem"):
        return around or not value.rstrip("%em").strip("0.")
    size = _pixels(value)
    return around if size is None else size <= 1.4


def ground_of(style: Declarations, around: Colour | None) -> Colour | None:
    """The colour behind an element; None when it is a picture or cannot be told."""
    if "url(" in style.get("background-image", "") or "gradient(" in style.get("background-image", ""):
        return None
    value = style.get("background-color") or style.get("background") or ""
    if "url(" in value or "gradient(" in value:
        return None
    words = re.findall(r"[a-z]+\([^)]*\)|[^\s]+", value)
    if not words or any(is_clear_css(word) or word in {"none", "inherit", "initial", "unset"} for word in words):
        return around
    return next((colour for word in words if (colour := css_colour(word))), None)


def colour_of(style: Declarations, around: Colour | None) -> tuple[Colour | None, bool]:
    """The colour of an element's letters, and whether they let everything through."""
    value = style.get("color", "")
    if not value or value in {"inherit", "initial", "unset", "currentcolor"}:
        return around, False
    return css_colour(value), is_clear_css(value)
