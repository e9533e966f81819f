"""What a rule on a sheet may say beyond the common keys, and which spreadsheet and tab it means by that."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field

from bot.doors.sheet.addresses import spreadsheet_id, tab_id
from bot.doors.sheet.settings import SheetSettings
from bot.errors import SettingsError
from bot.rules.keys import Filled, RuleKeys
from bot.rules.rule import Rule


class SheetRule(RuleKeys):
    """`spreadsheet` is an id or a URL; an empty key leaves the word to SHEET_ID and SHEET_TAB."""

    spreadsheet: Filled = Field("", description="a spreadsheet's id or URL in quotes")
    tab: Filled = Field("", description="a tab's name in quotes")


def tab_of(rule: Rule, settings: SheetSettings) -> tuple[str, int | None]:
    """The tab that a rule means: its name, or the sheetId that its spreadsheet's URL shows; ("", None): the first."""
    own = rule.of(SheetRule)
    name = own.tab or settings.sheet_tab or ""
    return name, None if name else tab_id(own.spreadsheet or settings.sheet_id or "")


def by_spreadsheet(settings: SheetSettings, rules: Sequence[Rule]) -> dict[str, list[Rule]]:
    """The rules of each spreadsheet, by its id. Raises SettingsError for one without, and for two on one tab."""
    groups: dict[str, list[Rule]] = {}
    for rule in rules:
        spreadsheet = spreadsheet_id(rule.of(SheetRule).spreadsheet or settings.sheet_id or "")
        if not spreadsheet:
            raise SettingsError(f'The rule "{rule.name}" names no spreadsheet: set its `spreadsheet`, or SHEET_ID.')
        own = groups.setdefault(spreadsheet, [])
        for other in own:
            if tab_of(rule, settings) == tab_of(other, settings):
                words = f'The rules "{other.name}" and "{rule.name}" want the same tab. Give each a tab of its own.'
                raise SettingsError(words)
        own.append(rule)
    return groups
