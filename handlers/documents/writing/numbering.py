"""The running numbers of lists with several levels, as Word, LibreOffice and RTF count them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from handlers.documents.writing.numerals import numeral

BULLET = "bullet"


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a list: its numerals, its pattern ("%1.%2" names levels from 1), its first number.

    `restarts_after` is the level (from 1) whose numbers begin it anew; None means any level above, 0 never.
    `plain` writes the numbers of all levels as digits. `bullet` is the sign of a level that is not counted.
    """

    form: str = "decimal"
    pattern: str = "%1."
    start: int = 1
    restarts_after: int | None = None
    plain: bool = False
    bullet: str = ""
    gap: str = " "
    custom: Callable[[int], str] | None = None

    def numeral(self, number: int) -> str:
        """The number in the numerals of this level."""
        return self.custom(number) if self.custom else numeral(number, self.form)


@dataclass(slots=True)
class Counter:
    """Where a list stands: the last number of each level that has been used."""

    last: dict[int, int] = field(default_factory=dict)

    def advance(self, level: int, levels: Mapping[int, Level] | Sequence[Level], start: int | None = None) -> str:
        """Count one item of `level` (from 0) and return what stands before it; `start` begins the level anew."""
        known = dict(enumerate(levels)) if isinstance(levels, Sequence) else levels
        own = known.get(level, Level())
        self.last[level] = start if start is not None else self.last.get(level, own.start - 1) + 1
        self._restart(level, known)
        return label(own, level, self.last, known)

    def _restart(self, level: int, levels: Mapping[int, Level]) -> None:
        for deeper in [n for n in self.last if n > level]:
            after = levels.get(deeper, Level()).restarts_after
            if after is None or level < after:
                del self.last[deeper]


class Lists:
    """All lists of one document by their ids; lists of one kind count on from each other."""

    def __init__(self) -> None:
        self._kinds: dict[str, str] = {}
        self._levels: dict[str, dict[int, Level]] = {}
        self._starts: dict[str, dict[int, int]] = {}
        self._counters: dict[str, Counter] = {}

    def add(self, list_id: str, kind: str, levels: dict[int, Level], starts: dict[int, int]) -> None:
        """A list of that kind; `starts` are the levels at which it begins anew, and with what."""
        self._kinds[list_id], self._levels[list_id], self._starts[list_id] = kind, levels, dict(starts)

    def __contains__(self, list_id: str) -> bool:
        return list_id in self._levels

    def mark(self, list_id: str, level: int) -> str:
        """Count one paragraph of a list, and return what stands before its text; "- " for lists nobody defined."""
        if list_id not in self._levels:
            return "- "
        at = max(0, min(level, 8))
        counter = self._counters.setdefault(self._kinds[list_id], Counter())
        start = None
        for restarted in [n for n in self._starts[list_id] if n <= at]:
            # A list that begins anew does so once: with its first paragraph of that level.
            value = self._starts[list_id].pop(restarted)
            if restarted == at:
                start = value
            else:
                counter.last[restarted] = value
        return counter.advance(at, self._levels[list_id], start)


def label(own: Level, level: int, numbers: Mapping[int, int], levels: Mapping[int, Level]) -> str:
    """What stands before an item, with the gap to its text: "2.1 ", "(a) ", "- "; "" when nothing does."""
    if own.form == BULLET:
        return bullet(own.bullet, level)

    def shown(match: re.Match[str]) -> str:
        at = int(match[1]) - 1
        form = levels.get(at, Level())
        number = numbers.get(at, form.start)
        return str(number) if own.plain else form.numeral(number)

    text = re.sub(r"%([1-9])", shown, own.pattern).strip()
    return text + own.gap if text else ""


_ROUND = frozenset("•·●○◦◘■□▪▫◆◇❖➢➤►▶‣⁃–—-*o§\uf0b7\uf0a7\uf0d8\uf076\uf0a8\ufffd")


def bullet(sign: str, level: int) -> str:
    """The mark of an item that is not counted: "- ", and check boxes, ticks and arrows as they are drawn."""
    shown = sign.strip()
    return "  " * level + ("- " if not shown or shown in _ROUND else f"{shown} ")
