"""The lists of a Word document and where each of them stands (ECMA-376, part 1, 17.9)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from handlers.documents.readers.xml import Element, attribute, child, children, descendants, is_on, local
from handlers.documents.writing.numbering import BULLET, Level, Lists
from handlers.documents.writing.symbols import in_font


class WordLists:
    """The lists of a document by the id of their w:num, with the levels that belong to styles."""

    def __init__(self, root: Element | None) -> None:
        abstract = {} if root is None else {attribute(a, "abstractNumId"): a for a in children(root, "abstractNum")}
        linked = {_value(child(a, "styleLink")): a for a in abstract.values() if child(a, "styleLink") is not None}
        self._lists = Lists()
        self._styles: dict[str, dict[str, int]] = {}
        for number in () if root is None else children(root, "num"):
            definition = abstract.get(_value(child(number, "abstractNumId")))
            if definition is not None:
                link = child(definition, "numStyleLink")
                self._add(number, linked.get(_value(link), definition) if link is not None else definition)

    def _add(self, number: Element, definition: Element) -> None:
        list_id, levels, starts = attribute(number, "numId") or "", dict(_levels(definition)), {}
        for override in children(number, "lvlOverride"):
            at = _index(override)
            if (level := child(override, "lvl")) is not None:
                levels[at] = _level(level)
            start = _value(child(override, "startOverride"))
            if start and start.isdecimal():
                starts[at] = int(start)
        self._lists.add(list_id, attribute(definition, "abstractNumId") or "", levels, starts)
        named = ((_value(child(level, "pStyle")), _index(level)) for level in children(definition, "lvl"))
        self._styles[list_id] = {style: at for style, at in named if style}

    def mark(self, list_id: str, level: int | None, style: str | None) -> str:
        """Count one paragraph of that list, and return what stands before its text."""
        at = level if level is not None else self._styles.get(list_id, {}).get(style or "", 0)
        return self._lists.mark(list_id, at)


def _levels(definition: Element) -> list[tuple[int, Level]]:
    return [(_index(level), _level(level)) for level in children(definition, "lvl")]


def _index(element: Element) -> int:
    value = attribute(element, "ilvl") or "0"
    return min(int(value), 8) if value.isdecimal() else 0


def _value(element: Element | None) -> str | None:
    return None if element is None else attribute(element, "val")


def _number(element: Element | None) -> int | None:
    value = _value(element) or ""
    return int(value) if value.isdecimal() else None


def _level(level: Element) -> Level:
    form = next((e for e in descendants(level, "numFmt")), None)
    name = _value(form) or "decimal"
    pattern = _value(child(level, "lvlText")) or ""
    start = _number(child(level, "start"))
    legal = child(level, "isLgl")
    made = Level(
        form=name,
        pattern=pattern,
        start=1 if start is None else start,
        restarts_after=_number(child(level, "lvlRestart")),
        plain=legal is not None and is_on(legal),
        gap="" if _value(child(level, "suff")) == "nothing" else " ",
    )
    if name == BULLET:
        return replace(made, bullet=in_font(pattern, _font(level)))
    if name == "custom" and form is not None:
        return replace(made, custom=_custom(attribute(form, "format") or ""))
    return made


def _font(level: Element) -> str | None:
    fonts = next((e for e in level.iter() if local(e) == "rFonts"), None)
    return None if fonts is None else attribute(fonts, "ascii") or attribute(fonts, "hAnsi")


def _custom(example: str) -> Callable[[int], str]:
    """The numerals of an example such as "001, 002, 003, ...": digits padded with zeros."""
    width = len(example.partition(",")[0].strip())
    return lambda number: f"{number:0{width}}"
