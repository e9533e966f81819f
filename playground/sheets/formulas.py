"""A small calculator for formulas: numbers, text, references, the usual operators and a dozen functions.

Enough to show that a formula is a formula; whatever it does not know is #NAME? or #ERROR!, as an unknown function is.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from playground.sheets.a1 import parse
from playground.sheets.cells import Cell, CellError, Scalar, tidy

if TYPE_CHECKING:
    from playground.sheets.tab import Tab

_TOKEN = re.compile(r'\s*(?:(\d+\.?\d*|\.\d+)|("(?:[^"]|"")*")|([A-Za-z_$][A-Za-z0-9_.$:]*)|(<=|>=|<>|[-+*/^&=<>(),]))')
_DEPTH = 40
_LEVELS: tuple[dict[str, Callable[[Any, Any], Any]], ...] = (
    {"=": operator.eq, "<>": operator.ne, "<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge},
    {"&": lambda left, right: _text(left) + _text(right)},
    {"+": lambda left, right: _number(left) + _number(right), "-": lambda left, right: _number(left) - _number(right)},
    {"*": lambda left, right: _number(left) * _number(right), "/": lambda left, right: _number(left) / _number(right)},
    {"^": lambda left, right: _number(left) ** _number(right)},
)


class _Fault(Exception):
    """A formula that has an error for a value."""

    def __init__(self, kind: str, shown: str) -> None:
        super().__init__(shown)
        self.error = CellError(kind, shown)


def evaluate(tab: Tab, formula: str, depth: int = 0) -> Scalar | CellError:
    """The value of a formula (with its equals sign) in this tab."""
    try:
        value = _Reader(tab, formula[1:], depth).whole()
    except _Fault as fault:
        return fault.error
    except ZeroDivisionError:
        return CellError("DIVIDE_BY_ZERO", "#DIV/0!")
    except (TypeError, ValueError, OverflowError):
        return CellError("VALUE", "#VALUE!")
    return tidy(value) if isinstance(value, float) else value


class _Reader:
    """Reads one formula from left to right, working it out as it goes."""

    def __init__(self, tab: Tab, text: str, depth: int) -> None:
        self._tab = tab
        self._depth = depth
        self._tokens = list(_tokens(text))
        self._at = 0

    def whole(self) -> Any:
        value = self._level(0)
        if self._at < len(self._tokens):
            raise _Fault("ERROR", "#ERROR!")
        cells = _flat(value)
        return cells[0] if isinstance(value, list) and cells else value

    def _next(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _take(self) -> str:
        token = self._next()
        self._at += 1
        return token

    def _level(self, level: int) -> Any:
        if level == len(_LEVELS):
            return self._atom()
        value = self._level(level + 1)
        while self._next() in _LEVELS[level]:
            value = _LEVELS[level][self._take()](_single(value), _single(self._level(level + 1)))
        return value

    def _atom(self) -> Any:
        token = self._take()
        if token in {"-", "+"}:
            value = _number(_single(self._atom()))
            return -value if token == "-" else value
        if token == "(":
            value = self._level(0)
            self._expect(")")
            return value
        if token.startswith('"'):
            return token[1:-1].replace('""', '"')
        if token[:1].isdigit() or token.startswith("."):
            return float(token)
        return self._name(token)

    def _name(self, token: str) -> Any:
        if self._next() == "(":
            self._take()
            return self._call(token.upper())
        if token.upper() in {"TRUE", "FALSE"}:
            return token.upper() == "TRUE"
        return self._cells(token)

    def _call(self, name: str) -> Any:
        values = []
        while self._next() not in {")", ""}:
            values.append(self._level(0))
            if self._next() == ",":
                self._take()
        self._expect(")")
        if name not in _FUNCTIONS:
            raise _Fault("NAME", "#NAME?")
        return _FUNCTIONS[name](values)

    def _cells(self, token: str) -> Any:
        reference = parse(token)
        if reference is None or reference.title is not None:
            raise _Fault("NAME" if token else "ERROR", "#NAME?" if token else "#ERROR!")
        if self._depth >= _DEPTH:
            raise _Fault("REF", "#REF!")
        box = self._tab.clamp(reference.area)
        cells = [
            self._value(row, column) for row in range(box.top, box.bottom) for column in range(box.left, box.right)
        ]
        return cells[0] if reference.area.is_one_cell() and cells else cells

    def _value(self, row: int, column: int) -> Any:
        slot = self._tab.slot(row, column)
        if not isinstance(slot, Cell):
            return slot
        value = evaluate(self._tab, slot.formula, self._depth + 1) if slot.formula else slot.value
        if isinstance(value, CellError):
            raise _Fault(value.type, value.shown)
        return value

    def _expect(self, token: str) -> None:
        if self._take() != token:
            raise _Fault("ERROR", "#ERROR!")


def _tokens(text: str) -> Iterator[str]:
    at = 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if match is None:
            raise _Fault("ERROR", "#ERROR!")
        yield match[0].strip()
        at = match.end()


def _single(value: Any) -> Any:
    return value[0] if isinstance(value, list) and value else value


def _flat(values: Any) -> list[Any]:
    return [part for value in values for part in _flat(value)] if isinstance(values, list) else [values]


def _numbers(values: list[Any]) -> list[float]:
    return [value for value in _flat(values) if isinstance(value, int | float) and not isinstance(value, bool)]


def _filled(values: list[Any]) -> list[Any]:
    return [value for value in _flat(values) if value is not None]


def _number(value: Any) -> float:
    return float(value or 0)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).upper()
    return "" if value is None else str(tidy(value) if isinstance(value, float) else value)


_FUNCTIONS: dict[str, Callable[[list[Any]], Any]] = {
    "SUM": lambda values: sum(_numbers(values)),
    "COUNT": lambda values: len(_numbers(values)),
    "COUNTA": lambda values: len(_filled(values)),
    "AVERAGE": lambda values: sum(_numbers(values)) / len(_numbers(values)),
    "MIN": lambda values: min(_numbers(values), default=0),
    "MAX": lambda values: max(_numbers(values), default=0),
    "IF": lambda values: _single(values[1] if values[0] else values[2] if len(values) > 2 else False),
    "LEN": lambda values: len(_text(_single(values[0]))),
    "UPPER": lambda values: _text(_single(values[0])).upper(),
    "LOWER": lambda values: _text(_single(values[0])).lower(),
    "TRIM": lambda values: " ".join(_text(_single(values[0])).split()),
    "CONCATENATE": lambda values: "".join(map(_text, _flat(values))),
    "HYPERLINK": lambda values: _single(values[-1]),
}
