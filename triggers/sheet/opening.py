"""How the sheet trigger is opened, and what `bot check` asks of it."""

from __future__ import annotations

from bot.parts import Parts
from bot.rules.rule import Rule
from triggers.sheet.check import check
from triggers.sheet.trigger import SheetTrigger

__all__ = ["check", "open_trigger"]


def open_trigger(parts: Parts, rules: tuple[Rule, ...]) -> SheetTrigger:
    """The trigger of all sheet rules."""
    return SheetTrigger(parts.settings, rules, parts.database)
