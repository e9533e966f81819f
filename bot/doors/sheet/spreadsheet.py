"""The few calls that a spreadsheet needs, each one request, with plain data in and out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import structlog

from bot.doors.sheet.columns import letters
from bot.rules.placeholders import folded
from bot.text import whole_text

log = structlog.get_logger()

INFO_FIELDS = "properties(title,timeZone),sheets.properties(sheetId,title,hidden,gridProperties)"
PROTECTION_FIELDS = ",sheets.protectedRanges(range,unprotectedRanges,warningOnly,requestingUserCanEdit)"
DATE_FORMAT = {"type": "DATE", "pattern": "yyyy-mm-dd"}


@dataclass(frozen=True, slots=True)
class TabInfo:
    """A tab as the spreadsheet describes it."""

    tab: int
    title: str
    columns: int
    protected: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Info:
    """A spreadsheet's title, its time zone's name and its tabs from left to right."""

    title: str
    zone: str
    tabs: tuple[TabInfo, ...]


class Calls(Protocol):
    """One spreadsheet. Every method is one request and raises SheetFault."""

    def info(self, *, with_protection: bool = False) -> Info:
        """What tabs there are."""

    def read(self, ranges: Sequence[str]) -> list[list[list[str]]]:
        """Rows of texts, as people see them, for each range."""

    def write(self, data: Sequence[dict[str, Any]]) -> list[list[str] | None]:
        """Write ranges RAW, all or none; each range's first row afterwards, None where the response has none."""

    def batch(self, requests: Sequence[dict[str, Any]], response_ranges: Sequence[str] = ()) -> dict[str, Any]:
        """spreadsheets.batchUpdate; with `response_ranges` their cells come back."""


class GoogleCalls:
    """`Calls` through gspread's HTTPClient."""

    def __init__(self, client: Any, spreadsheet: str) -> None:
        self._client, self._id = client, spreadsheet

    def info(self, *, with_protection: bool = False) -> Info:
        fields = INFO_FIELDS + (PROTECTION_FIELDS if with_protection else "")
        data = self._client.spreadsheets_get(self._id, params={"fields": fields})
        properties = data.get("properties", {})
        return Info(
            properties.get("title", ""),
            properties.get("timeZone", "Etc/UTC"),
            tuple(_tab_info(sheet) for sheet in data.get("sheets", ())),
        )

    def read(self, ranges: Sequence[str]) -> list[list[list[str]]]:
        params = {"valueRenderOption": "FORMATTED_VALUE", "majorDimension": "ROWS"}
        data = self._client.values_batch_get(self._id, list(ranges), params=params)
        return [
            [[whole_text(str(cell)) for cell in row] for row in found.get("values", ())]
            for found in data.get("valueRanges", ())
        ]

    def write(self, data: Sequence[dict[str, Any]]) -> list[list[str] | None]:
        body = {
            "valueInputOption": "RAW",
            "data": list(data),
            "includeValuesInResponse": True,
            "responseValueRenderOption": "FORMATTED_VALUE",
        }
        answer = self._client.values_batch_update(self._id, body=body)
        responses = answer.get("responses", ())
        if len(responses) != len(data):
            return [None] * len(data)
        return [_first_row(response) for response in responses]

    def batch(self, requests: Sequence[dict[str, Any]], response_ranges: Sequence[str] = ()) -> dict[str, Any]:
        body: dict[str, Any] = {"requests": list(requests)}
        if response_ranges:
            wanted = {"responseRanges": list(response_ranges), "responseIncludeGridData": True}
            body |= {"includeSpreadsheetInResponse": True, **wanted}
        answer: dict[str, Any] = self._client.batch_update(self._id, body)
        return answer


def _tab_info(sheet: dict[str, Any]) -> TabInfo:
    properties = sheet.get("properties", {})
    columns = int(properties.get("gridProperties", {}).get("columnCount", 0))
    protected = tuple(sheet.get("protectedRanges", ()))
    return TabInfo(int(properties.get("sheetId", 0)), properties.get("title", ""), columns, protected)


def _first_row(response: dict[str, Any]) -> list[str] | None:
    if "updatedData" not in response:
        return None
    rows = response["updatedData"].get("values") or [[]]
    return [whole_text(str(cell)) for cell in rows[0]]


def find_tab(info: Info, title: str, gid: int | None) -> TabInfo | None:
    """The tab with that sheetId, or else of that name, or the first where neither is given."""
    if gid is not None:
        return next((one for one in info.tabs if one.tab == gid), None)
    named = next((one for one in info.tabs if one.title.strip() == title.strip()), None)
    return named or (info.tabs[0] if info.tabs and not title else None)


def no_such_tab(info: Info, title: str, gid: int | None) -> str:
    """What is wrong when there is none."""
    which = f'"{title}"' if gid is None else f"with gid={gid}, which the spreadsheet's URL names,"
    titles = ", ".join(f'"{one.title}"' for one in info.tabs)
    return f"There is no tab {which} in this spreadsheet; it has {titles}."


def cells(title: str, area: str) -> str:
    """A range of a tab, its name always quoted: 'My tab'!A1:C1."""
    return "'" + title.replace("'", "''") + f"'!{area}"


def columns_area(first: int, last: int) -> str:
    """Whole columns: A:C."""
    return f"{letters(first)}:{letters(last)}"


def row_area(number: int, first: int, last: int) -> str:
    """A stretch of one row: A5:C5."""
    return f"{letters(first)}{number}:{letters(last)}{number}"


def make_status_column(calls: Calls, tab: TabInfo, header: Sequence[str], name: str) -> None:
    """Make a tab's status column, right of its last header; two who do so at once make the same one."""
    at = len(header)
    if at >= tab.columns:
        wider = {"sheetId": tab.tab, "dimension": "COLUMNS", "length": at + 1 - tab.columns}
        calls.batch([{"appendDimension": wider}])
    where = cells(tab.title, f"A1:{letters(at)}1")
    (now,) = calls.write([{"range": where, "values": [[None] * at + [name]]}])
    log.info("status column made", tab=tab.title, column=letters(at))
    lost = _lost_header(header, now)
    if lost:
        # Somebody moved a column in that moment: put the header back; the next look makes the column elsewhere.
        calls.write([{"range": where, "values": [[None] * at + [lost]]}])


def _lost_header(before: Sequence[str], after: Sequence[str] | None) -> str:
    if after is None:
        return ""
    now = {folded(text) for text in after}
    return next((text for text in before if text and folded(text) not in now), "")


def date_look(tab: int, column: int) -> dict[str, Any]:
    """The request that lets the numbers of a column look like dates."""
    area = {"sheetId": tab, "startRowIndex": 1, "startColumnIndex": column, "endColumnIndex": column + 1}
    look = {"userEnteredFormat": {"numberFormat": DATE_FORMAT}}
    return {"repeatCell": {"range": area, "cell": look, "fields": "userEnteredFormat.numberFormat"}}
