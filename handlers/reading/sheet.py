"""A range of a sheet as people see it: its first row as headers, values as they are formatted."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Callable, Sequence

from bot.doors.sheet.addresses import range_of
from bot.doors.sheet.client import Api, SheetsClient, credentials_of
from bot.doors.sheet.faults import SheetFault
from bot.doors.sheet.quota import Quota
from bot.doors.sheet.settings import SheetSettings
from bot.doors.sheet.spreadsheet import Calls, GoogleCalls, cells, find_tab, no_such_tab
from bot.errors import TryAgain
from bot.parts import Parts
from handlers.reading.material import Material, Seen, missing, text_of

MOST_ROWS = 5_000
MOST_CHARS = 400_000


class SheetRange:
    """`calls` opens a spreadsheet by its id."""

    def __init__(self, calls: Callable[[str], Calls]) -> None:
        self._calls = calls

    async def read(self, place: str, seen: Seen) -> Material:
        """All that stands there now: what a sheet shows is a state, and is told anew each time."""
        del seen
        try:
            return await asyncio.to_thread(self._read, place)
        except SheetFault as fault:
            if fault.kind == "passing":
                raise TryAgain(fault.reason) from None
            return missing(fault.reason)

    def _read(self, place: str) -> Material:
        spreadsheet, title, area = range_of(place)
        calls = self._calls(spreadsheet)
        info = calls.info()
        tab = find_tab(info, title, None)
        if tab is None:
            return missing(no_such_tab(info, title, None))
        (rows,) = calls.read([cells(tab.title, area)])
        filled = [row for row in rows if any(cell.strip() for cell in row)]
        if len(filled) < 2:
            return Material("no rows" if filled else "empty")
        name = f"{info.title}, {tab.title}!{area}"
        return material_of(name, filled)


def material_of(name: str, rows: Sequence[Sequence[str]]) -> Material:
    """The rows below the headers, as CSV; what is too much is left out, and said. Pure."""
    header, body = rows[0], rows[1 : MOST_ROWS + 1]
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(header)
    count = 0
    for row in body:
        if written.tell() > MOST_CHARS:
            break
        writer.writerow([*row, *[""] * (len(header) - len(row))])  # blank cells at the end are not sent
        count += 1
    total = len(rows) - 1
    words = f"{count} rows" if count == total else f"the first {count} of {total} rows"
    notes = () if count == total else (f"only the first {count} of {total} rows were read",)
    return Material(words, (text_of(name, "sheet", written.getvalue()),), notes=notes)


def open_source(parts: Parts) -> SheetRange:
    """What reads sheets with the service account of these settings."""
    own = parts.settings.door(SheetSettings)
    credentials = credentials_of(own)
    email = credentials.service_account_email
    api = Api(own.google_sheets_api_url, own.google_drive_api_url, Quota(parts.database, email), email)
    return SheetRange(lambda spreadsheet: GoogleCalls(SheetsClient(credentials, api=api), spreadsheet))
