"""The list of API methods: verb and path, parameters, the body's message, and what carries it out."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote

from playground.sheets import batch, reads, writes
from playground.sheets.reads import Asked
from playground.sheets.refusals import Json
from playground.sheets.shapes import check_enum, unknown_parameter

_COMMON = {
    "alt",
    "fields",
    "key",
    "prettyPrint",
    "quotaUser",
    "access_token",
    "oauth_token",
    "callback",
    "$.xgafv",
    "uploadType",
    "upload_protocol",
}
_RENDER = {"valueRenderOption": "ResponseValueRenderOption", "dateTimeRenderOption": "ResponseDateTimeRenderOption"}
_READ = _RENDER | {"majorDimension": "MajorDimension"}
_WRITE = {
    "valueInputOption": "ValueInputOption",
    "includeValuesInResponse": "bool",
    "responseValueRenderOption": "ResponseValueRenderOption",
    "responseDateTimeRenderOption": "ResponseDateTimeRenderOption",
}
_GET = {
    "ranges": "str",
    "includeGridData": "bool",
    "excludeTablesInBandedRanges": "bool",
    "commentsViewMode": "CommentsViewMode",
}


@dataclass(frozen=True)
class Method:
    """One API method. `kind` is the quota it draws on, `answer` the message of its response."""

    name: str
    verb: str
    pattern: re.Pattern[str]
    kind: str
    run: Callable[[Asked], Json]
    answer: str
    body: str = ""
    parameters: dict[str, str] = field(default_factory=dict)


def _method(name: str, route: str, run: Callable[[Asked], Json], **rest: Any) -> Method:
    """A method of spreadsheets: `route` is verb and path after the id, {…} a part of it."""
    verb, _, path = route.partition(" ")
    shape = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+?)", path)
    return Method(name, verb, re.compile(r"/v4/spreadsheets/(?P<id>[^/:]+)" + shape), run=run, **rest)


METHODS = (
    _method("GetSpreadsheet", "GET ", reads.spreadsheet_get, kind="read", answer="Spreadsheet", parameters=_GET),
    _method(
        "GetSpreadsheetByDataFilter",
        "POST :getByDataFilter",
        reads.spreadsheet_get_by_filter,
        kind="read",
        answer="Spreadsheet",
        body="GetSpreadsheetByDataFilterRequest",
    ),
    _method(
        "BatchUpdateSpreadsheet",
        "POST :batchUpdate",
        batch.batch_update,
        kind="write",
        answer="BatchUpdateSpreadsheetResponse",
        body="BatchUpdateSpreadsheetRequest",
    ),
    _method(
        "BatchGetValues",
        "GET /values:batchGet",
        reads.values_batch_get,
        kind="read",
        answer="BatchGetValuesResponse",
        parameters=_READ | {"ranges": "str"},
    ),
    _method(
        "BatchGetValuesByDataFilter",
        "POST /values:batchGetByDataFilter",
        reads.values_batch_get_by_filter,
        kind="read",
        answer="BatchGetValuesByDataFilterResponse",
        body="BatchGetValuesByDataFilterRequest",
    ),
    _method(
        "BatchUpdateValues",
        "POST /values:batchUpdate",
        writes.values_batch_update,
        kind="write",
        answer="BatchUpdateValuesResponse",
        body="BatchUpdateValuesRequest",
    ),
    _method(
        "BatchUpdateValuesByDataFilter",
        "POST /values:batchUpdateByDataFilter",
        writes.values_batch_update_by_filter,
        kind="write",
        answer="BatchUpdateValuesByDataFilterResponse",
        body="BatchUpdateValuesByDataFilterRequest",
    ),
    _method(
        "BatchClearValues",
        "POST /values:batchClear",
        writes.values_batch_clear,
        kind="write",
        answer="BatchClearValuesResponse",
        body="BatchClearValuesRequest",
    ),
    _method(
        "BatchClearValuesByDataFilter",
        "POST /values:batchClearByDataFilter",
        writes.values_batch_clear_by_filter,
        kind="write",
        answer="BatchClearValuesByDataFilterResponse",
        body="BatchClearValuesByDataFilterRequest",
    ),
    _method(
        "AppendValues",
        "POST /values/{range}:append",
        writes.values_append,
        kind="write",
        answer="AppendValuesResponse",
        body="ValueRange",
        parameters=_WRITE | {"insertDataOption": "InsertDataOption"},
    ),
    _method(
        "ClearValues",
        "POST /values/{range}:clear",
        writes.values_clear,
        kind="write",
        answer="ClearValuesResponse",
        body="ClearValuesRequest",
    ),
    _method("GetValues", "GET /values/{range}", reads.values_get, kind="read", answer="ValueRange", parameters=_READ),
    _method(
        "UpdateValues",
        "PUT /values/{range}",
        writes.values_update,
        kind="write",
        answer="UpdateValuesResponse",
        body="ValueRange",
        parameters=_WRITE,
    ),
    _method(
        "GetDeveloperMetadata",
        "GET /developerMetadata/{metadata}",
        reads.metadata_get,
        kind="read",
        answer="DeveloperMetadata",
    ),
    _method(
        "SearchDeveloperMetadata",
        "POST /developerMetadata:search",
        reads.metadata_search,
        kind="read",
        answer="SearchDeveloperMetadataResponse",
        body="SearchDeveloperMetadataRequest",
    ),
)


def found(verb: str, path: str) -> tuple[Method, dict[str, str]] | None:
    """The method of a request and its path's parts, decoded; None when there is no such method."""
    for method in METHODS:
        match = method.pattern.fullmatch(path) if method.verb == verb else None
        if match:
            return method, {name: unquote(part) for name, part in match.groupdict().items()}
    return None


def checked_query(method: Method, text: str) -> dict[str, list[str]]:
    """The query, every name and value known. Raises Refused."""
    query = parse_qs(text, keep_blank_values=True)
    for name, values in query.items():
        if name in _COMMON:
            continue
        kind = method.parameters.get(name)
        if kind is None:
            raise unknown_parameter(name)
        for value in values:
            if kind not in {"str", "bool"}:
                check_enum(value, kind, name)
    return query
