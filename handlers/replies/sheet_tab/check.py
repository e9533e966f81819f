"""What `bot check` tests of the tabs that rules add rows to: the key, the sharing, the headers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from bot.door import Finding
from bot.doors.sheet.addresses import shown_id, tab_of_place
from bot.doors.sheet.client import Api, SheetsClient, credentials_of
from bot.doors.sheet.faults import SheetFault
from bot.doors.sheet.quota import NoQuota
from bot.doors.sheet.settings import SheetSettings
from bot.doors.sheet.spreadsheet import Calls, GoogleCalls, cells, columns_area, find_tab, no_such_tab
from bot.doors.sheet.status import is_own_column, own_column_words
from bot.errors import SettingsError
from bot.events import SheetTab
from bot.rules.placeholders import indexes_of
from bot.rules.rule import Rule
from bot.settings import Settings
from handlers.replies.sheet_tab.added_row import Headers, fault_of, filled_headers

DOOR = "sheet"


async def check_replies(settings: Settings, places: Sequence[tuple[Rule, str]]) -> list[Finding]:
    """Findings for every rule and the place where its answers go; never raises for what it finds."""
    own = settings.door(SheetSettings)
    try:
        credentials = credentials_of(own)
    except SettingsError as error:
        return [Finding(DOOR, "sheet settings", ok=False, words=error.reason, fix="Correct .env.")]
    email: str = credentials.service_account_email
    api = Api(own.google_sheets_api_url, own.google_drive_api_url, NoQuota(), email)
    headers = Headers(own.sheet_answer_column, own.sheet_status_column)
    findings: list[Finding] = []
    for rule, place in places:
        tab = tab_of_place(place) or SheetTab("", "")
        calls = GoogleCalls(SheetsClient(credentials, api=api), tab.spreadsheet)
        findings.append(await asyncio.to_thread(check_tab, calls, rule, tab, headers, email))
    return findings


def check_tab(calls: Calls, rule: Rule, place: SheetTab, headers: Headers, email: str) -> Finding:
    """Whether the answers of this rule can be added there."""
    subject = f"rule {rule.name}, reply"
    try:
        wrong, words = _look(calls, rule, place, headers)
    except SheetFault as fault:
        fix = f"Share it, as editor, with {email}" if fault.is_not_shared else ""
        return Finding(DOOR, f"{subject}, {shown_id(place.spreadsheet)}", ok=False, words=fault.reason, fix=fix)
    fix = "Correct row 1 of that tab, or the rule's reply." if wrong else ""
    return Finding(DOOR, subject, ok=not wrong, words=wrong or words, fix=fix)


def _look(calls: Calls, rule: Rule, place: SheetTab, headers: Headers) -> tuple[str, str]:
    """(what is wrong, "") or ("", what answers fill)."""
    info = calls.info()
    tab = find_tab(info, place.tab, place.gid)
    if tab is None:
        return no_such_tab(info, place.tab, place.gid), ""
    (rows,) = calls.read([cells(tab.title, "1:1")])
    header = [text.strip() for text in (rows[0] if rows else ())]
    wrong = fault_of(header, rule.columns, headers, tab.title)
    at = next(iter(indexes_of(header, headers.status)), None)
    if not wrong and at is not None:
        (statuses,) = calls.read([cells(tab.title, columns_area(at, at))])
        if is_own_column(row[0] for row in statuses[1:] if row):
            wrong = own_column_words(tab.title, headers.status)
    filled = ", ".join(filled_headers(header, rule.columns, headers))
    made = "" if at is not None else f'; the column "{headers.status}" will be made'
    return wrong, f'each answer adds a row to tab "{tab.title}" and fills {filled}{made}'
