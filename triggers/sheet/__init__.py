"""The way in to the sheet door: the trigger of spreadsheets, and what `bot check` tests of them."""

from triggers.sheet.check import check
from triggers.sheet.trigger import SheetTrigger

__all__ = ["SheetTrigger", "check"]
