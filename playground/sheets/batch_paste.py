"""The batch requests that carry cells about: copy, cut, find and replace.

Formulas are copied as they stand; their references are not rewritten.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from playground.sheets.a1 import Area, Box
from playground.sheets.batch_job import Job
from playground.sheets.cells import Cell, Slot, as_cell, emptied, entered, is_blank, simplest
from playground.sheets.entry import raw_cell, typed_cell
from playground.sheets.places import grid_box
from playground.sheets.refusals import Json, Refused
from playground.sheets.tab import Tab


def copy_paste(job: Job, body: Json) -> Json:
    """A range copied over another, repeated as often as it fits in whole."""
    source_tab, source = grid_box(job.book, body.get("source", {}))
    tab, target = grid_box(job.book, body.get("destination", {}))
    block = _block(source_tab, source)
    if body.get("pasteOrientation") == "TRANSPOSE":
        block = [list(column) for column in zip(*block, strict=True)]
    height, width = len(block), len(block[0]) if block else 0
    if not height or not width:
        return {}
    down = max((target.bottom - target.top) // height, 1) * height
    across = max((target.right - target.left) // width, 1) * width
    tab.check_inside(Area(target.top, target.left, target.top + down, target.left + across))
    for row in range(down):
        for column in range(across):
            at = (target.top + row, target.left + column)
            job.writer.put(tab, *at, _pasted(tab.slot(*at), block[row % height][column % width], body))
    return {}


def cut_paste(job: Job, body: Json) -> Json:
    """A range moved: its cells go to the destination and leave blanks behind."""
    source_tab, source = grid_box(job.book, body.get("source", {}))
    place = body.get("destination", {})
    tab = job.book.tab_by_id(int(place.get("sheetId", 0)))
    top, left = int(place.get("rowIndex", 0)), int(place.get("columnIndex", 0))
    block = _block(source_tab, source)
    tab.check_inside(Area(top, left, top + source.bottom - source.top, left + source.right - source.left))
    for row in range(source.top, source.bottom):
        for column in range(source.left, source.right):
            if source_tab.slot(row, column) is not None:
                job.writer.put(source_tab, row, column, None)
    for row, cells in enumerate(block, top):
        for column, slot in enumerate(cells, left):
            job.writer.put(tab, row, column, _pasted(tab.slot(row, column), slot, body))
    return {}


def _block(tab: Tab, box: Box) -> list[list[Slot]]:
    return [[tab.slot(row, column) for column in range(box.left, box.right)] for row in range(box.top, box.bottom)]


def _pasted(old: Slot, slot: Slot, body: Json) -> Slot:
    kind = body.get("pasteType", "PASTE_NORMAL")
    source = as_cell(slot)
    if kind in {"PASTE_VALUES", "PASTE_FORMULA"}:
        formula = source.formula if kind == "PASTE_FORMULA" else ""
        return simplest(replace(as_cell(old), value=source.value, formula=formula))
    if kind == "PASTE_FORMAT":
        return simplest(replace(as_cell(old), number_format=source.number_format, look=source.look))
    if kind == "PASTE_DATA_VALIDATION":
        return simplest(replace(as_cell(old), rule=source.rule))
    return slot


def find_replace(job: Job, body: Json) -> Json:
    """Text replaced wherever it stands; the reply counts what changed, zeros left out."""
    scopes = _scopes(job, body)
    pattern = _pattern(body)
    counts = {"values": 0, "formulas": 0, "occurrences": 0}
    rows: set[tuple[int, int]] = set()
    for tab, box in scopes:
        for row in range(box.top, box.bottom):
            for column in range(box.left, min(box.right, len(tab.rows[row]))):
                kind, found = _replaced(job, tab, (row, column), pattern, body)
                if found:
                    counts[kind] += 1
                    counts["occurrences"] += found
                    rows.add((tab.tab_id, row))
    answer = {f"{name}Changed": count for name, count in counts.items()}
    answer |= {"rowsChanged": len(rows), "sheetsChanged": len({tab for tab, _ in rows})}
    return {"findReplace": {name: count for name, count in answer.items() if count}}


def _scopes(job: Job, body: Json) -> list[tuple[Tab, Box]]:
    given = [name for name in ("range", "sheetId", "allSheets") if name in body]
    if len(given) != 1:
        raise Refused.argument("Must specify exactly one scope: range, sheetId or allSheets.")
    if given == ["range"]:
        return [grid_box(job.book, body["range"])]
    tabs = job.book.tabs if given == ["allSheets"] else [job.book.tab_by_id(int(body["sheetId"]))]
    return [(tab, tab.whole()) for tab in tabs]


def _pattern(body: Json) -> re.Pattern[str]:
    text = str(body.get("find", ""))
    if not text:
        raise Refused.argument("Must specify a non-empty find string.")
    flags = 0 if body.get("matchCase") else re.IGNORECASE
    try:
        return re.compile(text if body.get("searchByRegex") else re.escape(text), flags)
    except re.error as error:
        raise Refused.argument(f"Invalid regular expression: {error}") from error


def _replaced(job: Job, tab: Tab, at: tuple[int, int], pattern: re.Pattern[str], body: Json) -> tuple[str, int]:
    slot = tab.slot(*at)
    is_formula = isinstance(slot, Cell) and bool(slot.formula)
    if is_blank(slot) or (is_formula and not body.get("includeFormulas")):
        return "values", 0
    old = entered(slot)
    text = str(old).upper() if isinstance(old, bool) else str(old)
    if body.get("matchEntireCell") and not pattern.fullmatch(text):
        return "values", 0
    replacement = _replacement(body)
    new, found = pattern.subn(replacement, text, count=1 if body.get("matchEntireCell") else 0)
    if found:
        cell: Any = typed_cell(new) if job.behaviour.replacement_is_typed else raw_cell(new)
        if new:
            job.writer.enter(tab, *at, cell)
        else:
            job.writer.put(tab, *at, emptied(slot))
    return ("formulas" if is_formula else "values"), found


def _replacement(body: Json) -> Any:
    text = str(body.get("replacement", ""))
    if body.get("searchByRegex"):
        return re.sub(r"\$(\d)", r"\\\1", text.replace("\\", "\\\\"))
    return lambda _: text
