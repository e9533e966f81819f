"""What a rule on a sheet may say beyond the common keys."""

from __future__ import annotations

from pydantic import Field

from bot.rules.keys import Filled, RuleKeys


class SheetRule(RuleKeys):
    """`spreadsheet` is an id or a URL; an empty key leaves the word to SHEET_ID and SHEET_TAB."""

    spreadsheet: Filled = Field("", description="a spreadsheet's id or URL in quotes")
    tab: Filled = Field("", description="a tab's name in quotes")
