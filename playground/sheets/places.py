"""How the API names places by number: grid ranges, dimension ranges, data filters, and back again."""

from __future__ import annotations

from typing import Any

from playground.sheets.a1 import Area, Box
from playground.sheets.book import Anchored, Book
from playground.sheets.refusals import Json, Refused
from playground.sheets.tab import Tab

_LOOKED_UP = {
    "metadataId": "metadata_id",
    "metadataKey": "key",
    "metadataValue": "value",
    "visibility": "visibility",
    "locationType": "place",
}


def area_of(grid_range: Json) -> Area:
    """A GridRange as an area. Raises Refused when it is upside down."""
    area = Area(
        int(grid_range.get("startRowIndex", 0)),
        int(grid_range.get("startColumnIndex", 0)),
        _optional(grid_range, "endRowIndex"),
        _optional(grid_range, "endColumnIndex"),
    )
    if area.bottom is not None and area.bottom < area.top:
        raise Refused.argument(f"endRowIndex[{area.bottom}] must be after startRowIndex[{area.top}]")
    if area.right is not None and area.right < area.left:
        raise Refused.argument(f"endColumnIndex[{area.right}] must be after startColumnIndex[{area.left}]")
    return area


def grid_box(book: Book, grid_range: Json) -> tuple[Tab, Box]:
    """The tab and the box inside its grid. Raises Refused for an unknown tab or a range that begins beyond the grid."""
    tab = book.tab_by_id(int(grid_range.get("sheetId", 0)))
    area = area_of(grid_range)
    tab.check_inside(area)
    return tab, tab.clamp(area)


def grid_range(tab: Tab, area: Area | Box) -> Json:
    """An area as a GridRange; open sides are left out."""
    parts = {
        "sheetId": tab.tab_id,
        "startRowIndex": area.top,
        "endRowIndex": area.bottom,
        "startColumnIndex": area.left,
        "endColumnIndex": area.right,
    }
    if area.bottom is None and area.top == 0:
        del parts["startRowIndex"]
    if area.right is None and area.left == 0:
        del parts["startColumnIndex"]
    return {name: value for name, value in parts.items() if value is not None}


def dimension_span(book: Book, range_: Json) -> tuple[Tab, str, int, int]:
    """A DimensionRange as (tab, "ROWS" or "COLUMNS", start, end). Raises Refused when it is not inside the grid."""
    tab = book.tab_by_id(int(range_.get("sheetId", 0)))
    dimension = str(range_.get("dimension", ""))
    if dimension not in {"ROWS", "COLUMNS"}:
        raise Refused.argument("range.dimension must be specified.")
    size = tab.row_count if dimension == "ROWS" else tab.column_count
    start, end = int(range_.get("startIndex", 0)), int(range_.get("endIndex", size))
    if start < 0 or end <= start:
        raise Refused.argument(f"range.endIndex[{end}] must be after range.startIndex[{start}]")
    return tab, dimension, start, end


def metadata_index(tab: Tab, entry: Anchored) -> int:
    """Where the row or column that the metadata holds on to stands now, -1 when it is gone."""
    anchors = tab.anchors if entry.place == "ROW" else tab.column_anchors
    return anchors.index(entry.anchor) if entry.anchor in anchors else -1


def metadata_json(book: Book, entry: Anchored) -> Json:
    """The metadata as a DeveloperMetadata, located where its row or column stands now."""
    location: Json = {"locationType": entry.place}
    if entry.place == "SPREADSHEET":
        location["spreadsheet"] = True
    elif entry.place == "SHEET":
        location["sheetId"] = entry.tab_id
    else:
        at = metadata_index(book.tab_by_id(entry.tab_id), entry)
        dimension = "ROWS" if entry.place == "ROW" else "COLUMNS"
        span = {"sheetId": entry.tab_id, "dimension": dimension, "startIndex": at, "endIndex": at + 1}
        location["dimensionRange"] = span
    answer = {
        "metadataId": entry.metadata_id,
        "metadataKey": entry.key,
        "metadataValue": entry.value,
        "location": location,
        "visibility": entry.visibility,
    }
    return {name: value for name, value in answer.items() if value != ""}


def matching(book: Book, lookup: Json) -> list[Anchored]:
    """The metadata that a DeveloperMetadataLookup selects."""
    wanted = [(attribute, lookup[name]) for name, attribute in _LOOKED_UP.items() if name in lookup]
    found = [entry for entry in book.metadata if all(getattr(entry, name) == value for name, value in wanted)]
    location = lookup.get("metadataLocation")
    return [entry for entry in found if _lies_in(book, entry, location)] if location else found


def _lies_in(book: Book, entry: Anchored, location: Json) -> bool:
    if location.get("spreadsheet"):
        return entry.place == "SPREADSHEET"
    if "sheetId" in location:
        return entry.place == "SHEET" and entry.tab_id == location["sheetId"]
    span = location.get("dimensionRange", {})
    tab, dimension, start, end = dimension_span(book, span)
    if entry.tab_id != tab.tab_id or entry.place != ("ROW" if dimension == "ROWS" else "COLUMN"):
        return False
    return start <= metadata_index(tab, entry) < end


def filtered_areas(book: Book, data_filter: Json) -> list[tuple[Tab, Area]]:
    """The ranges a DataFilter selects: one for A1 or grid ranges, one per match for metadata (whole rows, columns)."""
    if "a1Range" in data_filter:
        return [book.locate(data_filter["a1Range"])]
    if "gridRange" in data_filter:
        tab = book.tab_by_id(int(data_filter["gridRange"].get("sheetId", 0)))
        return [(tab, area_of(data_filter["gridRange"]))]
    if "developerMetadataLookup" not in data_filter:
        raise Refused.argument("Must specify a filter in the DataFilter.")
    return [_anchored_area(book, entry) for entry in matching(book, data_filter["developerMetadataLookup"])]


def _anchored_area(book: Book, entry: Anchored) -> tuple[Tab, Area]:
    if entry.place == "SPREADSHEET":
        return book.tabs[0], Area()
    tab = book.tab_by_id(entry.tab_id)
    if entry.place == "SHEET":
        return tab, Area()
    at = metadata_index(tab, entry)
    return tab, Area(at, 0, at + 1, None) if entry.place == "ROW" else Area(0, at, None, at + 1)


def _optional(data: dict[str, Any], name: str) -> int | None:
    return int(data[name]) if name in data else None
