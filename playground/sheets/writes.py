"""The values methods that write: update, append and clear, alone, in batches and by data filter."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playground.sheets.a1 import Area, Box, format_box
from playground.sheets.book import Writer
from playground.sheets.places import filtered_areas
from playground.sheets.reads import Asked, asked_rendering, singles
from playground.sheets.refusals import Json, Refused
from playground.sheets.rules import check_rules
from playground.sheets.shown import Rendering
from playground.sheets.tab import Tab
from playground.sheets.values import append, clear, turned, value_range, write

_NO_OPTION = "'valueInputOption' is required but not specified"


def values_update(asked: Asked) -> Json:
    """spreadsheets.values.update."""
    option = _option(asked.one("valueInputOption"))
    text = asked.path["range"]
    if asked.body.get("range") and asked.book.locate(asked.body["range"]) != asked.book.locate(text):
        mismatch = f"Requested value range [{asked.body['range']}] does not match the range in the path [{text}]"
        raise Refused.argument(mismatch)
    rendering = asked_rendering(singles(asked.query), "response") if asked.flag("includeValuesInResponse") else None
    with asked.writing() as writer:
        tab, area = asked.book.locate(text)
        values = _rows(asked.body)
        box = _entered(asked, writer, (tab, area), values, option)
    return _updated(asked, (tab, area, box), values, rendering)


def values_batch_update(asked: Asked) -> Json:
    """spreadsheets.values.batchUpdate: all ranges or none."""
    option = _option(asked.body.get("valueInputOption", ""))
    rendering = asked_rendering(asked.body, "response") if asked.body.get("includeValuesInResponse") else None
    done = []
    with asked.writing() as writer:
        for index, part in enumerate(asked.body.get("data", [])):
            with _placed(f"data[{index}]"):
                tab, area = asked.book.locate(part.get("range", ""))
                values = _rows(part)
                box = _entered(asked, writer, (tab, area), values, option)
                done.append(((tab, area, box), values))
    return _totals(asked, [_updated(asked, place, values, rendering) for place, values in done], done)


def values_batch_update_by_filter(asked: Asked) -> Json:
    """spreadsheets.values.batchUpdateByDataFilter: a filter that matches nothing writes nothing and is not answered."""
    option = _option(asked.body.get("valueInputOption", ""))
    rendering = asked_rendering(asked.body, "response") if asked.body.get("includeValuesInResponse") else None
    done, filters = [], []
    with asked.writing() as writer:
        for part in asked.body.get("data", []):
            for tab, area in filtered_areas(asked.book, part.get("dataFilter", {})):
                values = _rows(part)
                done.append(((tab, area, write(writer, tab, area, values, option)), values))
                filters.append(part["dataFilter"])
    responses = [_updated(asked, place, values, rendering) for place, values in done]
    for response, data_filter in zip(responses, filters, strict=True):
        del response["spreadsheetId"]
        response["dataFilter"] = data_filter
    return _totals(asked, responses, done)


def values_append(asked: Asked) -> Json:
    """spreadsheets.values.append: after the table that the range is found in."""
    option = _option(asked.one("valueInputOption"))
    rendering = asked_rendering(singles(asked.query), "response") if asked.flag("includeValuesInResponse") else None
    with asked.writing() as writer:
        tab, area = asked.book.locate(asked.path["range"])
        values = _rows(asked.body)
        table, box = append(writer, tab, area, values, (option, asked.one("insertDataOption")))
    answer = {"spreadsheetId": asked.book.spreadsheet_id}
    if table:
        answer["tableRange"] = format_box(tab.title, table)
    written = Area(box.top, box.left, box.bottom, box.right)
    return answer | {"updates": _updated(asked, (tab, written, box), values, rendering)}


def values_clear(asked: Asked) -> Json:
    """spreadsheets.values.clear."""
    cleared = _cleared(asked, [asked.book.locate(asked.path["range"])])
    return {"spreadsheetId": asked.book.spreadsheet_id, "clearedRange": cleared[0]}


def values_batch_clear(asked: Asked) -> Json:
    """spreadsheets.values.batchClear."""
    cleared = _cleared(asked, [asked.book.locate(text) for text in asked.body.get("ranges", [])])
    return {"spreadsheetId": asked.book.spreadsheet_id, "clearedRanges": cleared}


def values_batch_clear_by_filter(asked: Asked) -> Json:
    """spreadsheets.values.batchClearByDataFilter."""
    places = [place for one in asked.body.get("dataFilters", []) for place in filtered_areas(asked.book, one)]
    return {"spreadsheetId": asked.book.spreadsheet_id, "clearedRanges": _cleared(asked, places)}


def _cleared(asked: Asked, places: list[tuple[Tab, Area]]) -> list[str]:
    with asked.writing() as writer:
        for tab, area in places:
            tab.check_inside(area)
            clear(writer, tab, tab.clamp(area))
    return [format_box(tab.title, tab.clamp(area)) for tab, area in places]


def _entered(asked: Asked, writer: Writer, place: tuple[Tab, Area], values: list[list[Any]], option: str) -> Box:
    box = write(writer, *place, values, option)
    if asked.behaviour.rules_bind_api:
        check_rules(place[0], box)
    return box


def _option(option: str) -> str:
    if option not in {"RAW", "USER_ENTERED"}:
        raise Refused.argument(_NO_OPTION)
    return option


def _rows(part: Json) -> list[list[Any]]:
    return turned(part.get("values") or [], part.get("majorDimension", "ROWS"))


@contextmanager
def _placed(place: str) -> Iterator[None]:
    """What is refused inside is refused with its place before it."""
    try:
        yield
    except Refused as refusal:
        raise refusal.within(place) from refusal


def _updated(asked: Asked, place: tuple[Tab, Area, Box], values: list[list[Any]], rendering: Rendering | None) -> Json:
    """An UpdateValuesResponse; counts of zero are left out, as in all of Google's JSON."""
    tab, area, box = place
    answer: Json = {"spreadsheetId": asked.book.spreadsheet_id, "updatedRange": format_box(tab.title, box)}
    written = [
        (row, column) for row, cells in enumerate(values) for column, value in enumerate(cells) if value is not None
    ]
    counts = {
        "updatedRows": len({row for row, _ in written}),
        "updatedColumns": len({column for _, column in written}),
        "updatedCells": len(written),
    }
    answer |= {name: count for name, count in counts.items() if count}
    if rendering and asked.behaviour.values_in_response:
        whole = box if area.is_one_cell() else tab.clamp(area)
        answer["updatedData"] = value_range(tab, whole, rendering)
    return answer


def _totals(asked: Asked, responses: list[Json], done: list[Any]) -> Json:
    rows = {(place[0].tab_id, place[2].top + row) for place, values in done for row, _ in _written(values)}
    columns = {(place[0].tab_id, place[2].left + column) for place, values in done for _, column in _written(values)}
    totals = {
        "totalUpdatedRows": len(rows),
        "totalUpdatedColumns": len(columns),
        "totalUpdatedCells": sum(response.get("updatedCells", 0) for response in responses),
        "totalUpdatedSheets": len({tab for tab, _ in rows}),
    }
    answer = {"spreadsheetId": asked.book.spreadsheet_id} | {name: count for name, count in totals.items() if count}
    return answer | ({"responses": responses} if responses else {})


def _written(values: list[list[Any]]) -> list[tuple[int, int]]:
    return [
        (row, column) for row, cells in enumerate(values) for column, value in enumerate(cells) if value is not None
    ]
