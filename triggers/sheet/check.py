"""What `bot check` tests of the sheet door: the key, the sharing, and each tab's headers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from bot.door import Finding
from bot.doors.sheet.addresses import range_of, shown_id
from bot.doors.sheet.client import Api, SheetsClient, credentials_of
from bot.doors.sheet.columns import Columns, HeadersWrong, Wanted, find_columns, letters, wanted_columns
from bot.doors.sheet.faults import SheetFault
from bot.doors.sheet.quota import NoQuota
from bot.doors.sheet.rule import by_spreadsheet
from bot.doors.sheet.settings import SheetSettings
from bot.doors.sheet.spreadsheet import Calls, GoogleCalls, Info, TabInfo, cells, columns_area, find_tab, no_such_tab
from bot.doors.sheet.status import is_own_column, own_column_words
from bot.errors import SettingsError
from bot.rules.rule import Rule
from bot.settings import Settings

DOOR = "sheet"


async def check(settings: Settings, rules: tuple[Rule, ...]) -> list[Finding]:
    """Findings for every sheet rule; never raises for what it finds."""
    own = settings.door(SheetSettings)
    try:
        credentials = credentials_of(own)
        groups = by_spreadsheet(own, rules)
    except SettingsError as error:
        return [Finding(DOOR, "sheet settings", ok=False, words=error.reason, fix="Correct .env or the rules.")]
    email: str = credentials.service_account_email
    api = Api(own.google_sheets_api_url, own.google_drive_api_url, NoQuota(), email)
    findings = [Finding(DOOR, "service account", ok=True, words=email)]
    for spreadsheet, its_rules in groups.items():
        calls = GoogleCalls(SheetsClient(credentials, api=api), spreadsheet)
        wanted = [wanted_columns(rule, own) for rule in its_rules]
        findings += await asyncio.to_thread(check_spreadsheet, calls, spreadsheet, wanted, email)
    return findings


async def check_sources(settings: Settings, places: Sequence[str]) -> list[Finding]:
    """Findings for the ranges that rules read."""
    own = settings.door(SheetSettings)
    try:
        credentials = credentials_of(own)
    except SettingsError as error:
        return [Finding(DOOR, "sheet settings", ok=False, words=error.reason, fix="Correct .env.")]
    email: str = credentials.service_account_email
    api = Api(own.google_sheets_api_url, own.google_drive_api_url, NoQuota(), email)
    calls = {place: GoogleCalls(SheetsClient(credentials, api=api), range_of(place)[0]) for place in places}
    return await asyncio.to_thread(lambda: [_check_range(calls[place], place, email) for place in places])


def _check_range(calls: Calls, place: str, email: str) -> Finding:
    spreadsheet, title, area = range_of(place)
    subject = f"range {shown_id(spreadsheet)}/{title}!{area}"
    try:
        info = calls.info()
        tab = find_tab(info, title, None)
        if tab is None:
            words = no_such_tab(info, title, None)
            return Finding(DOOR, subject, ok=False, words=words, fix="Correct the rule's read.")
        (rows,) = calls.read([cells(tab.title, area)])
    except SheetFault as fault:
        return Finding(DOOR, subject, ok=False, words=fault.reason, fix=_fix(fault, email))
    return Finding(DOOR, subject, ok=True, words=f"can be read, with {max(len(rows) - 1, 0)} rows below its headers")


def check_spreadsheet(calls: Calls, spreadsheet: str, wanted: Sequence[Wanted], email: str) -> list[Finding]:
    """Findings for one spreadsheet."""
    try:
        info = calls.info(with_protection=True)
        found = [Finding(DOOR, "spreadsheet", ok=True, words=f'"{info.title}" can be read')]
        for one in wanted:
            found += _check_tab(calls, info, one, email)
    except SheetFault as fault:
        return [
            Finding(DOOR, f"spreadsheet {shown_id(spreadsheet)}", ok=False, words=fault.reason, fix=_fix(fault, email))
        ]
    return found


def _fix(fault: SheetFault, email: str) -> str:
    return f"Share it, as editor, with {email}" if fault.is_not_shared else ""


def _check_tab(calls: Calls, info: Info, wanted: Wanted, email: str) -> list[Finding]:
    tab = find_tab(info, wanted.tab, wanted.gid)
    if tab is None:
        words = no_such_tab(info, wanted.tab, wanted.gid)
        return [Finding(DOOR, f"rule {wanted.rule}", ok=False, words=words, fix="Correct SHEET_TAB or the rule's tab.")]
    (rows,) = calls.read([cells(tab.title, "1:1")])
    subject = f'tab "{tab.title}"'
    try:
        columns = find_columns(rows[0] if rows else [], wanted, tab.title)
    except HeadersWrong as wrong:
        if wrong.missing == (wanted.status,) and not wrong.vain:
            words = f'headers found; the column "{wanted.status}" will be made'
            return [Finding(DOOR, subject, ok=True, words=words)]
        return [Finding(DOOR, subject, ok=False, words=wrong.reason, fix="Correct row 1 of that tab, or the rule.")]
    (statuses,) = calls.read([cells(tab.title, columns_area(columns.status, columns.status))])
    if is_own_column(row[0] for row in statuses[1:] if row):
        words = own_column_words(tab.title, wanted.status)
        return [Finding(DOOR, subject, ok=False, words=words, fix="Set SHEET_STATUS_COLUMN in .env.")]
    closed = _protected(tab, columns)
    if closed:
        words = f"column {', '.join(closed)} is protected, so answers cannot be written"
        fix = f"Data, Protect sheets and ranges: allow {email} to edit it."
        return [Finding(DOOR, subject, ok=False, words=words, fix=fix)]
    return [Finding(DOOR, subject, ok=True, words="headers found, columns can be written")]


def _protected(tab: TabInfo, columns: Columns) -> list[str]:
    """The letters of columns to write that a protection closes, at least in part."""
    mine = (*columns.outputs, columns.status)
    closed = {
        column
        for one in tab.protected
        if not one.get("requestingUserCanEdit") and not one.get("warningOnly") and not one.get("unprotectedRanges")
        for column in mine
        if one.get("range", {}).get("startColumnIndex", 0)
        <= column
        < one.get("range", {}).get("endColumnIndex", column + 1)
    }
    return [letters(column) for column in sorted(closed)]
