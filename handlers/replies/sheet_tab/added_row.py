"""The row that an answer adds to a tab: which header gets what, typed, and never as a formula. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any, Literal

from bot.doors.sheet import status
from bot.doors.sheet.values import fitting, typed
from bot.events import Answer, Event, SheetTab
from bot.rules.placeholders import indexes_of
from bot.rules.rule import ColumnKind

Kind = Literal["answer", "failure"]


@dataclass(frozen=True, slots=True)
class Headers:
    """The headers that the settings name: where an answer of one text goes, and the column that the bot owns."""

    answer: str
    status: str


@dataclass(frozen=True, slots=True)
class NewRow:
    """A row to add: `kinds` are the rule's columns; without an `answer` there is none, and `reason` says why.

    Its `token` is made from the event, so that the row is known again wherever people have moved it.
    """

    token: str
    place: SheetTab
    event: Event
    kinds: Mapping[str, ColumnKind]
    answer: Answer | None = None
    reason: str = ""

    @property
    def characters(self) -> int:
        """About how much it adds to a request."""
        texts = (self.event.text, *self.event.fields.values(), self.answer.text if self.answer else "")
        return 500 + 2 * sum(map(len, texts))


def token_of(event_id: str, kind: Kind, place: SheetTab) -> str:
    """The token of an event's row in a tab, always the same; in another tab it has another."""
    named = "\n".join((kind, event_id, place.spreadsheet, place.tab, str(place.gid)))
    number = int.from_bytes(hashlib.blake2b(named.encode(), digest_size=8).digest())
    letters: list[str] = []
    for _ in range(8):
        number, at = divmod(number, len(status.LETTERS))
        letters.append(status.LETTERS[at])
    return "".join(letters)


def fault_of(header: Sequence[str], kinds: Mapping[str, ColumnKind], headers: Headers, tab: str) -> str:
    """Why no answer can be laid into a tab with this row 1, in words; "" when one can."""
    if not any(text.strip() for text in header):
        return f'Tab "{tab}" has no headers in row 1. Write some there, such as Date, From, Subject, {headers.answer}.'
    wanted = (*kinds, headers.answer)
    if any(indexes_of(header, name) for name in wanted):
        return ""
    names = " or ".join(f'"{name}"' for name in wanted)
    return f'Tab "{tab}" has no column for the answer. Add the header {names} to its row 1.'


def filled_headers(header: Sequence[str], kinds: Mapping[str, ColumnKind], headers: Headers) -> list[str]:
    """The headers that answers surely fill, as `bot check` names them."""
    wanted = [headers.answer, *kinds]
    return [text for text in header if text.strip() and indexes_of(wanted, text)]


def cells_of(row: NewRow, header: Sequence[str], headers: Headers, time_words: str, zone: tzinfo) -> list[Any]:
    """The row as CellData, one for each header; a header that names nothing we know stays empty.

    Source: https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/cells
    """
    said = status.added(time_words, row.token) if row.answer else status.not_added(row.reason, row.token)
    # Where two things have the same name, the first one counts.
    parts = ({headers.status: said}, _answered(row, headers), row.event.fields, _about(row.event, zone))
    known = [pair for part in parts for pair in part.items()]
    names, values = [name for name, _ in known], [value for _, value in known]
    filled: set[int] = set()
    cells: list[Any] = []
    for text in header:
        at = next(iter(indexes_of(names, text)), None)
        cells.append({} if at is None or at in filled else _cell(values[at]))
        filled |= set() if at is None else {at}
    return cells


def _answered(row: NewRow, headers: Headers) -> dict[str, Any]:
    """What Claude said, by header. With columns, a header "Answer" gets them all in one text."""
    if row.answer is None:
        return dict.fromkeys((*row.kinds, headers.answer))
    values = {name: value for name, value in (row.answer.values or {}).items() if name in row.kinds}
    text = "\n\n".join([row.answer.text, *(f"({note})" for note in row.answer.notes)])
    return {name: typed(values.get(name), kind) for name, kind in row.kinds.items()} | {headers.answer: text}


def _about(event: Event, zone: tzinfo) -> dict[str, str]:
    """What is known of every event."""
    return {
        "From": event.person,
        "Subject": event.subject,
        "Date": f"{event.time.astimezone(zone):%Y-%m-%d %H:%M}",
        "Filename": ", ".join(one.name for one in event.attachments),
        "Text": event.text,
    }


def _cell(value: Any) -> dict[str, Any]:
    """A value as a string stays a string there, whatever it looks like."""
    if value is None or value == "":
        return {}
    if isinstance(value, bool):
        return {"userEnteredValue": {"boolValue": value}}
    if isinstance(value, int | float):
        return {"userEnteredValue": {"numberValue": value}}
    text = fitting(str(value))
    cut = {} if text == str(value) else {"note": str(value)}
    return {"userEnteredValue": {"stringValue": text}, **cut}
