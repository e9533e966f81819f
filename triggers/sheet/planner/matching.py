"""Who is who: which row of the sheet belongs to which token, which wears a token that is not its own.

Pure: one read's rows and the store's records in, homes and strays out.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.doors.sheet.row_store import Record, StoredAnswer
from bot.doors.sheet.rows import Content, Row
from bot.doors.sheet.status import ADDED

ENDED_WORDS = frozenset({"done", "error", "skipped", "sent on"})


def tells_end(row: Row) -> bool:
    """Whether the status says how the row ended. That an empty cell was filled is what a write for another row says."""
    return row.word in ENDED_WORDS and not (row.word == "skipped" and row.is_unanswered)


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
        return is_other, answered and not tells_end(row), not row.is_unanswered, row.number
    return is_other, row.outputs != record.shown, row.is_unanswered, row.number


def people_put(
    rows: Iterable[Row], matches: Matches, records: Mapping[str, Record], is_leftover: Callable[[Row], bool]
) -> dict[int, Content]:
    """By the row's id(): what stands in its outputs and status that the store could not bring back, people's own words.

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
    known |= _unnamed(rows, matches, records, hit)
    found: dict[int, Content] = {}
    for row in rows:
        is_theirs = not row.is_unanswered or (row.status and (not row.token or row.word == ADDED))
        if is_theirs and id(row) not in known and not is_leftover(row):
            # Given back later, a status of ours must be the row's own, and promise nothing that nobody works on.
            is_kept = not row.is_promised and id(row) not in hit
            found[id(row)] = row.outputs, row.status if is_kept else ""
    return found


def _unnamed(rows: Iterable[Row], matches: Matches, records: Mapping[str, Record], hit: Container[int]) -> set[int]:
    """The rows that show an answer of ours, word for word, below a status that a write hit: each answer in one row."""
    lost = Counter(
        (record.fingerprint, record.shown)
        for record in records.values()
        if record.token not in matches.homes and record.state == "done"
    )
    found: set[int] = set()
    for row in rows:
        if id(row) in hit and lost[row.fingerprint, row.outputs] > 0:
            lost[row.fingerprint, row.outputs] -= 1
            found.add(id(row))
    return found


def _is_explained(row: Row, record: Record) -> bool:
    return row.is_unanswered or (record.state == "done" and row.outputs == record.shown)
