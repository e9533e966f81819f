"""The way in to the sheet door: the trigger of spreadsheets, and what `bot check` tests of them."""

from bot.parts import Parts
from bot.rules.rule import Rule
from triggers.sheet.check import check
from triggers.sheet.trigger import SheetTrigger

__all__ = ["SheetTrigger", "check", "open_trigger"]


def open_trigger(parts: Parts, rules: tuple[Rule, ...]) -> SheetTrigger:
    """The trigger of all sheet rules."""
    return SheetTrigger(parts.settings, rules, parts.database)
