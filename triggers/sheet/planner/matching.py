"""Who is who: which row of the sheet belongs to which token, which wears a token that is not its own.

Pure: one read's rows and the store's records in, homes and strays out.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.doors.sheet.row_store import Record, StoredAnswer
from bot.doors.sheet.rows import Content, Row

Foreign = Mapping[str, Counter[Content]]
"""By fingerprint: what people put into outputs and status cells, and how often it stands there."""

ENDED_WORDS = frozenset({"done", "error", "skipped", "sent on"})


@dataclass(frozen=True, slots=True)
class Matches:
    """`homes`: token -> the row it names. `strays`: rows with a known token that is not theirs.
    `unknown`: rows with a token that no store knows.
    """

    homes: Mapping[str, Row]
    strays: Sequence[tuple[Row, Record]]
    unknown: Sequence[Row]


def match_rows(rows: Iterable[Row], records: Mapping[str, Record], answers: Mapping[str, StoredAnswer]) -> Matches:
    """Find each token's home among the rows that wear it."""
    wearers: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row.token:
            wearers[row.token].append(row)
    homes: dict[str, Row] = {}
    strays: list[tuple[Row, Record]] = []
    unknown: list[Row] = []
    for token, worn in wearers.items():
        record = records.get(token)
        if record is None:
            unknown.extend(worn)
            continue
        home = _home(worn, record, answered=token in answers)
        if home is not None:
            homes[token] = home
        strays.extend((row, record) for row in worn if row is not home)
    return Matches(homes, strays, unknown)


def _home(worn: Sequence[Row], record: Record, *, answered: bool) -> Row | None:
    fits = [row for row in worn if _may_be_home(row, record)]
    return min(fits, key=lambda row: _rank(row, record, answered=answered), default=None)


def _may_be_home(row: Row, record: Record) -> bool:
    if row.fingerprint != record.fingerprint:
        # Once answered, people may rework the question; but a row that a write may have hit by mistake proves nothing.
        return not record.is_live and not record.suspect_until
    if record.state == "claiming":
        return row.outputs == record.over or row.is_unanswered
    return True


def _rank(row: Row, record: Record, *, answered: bool) -> tuple[bool, bool, bool, int]:
    is_other = row.fingerprint != record.fingerprint
    if record.is_live:
        return is_other, answered and row.word not in ENDED_WORDS, not row.is_unanswered, row.number
    return is_other, row.outputs != record.shown, row.is_unanswered, row.number


def foreign_of(
    rows: Iterable[Row], matches: Matches, records: Mapping[str, Record], is_leftover: Callable[[Row], bool]
) -> dict[str, Counter[Content]]:
    """What stands in outputs and status cells that the store could not bring back: people's own words.

    `is_leftover`: whether a row shows an answer that a write of ours left in the wrong place.
    """
    known = {
        id(row)
        for token, row in matches.homes.items()
        if row.fingerprint == records[token].fingerprint and _is_explained(row, records[token])
    }
    hit = {
        id(row)
        for row, record in matches.strays
        if (record.suspect_until or record.state == "claiming")
        and not (row.word == "done" and row.fingerprint == record.fingerprint)
    }
    foreign: dict[str, Counter[Content]] = defaultdict(Counter)
    for row in rows:
        is_theirs = not row.is_unanswered or (row.status and not row.token)
        if is_theirs and id(row) not in known and not is_leftover(row):
            # Given back later, a status of ours must be the row's own, and promise nothing that nobody works on.
            is_kept = not row.is_promised and id(row) not in hit
            foreign[row.fingerprint][row.outputs, row.status if is_kept else ""] += 1
    return foreign


def _is_explained(row: Row, record: Record) -> bool:
    return row.is_unanswered or (record.state == "done" and row.outputs == record.shown)
