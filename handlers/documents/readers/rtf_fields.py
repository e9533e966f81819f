"""A field of a rich text file: its code, the entry of a form, and what it shows by itself."""

from __future__ import annotations

from dataclasses import dataclass, field

from handlers.documents.writing.field_codes import equation, symbol_of
from handlers.documents.writing.symbols import box

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
