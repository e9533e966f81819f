"""The columns of a tab, found by their headers and never by their letters."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.doors.sheet.rule import SheetRule
from bot.doors.sheet.settings import SheetSettings
from bot.errors import BellhopError
from bot.rules.rule import ColumnKind, Rule

_NAME = re.compile(r"\{([^\W\d_][^{}\"'\n:]{0,79})\}")


@dataclass(frozen=True, slots=True)
class Wanted:
    """The headers a rule needs: `inputs` must be filled before it asks, `outputs` are where the answer goes.

    `goes_elsewhere`: the rule sends its answers away, so there are no outputs.
    """

    rule: str
    tab: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    kinds: Mapping[str, ColumnKind]
    status: str
    goes_elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class Columns:
    """Where those headers stand, counted from 0."""

    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    status: int

    @property
    def first(self) -> int:
        """The leftmost column of the rows that are written."""
        return min(*self.inputs, *self.outputs, self.status)

    @property
    def last(self) -> int:
        """The rightmost."""
        return max(*self.inputs, *self.outputs, self.status)

    def runs(self) -> list[tuple[int, int]]:
        """The columns to read, as stretches (first, last)."""
        runs: list[tuple[int, int]] = []
        for column in sorted({*self.inputs, *self.outputs, self.status}):
            if runs and runs[-1][1] >= column - 1:
                runs[-1] = (runs[-1][0], column)
            else:
                runs.append((column, column))
        return runs


class HeadersWrong(BellhopError):
    """This tab pauses: a header is missing or stands there twice. `missing` names those that are not there."""

    def __init__(self, reason: str, missing: tuple[str, ...] = ()) -> None:
        super().__init__(reason)
        self.missing = missing


def wanted_columns(rule: Rule, settings: SheetSettings) -> Wanted:
    """What a rule needs: the `{Header}`s of its question, its typed columns or the answer's, and the status."""
    names = tuple(dict.fromkeys(found[1].strip() for found in _NAME.finditer(rule.ask)))
    elsewhere = bool(rule.reply)
    outputs = () if elsewhere else tuple(rule.columns) or (settings.sheet_answer_column,)
    return Wanted(
        rule=rule.name,
        tab=rule.of(SheetRule).tab or settings.sheet_tab or "",
        inputs=names or (settings.sheet_question_column,),
        outputs=outputs,
        kinds=rule.columns,
        status=settings.sheet_status_column,
        goes_elsewhere=elsewhere,
    )


def same_header(one: str, other: str) -> bool:
    """Headers are compared without case and outer or doubled blanks."""
    return folded(one) == folded(other)


def folded(header: str) -> str:
    """A header as it is compared."""
    return " ".join(header.split()).casefold()


def find_columns(header: Sequence[str], wanted: Wanted, tab: str) -> Columns:
    """Where the wanted headers stand in row 1. Raises HeadersWrong, which names all that is wrong."""
    places: dict[str, list[int]] = {}
    for column, text in enumerate(header):
        places.setdefault(folded(text), []).append(column)
    names = (*wanted.inputs, *wanted.outputs, wanted.status)
    missing = tuple(name for name in names if folded(name) not in places)
    doubled = tuple(name for name in names if len(places.get(folded(name), ())) > 1)
    if doubled:
        where = ", ".join(f'"{name}" ({_letters(places[folded(name)])})' for name in doubled)
        raise HeadersWrong(f'Tab "{tab}" has two columns with the same header: {where}. Rename one of them.')
    if missing:
        which = ", ".join(f'"{name}"' for name in missing)
        raise HeadersWrong(f'Tab "{tab}" has no column {which} in row 1. Add the header there.', missing)
    if len({folded(name) for name in names}) < len(set(names)) or len(set(names)) < len(names):
        raise HeadersWrong(f'The rule "{wanted.rule}" uses one column for two things. Give each its own.')

    def at(header: str) -> int:
        return places[folded(header)][0]

    return Columns(tuple(map(at, wanted.inputs)), tuple(map(at, wanted.outputs)), at(wanted.status))


def letters(column: int) -> str:
    """0 is A, 26 is AA."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def _letters(columns: Sequence[int]) -> str:
    return " and ".join(f"{letters(column)}1" for column in columns)
