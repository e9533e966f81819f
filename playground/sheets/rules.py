"""Data validation: whether a cell's value is one that its strict rule allows."""

from __future__ import annotations

from playground.sheets.a1 import Box, cell_name
from playground.sheets.cells import Cell
from playground.sheets.refusals import Refused
from playground.sheets.tab import Tab


def check_rules(tab: Tab, box: Box) -> None:
    """Raises Refused for a cell of the box that breaks a strict list or checkbox rule."""
    for row in range(box.top, box.bottom):
        for column in range(box.left, box.right):
            slot = tab.slot(row, column)
            if isinstance(slot, Cell) and not allowed(slot):
                name = cell_name(row, column)
                text = f"The data you entered in cell {name} violates the data validation rules set on this cell."
                raise Refused.argument(text)


def allowed(cell: Cell) -> bool:
    """Whether the rule of the cell, if it is strict and of a kind known here, lets its value stand."""
    if not cell.rule or not cell.rule.get("strict") or cell.value is None:
        return True
    condition = cell.rule.get("condition", {})
    choices = [value.get("userEnteredValue", "") for value in condition.get("values", [])]
    if condition.get("type") == "ONE_OF_LIST":
        return str(cell.value) in choices
    if condition.get("type") == "BOOLEAN":
        return str(cell.value) in choices if choices else isinstance(cell.value, bool)
    return True
