"""The sheet door as data."""

from __future__ import annotations

from collections.abc import Sequence

from bot.door import Door, Mistake, Profile, ReadKind, ReplyKind
from bot.doors.sheet.addresses import tab_of_place
from bot.doors.sheet.rule import SheetRule
from bot.doors.sheet.settings import SheetSettings
from bot.events import Event, SheetTab
from bot.rules.keys import RuleKeys
from bot.rules.rule import Rule
from bot.settings import Settings

ROW = (
    "You fill in a cell of a table. Answer with exactly what belongs into the cell, in the language of the request: "
    "no preamble, no remarks, no Markdown unless it is asked for."
)


def _no_account(settings: Settings) -> tuple[str, ...]:
    return () if settings.door(SheetSettings).google_service_account_file else ("GOOGLE_SERVICE_ACCOUNT_FILE",)


def _reply_tab(place: str, _event: Event) -> SheetTab:
    return tab_of_place(place) or SheetTab("", "")


def _missing(settings: Settings, keys: RuleKeys | None) -> tuple[str, ...]:
    own = settings.door(SheetSettings)
    account = _no_account(settings)
    return account if own.sheet_id or keys is not None else (*account, "SHEET_ID")


def _derived_rule(settings: Settings) -> Rule:
    own = settings.door(SheetSettings)
    return Rule(name="sheet", on="sheet", ask="{" + own.sheet_question_column + "}", options=SheetRule())


def _check_rules(rules: Sequence[Rule], settings: Settings) -> Mistake | None:
    if settings.door(SheetSettings).sheet_id:
        return None
    nowhere = next((rule for rule in rules if not rule.of(SheetRule).spreadsheet), None)
    words = "it is missing; expected a spreadsheet's id or URL, here or as SHEET_ID"
    return Mistake(nowhere, "spreadsheet", words) if nowhere else None


DOOR = Door(
    name="sheet",
    settings=SheetSettings,
    rule_keys=SheetRule,
    missing=_missing,
    derived_rule=_derived_rule,
    profile=Profile(ROW),
    opened_by={
        "GOOGLE_SERVICE_ACCOUNT_FILE": "Make a service account's JSON key at "
        "https://console.cloud.google.com/iam-admin/serviceaccounts and name the file here.",
        "SHEET_ID": "",
    },
    check_rules=_check_rules,
)

REPLY = ReplyKind(
    "sheet",
    "sheet:SPREADSHEET/TAB",
    missing=_no_account,
    address=_reply_tab,
    fault=lambda place: "" if tab_of_place(place) else "expected a spreadsheet's id or URL, a slash and a tab's name",
    is_quiet=True,
)
ADDED_ROW = ReplyKind("sheet_tab", missing=_no_account)
READ = ReadKind("sheet:SPREADSHEET/TAB!RANGE", _no_account)
