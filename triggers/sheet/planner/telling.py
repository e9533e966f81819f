"""The plan for a tab that pauses although its columns are known: rows that wait are told why, none is asked. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from bot.doors.sheet.rows import Row
from triggers.sheet.planner import jobs
from triggers.sheet.planner.attribution import Attribution, Known
from triggers.sheet.planner.debounce import Debounce
from triggers.sheet.planner.jobs import Moment, Plan, TabRef


def plan_telling(  # noqa: PLR0917  # as make_plan, and the words
    tab_ref: TabRef, rows: Sequence[Row], known: Known, debounce: Debounce, moment: Moment, words: str
) -> Plan:
    """The plan after one read; `words` say why the tab pauses."""
    attribution = Attribution(tab_ref.wanted, rows, known)
    # While a write may still have gone astray, what stood there before it must not be forgotten over this.
    is_certain = not any(record.suspect_until > moment.now for record in known.records.values())
    waiting = [row for row in rows if not row.status and row.is_complete and row.is_unanswered]
    told = [jobs.telling(tab_ref, moment, row, words) for row in waiting if debounce.is_settled(row) and is_certain]
    debounce.end_read(moment.now)
    foreign = attribution.foreign()
    return Plan(
        told,
        foreign=foreign,
        foreign_rows=attribution.count(foreign),
        is_uncertain=known.before.is_uncertain,
        settles_at=debounce.next_at(),
    )
