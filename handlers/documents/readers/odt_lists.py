"""The lists and headings of an OpenDocument text and where each of them stands (OpenDocument 1.3, part 3, 5.3)."""

from __future__ import annotations

from dataclasses import dataclass

from handlers.documents.readers.odt_styles import OdtStyles
from handlers.documents.readers.xml import Element, attribute, local
from handlers.documents.writing.numbering import Counter, Level


@dataclass(frozen=True, slots=True)
class OpenList:
    """The list that is open around a paragraph: its levels, its depth (from 0), where it stands."""

    levels: dict[int, Level] | None
    depth: int
    counter: Counter
    style: str | None = None


@dataclass(slots=True)
class Label:
    """What stands before the first paragraph of a list item, and is used up by it."""

    around: OpenList | None = None
    start: int | None = None
    used: bool = False


class OdtLists:
    """Where the lists and the headings of one part stand."""

    def __init__(self, styles: OdtStyles) -> None:
        self._styles = styles
        self._named: dict[str, Counter] = {}
        self._last: dict[str | None, Counter] = {}
        self._outline = Counter()

    def opened(self, element: Element, around: OpenList | None) -> OpenList:
        """A list (text:list) that begins: one more level of the list around it, or a list of its own."""
        style = attribute(element, "style-name") or (around.style if around else None)
        if around is not None:
            return OpenList(self._styles.levels(style), around.depth + 1, around.counter, style)
        return OpenList(self._styles.levels(style), 0, self._counter(element, style), style)

    def numbered(self, element: Element) -> OpenList:
        """The list that a paragraph (text:numbered-paragraph) says it belongs to."""
        style, level = attribute(element, "style-name"), attribute(element, "level") or "1"
        counter = self._named.setdefault(attribute(element, "list-id") or f"style {style}", Counter())
        depth = int(level) - 1 if level.isdecimal() and int(level) else 0
        return OpenList(self._styles.levels(style), depth, counter, style)

    def _counter(self, element: Element, style: str | None) -> Counter:
        """A list begins anew, unless it says that it goes on from another one."""
        previous = self._named.get(attribute(element, "continue-list") or "")
        if previous is None and attribute(element, "continue-numbering") == "true":
            previous = self._last.get(style)
        counter = previous or Counter()
        self._last[style] = counter
        if name := attribute(element, "id"):
            self._named[name] = counter
        return counter

    def mark(self, paragraph: Element, item: Label, list_style: str | None) -> str:
        """What stands before a paragraph: the label of its item, or the number of a heading."""
        around = item.around
        level = attribute(paragraph, "outline-level") or "" if local(paragraph) == "h" else ""
        if around is not None and not item.used:
            item.used = True
            levels = around.levels or self._styles.levels(list_style)
            if levels is None and level and self._styles.outline:
                return self._heading(paragraph, level)
            if levels is None:
                return "  " * around.depth + "- "
            return around.counter.advance(around.depth, levels, item.start)
        return self._heading(paragraph, level) if level and around is None else ""

    def _heading(self, heading: Element, level: str) -> str:
        if not level.isdecimal() or attribute(heading, "is-list-header") == "true" or not self._styles.outline:
            return ""
        start = attribute(heading, "start-value") or "1"
        anew = attribute(heading, "restart-numbering") == "true"
        first = int(start) if anew and start.isdecimal() else None
        return self._outline.advance(int(level) - 1, self._styles.outline, first)


def start_value(item: Element) -> int | None:
    """The number with which an item begins its list anew."""
    value = attribute(item, "start-value") or ""
    return int(value) if value.isdecimal() else None
