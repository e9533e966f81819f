"""The columns of a tab, found by their headers and never by their letters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.doors.sheet.rule import tab_of
from bot.doors.sheet.settings import SheetSettings
from bot.errors import BellhopError
from bot.rules.placeholders import indexes_of, unknown, used
from bot.rules.rule import ColumnKind, Rule


@dataclass(frozen=True, slots=True)
class Wanted:
    """The headers a rule needs: those that its `ask` names, or else `question`, must be filled before it asks.

    `outputs` are where the answer goes; `goes_elsewhere`: the rule sends its answers away, so there are none. `gid` is
    the sheetId of a tab that was chosen by its URL, not by name. `inputs` are the placeholders as they are written,
    once a tab's headers are known.
    """

    rule: str
    tab: str
    ask: str
    question: str
    outputs: tuple[str, ...]
    kinds: Mapping[str, ColumnKind]
    status: str
    goes_elsewhere: bool = False
    gid: int | None = None
    inputs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Columns:
    """Where those headers stand, counted from 0; `names` are the inputs as the rule's `ask` writes them."""

    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    status: int
    names: tuple[str, ...] = ()

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
    """This tab pauses: a header is missing or stands there twice. `missing` names those that are not there.

    `vain` are names in the rule's `ask` that no header has; `columns` are all others then, so that rows which wait can
    be told.
    """

    def __init__(
        self,
        reason: str,
        missing: tuple[str, ...] = (),
        *,
        vain: tuple[str, ...] = (),
        columns: Columns | None = None,
    ) -> None:
        super().__init__(reason)
        self.missing, self.vain, self.columns = missing, vain, columns


def wanted_columns(rule: Rule, settings: SheetSettings) -> Wanted:
    """What a rule needs of its tab."""
    elsewhere = bool(rule.reply)
    tab, gid = tab_of(rule, settings)
    return Wanted(
        rule=rule.name,
        tab=tab,
        ask=rule.ask,
        question=settings.sheet_question_column,
        outputs=() if elsewhere else tuple(rule.columns) or (settings.sheet_answer_column,),
        kinds=rule.columns,
        status=settings.sheet_status_column,
        goes_elsewhere=elsewhere,
        gid=gid,
    )


def find_columns(header: Sequence[str], wanted: Wanted, tab: str) -> Columns:
    """Where the wanted headers stand in row 1. Raises HeadersWrong, which names all that is wrong."""
    named, vain = tuple(used(wanted.ask, header)), unknown(wanted.ask, header)
    inputs = named if named or vain else (wanted.question,)
    names = (*inputs, *wanted.outputs, wanted.status)
    places = {name: indexes_of(header, name) for name in names}
    doubled = tuple(name for name in places if len(places[name]) > 1)
    if doubled:
        where = ", ".join(f'"{name}" ({_letters(places[name])})' for name in doubled)
        raise HeadersWrong(f'Tab "{tab}" has two columns with the same header: {where}. Rename one of them.')
    at = [places[name][0] for name in names if places[name]]
    if len(set(at)) < len(at) or len(places) < len(names):
        raise HeadersWrong(f'The rule "{wanted.rule}" uses one column for two things. Give each its own.')
    missing = tuple(name for name in names if not places[name])
    if missing:
        raise HeadersWrong(_none_such(tab, (*vain, *missing)) + " Add the header there.", missing, vain=vain)
    ends = len(inputs) + len(wanted.outputs)
    columns = Columns(tuple(at[: len(inputs)]), tuple(at[len(inputs) : ends]), at[-1], inputs)
    if vain:
        raise _named_in_vain(header, wanted, tab, vain, columns)
    return columns


def _none_such(tab: str, names: Sequence[str]) -> str:
    which = ", ".join(f'"{name}"' for name in names)
    return f'Tab "{tab}" has no column {which} in row 1.'


def _named_in_vain(
    header: Sequence[str], wanted: Wanted, tab: str, vain: tuple[str, ...], columns: Columns
) -> HeadersWrong:
    """The `ask` names what is not there. Rows that wait are those with some other input, or the first filled column."""
    braces = ", ".join(f"{{{name}}}" for name in vain)
    mend = "set SHEET_QUESTION_COLUMN" if vain == (wanted.question,) else "correct its `ask`"
    words = f'{_none_such(tab, vain)} The rule "{wanted.rule}" asks for {braces}: add the header, or {mend}.'
    taken = {*columns.outputs, columns.status}
    others = [column for column, text in enumerate(header) if text.strip() and column not in taken]
    inputs = columns.inputs or tuple([*indexes_of(header, wanted.question), *others][:1])
    names = tuple(header[column] for column in inputs)
    told = replace(columns, inputs=inputs, names=names) if inputs else None
    return HeadersWrong(words, vain=vain, columns=told)


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
