"""The lists of a Word document and where each of them stands (ECMA-376, part 1, 17.9)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from handlers.documents.readers.xml import Element, attribute, child, children, descendants, is_on, local
from handlers.documents.writing.numbering import BULLET, Counter, Level
from handlers.documents.writing.symbols import in_font


class Lists:
    """Definitions by the id of the list (w:num); lists of one abstract definition count on from each other."""

    def __init__(self, root: Element | None) -> None:
        abstract = {} if root is None else {attribute(a, "abstractNumId"): a for a in children(root, "abstractNum")}
        linked = {_value(child(a, "styleLink")): a for a in abstract.values() if child(a, "styleLink") is not None}
        self._kinds: dict[str, str] = {}
        self._levels: dict[str, dict[int, Level]] = {}
        self._styles: dict[str, dict[str, int]] = {}
        self._starts: dict[str, dict[int, int]] = {}
        self._counters: dict[str, Counter] = {}
        for number in () if root is None else children(root, "num"):
            self._add(number, abstract, linked)

    def _add(self, number: Element, abstract: dict[str | None, Element], linked: dict[str | None, Element]) -> None:
        list_id = attribute(number, "numId") or ""
        kind = _value(child(number, "abstractNumId"))
        definition = abstract.get(kind)
        if definition is None:
            return
        link = child(definition, "numStyleLink")
        definition = linked.get(_value(link), definition) if link is not None else definition
        self._kinds[list_id] = attribute(definition, "abstractNumId") or ""
        self._levels[list_id] = dict(_levels(definition))
        self._styles[list_id] = {
            _value(child(level, "pStyle")) or "": _index(level)
            for level in children(definition, "lvl")
            if child(level, "pStyle") is not None
        }
        for override in children(number, "lvlOverride"):
            at = _index(override)
            if (level := child(override, "lvl")) is not None:
                self._levels[list_id][at] = _level(level)
            start = _value(child(override, "startOverride"))
            if start and start.lstrip("-").isdecimal():
                self._starts.setdefault(list_id, {})[at] = int(start)

    def mark(self, list_id: str, level: int | None, style: str | None) -> str:
        """Count one paragraph of that list, and return what stands before its text."""
        if list_id not in self._levels:
            return "- " if list_id != "0" else ""
        at = min(level if level is not None else self._styles[list_id].get(style or "", 0), 8)
        counter = self._counters.setdefault(self._kinds[list_id], Counter())
        start = None
        for restarted in [n for n in self._starts.get(list_id, {}) if n <= at]:
            # A list that begins anew does so once: with its first paragraph of that level.
            value = self._starts[list_id].pop(restarted)
            if restarted == at:
                start = value
            else:
                counter.last[restarted] = value
        return counter.advance(at, self._levels[list_id], start)


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
