"""The values methods and spreadsheets.get as the API offers them: a request in, a response out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playground.sheets.a1 import Box
from playground.sheets.book import Book, Writer
from playground.sheets.masks import Mask
from playground.sheets.places import filtered_areas, matching, metadata_json
from playground.sheets.refusals import Json, Refused, not_found
from playground.sheets.resource import spreadsheet
from playground.sheets.shown import Rendering
from playground.sheets.values import read, value_range


@dataclass
class Behaviour:
    """What Google leaves open or varies, settable so that a client can be tried against each answer.

    `sort_moves_metadata`: whether row metadata follows a sort (undocumented). `values_in_response`: whether writes
    honour includeValuesInResponse. `replacement_is_typed`: whether findReplace reads its replacement like typing.
    `rules_bind_api`: whether a strict validation rule refuses API writes too.
    """

    sort_moves_metadata: bool = True
    values_in_response: bool = True
    replacement_is_typed: bool = True
    rules_bind_api: bool = False


@dataclass
class Asked:
    """One request, its path, query and body already checked."""

    book: Book
    who: str
    at: float
    behaviour: Behaviour
    path: dict[str, str] = field(default_factory=dict)
    query: dict[str, list[str]] = field(default_factory=dict)
    body: Json = field(default_factory=dict)
    mask: Mask = field(default_factory=dict)

    def one(self, name: str, default: str = "") -> str:
        """A query parameter's (last) value."""
        values = self.query.get(name)
        return values[-1] if values else default

    def flag(self, name: str) -> bool:
        """A boolean query parameter."""
        return self.one(name).lower() in {"true", "1"}

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        """Change the spreadsheet on behalf of the caller, atomically."""
        with self.book.writer(self.who, self.at) as writer:
            yield writer


def _dimension(value: Any) -> str:
    return "COLUMNS" if value == "COLUMNS" else "ROWS"


def asked_rendering(source: dict[str, Any], prefix: str = "") -> Rendering:
    """The render options, from a body or from single query values; `prefix` "response" for writes."""
    names = (
        ("responseValueRenderOption", "responseDateTimeRenderOption")
        if prefix
        else ("valueRenderOption", "dateTimeRenderOption")
    )
    return Rendering(source.get(names[0]) or "FORMATTED_VALUE", source.get(names[1]) or "SERIAL_NUMBER")


def singles(query: dict[str, list[str]]) -> dict[str, str]:
    """The query with the last value of each parameter."""
    return {name: values[-1] for name, values in query.items()}


def values_get(asked: Asked) -> Json:
    """spreadsheets.values.get."""
    rendering = asked_rendering(singles(asked.query))
    return read(asked.book, asked.path["range"], rendering, _dimension(asked.one("majorDimension")))


def values_batch_get(asked: Asked) -> Json:
    """spreadsheets.values.batchGet."""
    rendering, dimension = asked_rendering(singles(asked.query)), _dimension(asked.one("majorDimension"))
    ranges = [read(asked.book, text, rendering, dimension) for text in asked.query.get("ranges", [])]
    return {"spreadsheetId": asked.book.spreadsheet_id} | ({"valueRanges": ranges} if ranges else {})


def values_batch_get_by_filter(asked: Asked) -> Json:
    """spreadsheets.values.batchGetByDataFilter: one entry per matched range, with the filters that matched it."""
    rendering, dimension = asked_rendering(asked.body), _dimension(asked.body.get("majorDimension"))
    found: dict[tuple[int, Box], tuple[Any, list[Json]]] = {}
    for data_filter in asked.body.get("dataFilters", []):
        for tab, area in filtered_areas(asked.book, data_filter):
            tab.check_inside(area)
            found.setdefault((tab.tab_id, tab.clamp(area)), (tab, []))[1].append(data_filter)
    matched = [
        {"valueRange": value_range(tab, box, rendering, dimension), "dataFilters": filters}
        for (_, box), (tab, filters) in found.items()
    ]
    return {"spreadsheetId": asked.book.spreadsheet_id} | ({"valueRanges": matched} if matched else {})


def spreadsheet_get(asked: Asked) -> Json:
    """spreadsheets.get: with a mask, the mask alone says whether cells are wanted."""
    areas = [asked.book.locate(text) for text in asked.query.get("ranges", [])]
    for tab, area in areas:
        tab.check_inside(area)
    with_cells = masked_cells(asked.mask) if asked.mask else asked.flag("includeGridData")
    return spreadsheet(asked.book, areas, asked.who, with_cells=with_cells)


def spreadsheet_get_by_filter(asked: Asked) -> Json:
    """spreadsheets.getByDataFilter."""
    areas = [place for one in asked.body.get("dataFilters", []) for place in filtered_areas(asked.book, one)]
    with_cells = masked_cells(asked.mask) if asked.mask else bool(asked.body.get("includeGridData"))
    return spreadsheet(asked.book, areas, asked.who, with_cells=with_cells)


def masked_cells(mask: Mask) -> bool:
    """Whether a response mask asks for cells."""
    if "*" in mask:
        return True
    sheets = mask.get("sheets")
    return sheets is not None and (not sheets or "*" in sheets or "data" in sheets)


def metadata_get(asked: Asked) -> Json:
    """spreadsheets.developerMetadata.get."""
    for entry in asked.book.metadata:
        if str(entry.metadata_id) == asked.path["metadata"]:
            return metadata_json(asked.book, entry)
    raise not_found()


def metadata_search(asked: Asked) -> Json:
    """spreadsheets.developerMetadata.search."""
    matched = []
    for data_filter in asked.body.get("dataFilters", []):
        if "developerMetadataLookup" not in data_filter:
            raise Refused.argument("Only developerMetadataLookup filters are played here.")
        found = matching(asked.book, data_filter["developerMetadataLookup"])
        matched += [
            {"developerMetadata": metadata_json(asked.book, entry), "dataFilters": [data_filter]} for entry in found
        ]
    return {"matchedDeveloperMetadata": matched} if matched else {}
