"""This file is how a row's record changes: claimed, ended, to be written again, gone. Pure."""

from __future__ import annotations

from dataclasses import replace

from bot.doors.sheet.columns import Wanted
from bot.doors.sheet.row_store import Record, StoredAnswer
from bot.doors.sheet.rows import Row

GONE_WORDS = "The row was deleted, or its question changed, before the answer was written; the answer was dropped."
FILLED_WORDS = "Somebody filled the answer's cell first; it was left as it is."
COLUMNS_WORDS = "The answer does not fit this tab's columns: they changed since it was asked"


def claimed(record: Record, row: Row, wanted: Wanted, now: float) -> Record:
    """The record once the row shows its token; the inputs are those of the row as the claim found it."""
    if record.state != "claiming":
        return replace(record, suspect_until=0.0) if record.state == "gone" else record
    inputs = tuple(zip(wanted.inputs, row.inputs, strict=True))
    return replace(record, state="claimed", inputs=inputs, written_at=now, status=row.status)


def ended(record: Record, row: Row, answer: StoredAnswer, now: float) -> Record:
    """The record once the row shows its end; `row` as it is after the write."""
    base = replace(record, settled=answer.version, shown=row.outputs, status=row.status, written_at=now)
    if answer.reason or row.word == "error":
        return replace(base, state="failed", reason=answer.reason or COLUMNS_WORDS)
    if row.word == "skipped":
        return replace(base, state="skipped", reason=FILLED_WORDS)
    return replace(base, state="done", reason="")


def reopened(record: Record) -> Record:
    """The record of an answer that is to be written again."""
    return replace(record, state="asked", settled=record.settled - 1)


def gone(record: Record, settled: int, now: float) -> Record:
    """The record of a row that is not there any more; `settled` is the version of the answer that is dropped."""
    return replace(record, state="gone", reason=GONE_WORDS, settled=settled, written_at=now)
