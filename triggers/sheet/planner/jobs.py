"""This file is a plan's parts: one job for each row to write, and what the ledger must know before and after."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from bot.doors.sheet.row_store import Record
from triggers.sheet.planner.matching import Content

Kind = Literal["claim", "adopt", "answer", "repair"]


@dataclass(frozen=True, slots=True)
class Job:
    """Write `status` (and `outputs`, None: leave them) into the row that was at `number`.

    It hit the right row when that still shows `fingerprint`. `shown` is what its outputs showed at the read. `after`
    is the record once the write is confirmed (None for a repair of a row that has no token of its own).
    """

    kind: Kind
    number: int
    fingerprint: str
    shown: tuple[str, ...]
    status: str
    outputs: tuple[Any, ...] | None = None
    before: Record | None = None
    after: Record | None = None

    @property
    def wipes(self) -> bool:
        """It leaves a row without any token: were it to hit another, that one could not be told by its status."""
        return not self.status


@dataclass(frozen=True, slots=True)
class Given:
    """Words of people that a repair wrote back, and for which row; until it is certain, they may stand elsewhere."""

    fingerprint: str
    outputs: tuple[str, ...]
    until: float


@dataclass(frozen=True, slots=True)
class Before:
    """What stood in a tab before the last write, by fingerprint, and what that write may have put in a wrong place.

    `words`: what people wrote into outputs and status cells. `is_uncertain`: a status cell may have been wiped.
    """

    words: Mapping[str, Counter[Content]] = field(default_factory=dict)
    is_uncertain: bool = False
    given: tuple[Given, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What one read calls for. `changes` are saved whatever becomes of the jobs; `foreign` before they are written.

    `notes`: rows (by number) whose answer was cut and whose note is due. `settles_at`: when the next row will have
    settled.
    """

    jobs: Sequence[Job] = ()
    changes: Sequence[Record] = ()
    void: Sequence[str] = ()
    foreign: Mapping[str, Counter[Content]] = field(default_factory=dict)
    is_uncertain: bool = False
    notes: Sequence[tuple[int, Record]] = ()
    settles_at: float | None = None
