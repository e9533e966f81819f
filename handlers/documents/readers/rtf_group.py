"""What holds within one pair of braces, or within one field, of a rich text file, and how control words change it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from handlers.documents.writing.field_codes import equation, symbol_of
from handlers.documents.writing.styled import LOWERED, RAISED
from handlers.documents.writing.symbols import box


class Group(NamedTuple):
    """What holds within one pair of braces: where its text goes, how letters and paragraphs look, what closes it."""

    goes: str = "page"
    stand_in: int = 1
    closing: str = ""
    outer: str = "page"
    font: int | None = None
    hidden: bool = False
    deleted: bool = False
    place: str = ""
    struck: bool = False
    colour: int = 0
    ground: int = 0
    paper: int = 0
    in_table: bool = False
    list_id: int = 0
    level: int = 0

    @property
    def shown(self) -> bool:
        """Whether text of the group goes anywhere."""
        return self.goes != "nowhere"


def restyled(group: Group, word: bytes, value: int | None, default_font: int | None) -> Group | None:
    """The group after a word about its letters or its paragraph; None when the word is about neither."""
    if word not in RESTYLING:
        return None
    if word == b"plain":
        return group._replace(
            hidden=False, deleted=False, struck=False, place="", colour=0, ground=0, font=default_font
        )
    if word == b"pard":
        return group._replace(in_table=False, list_id=0, level=0, paper=0)
    return group._replace(**_change(word, value))


def _change(word: bytes, value: int | None) -> Mapping[str, Any]:
    on, number = value != 0, value or 0
    if word in _SWITCHES:
        return {_SWITCHES[word]: on}
    if word in _NUMBERS:
        return {_NUMBERS[word]: number}
    if word in _PLACES:
        return {"place": _PLACES[word] if on else ""}
    if word == b"f":
        return {"font": value}
    return {"stand_in": max(number, 0)} if word == b"uc" else {"in_table": True}


_SWITCHES = {b"v": "hidden", b"deleted": "deleted", b"strike": "struck", b"striked": "struck"}
_NUMBERS = {
    b"cf": "colour", b"cb": "ground", b"chcbpat": "ground", b"highlight": "ground", b"cbpat": "paper", b"ls": "list_id",
    b"ilvl": "level",
}  # fmt: skip
_PLACES = {b"super": RAISED, b"up": RAISED, b"sub": LOWERED, b"dn": LOWERED, b"nosupersub": ""}
RESTYLING = frozenset((*_SWITCHES, *_NUMBERS, *_PLACES, b"f", b"uc", b"intbl", b"plain", b"pard"))
"""The words that `restyled` is about."""


# ── fields ──

_CHECK_BOX, _DROP_DOWN = 1, 2
_UNTOUCHED = 25
"""The result of a form field that nobody has changed: its default holds."""


@dataclass(slots=True)
class RtfField:
    """What is known of a field while it is read; `settings` are the words of its form (fftype, ffres, ffdefres)."""

    code: str = ""
    settings: dict[str, int] = field(default_factory=dict)
    entries: list[str] = field(default_factory=list)

    @property
    def stands_alone(self) -> bool:
        """Whether the field shows something by itself, so that its stored result is not read."""
        return self.settings.get("fftype") in {_CHECK_BOX, _DROP_DOWN} or bool(
            symbol_of(self.code) or equation(self.code)
        )

    def shown(self) -> str:
        """What the field shows by itself; "" where its result is what is seen."""
        kind = self.settings.get("fftype")
        if kind in {_CHECK_BOX, _DROP_DOWN}:
            result = self.settings.get("ffres", _UNTOUCHED)
            result = self.settings.get("ffdefres", 0) if result == _UNTOUCHED else result
            if kind == _CHECK_BOX:
                return box(result == 1)
            return self.entries[result] if 0 <= result < len(self.entries) else ""
        return symbol_of(self.code) or equation(self.code)
