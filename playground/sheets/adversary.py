"""The adversary: seeded random edits by a person between any two API calls.

standin.before_call = Adversary(standin.person(), seed=7, tab="Questions")
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from playground.sheets.a1 import column_index
from playground.sheets.cells import is_blank
from playground.sheets.people import Person

SHUFFLING = {"insert": 1.0, "delete": 0.5, "sort": 1.0, "move": 1.0, "copy": 0.5, "ask": 1.0}
"""Weights of the edits that a client must survive without any setting of its own."""


class Act(NamedTuple):
    """One edit that was made: its kind, the row (from 1) and the column it began at, and the text typed, if any."""

    kind: str
    row: int
    column: str
    text: str


@dataclass
class Adversary:
    """Edits a tab with probability `chance` per call, at most `limit` times; row 1 is left alone.

    `asks`: columns where people type what is to be answered; `answers`: columns they may overwrite. Kinds and weights
    in `edits`: insert, delete, sort, move, copy (a row to below the last), ask (a new complete row), half (its first
    column only), edit (another text in an `asks` column), answer, erase (an `answers` column), wait (nothing).
    `acts` holds what was done, in order. The same seed on the same calls makes the same edits.
    """

    person: Person
    seed: int
    tab: str
    asks: Sequence[str] = ("A",)
    answers: Sequence[str] = ()
    edits: Mapping[str, float] = field(default_factory=lambda: dict(SHUFFLING))
    chance: float = 0.3
    limit: int = 1_000_000
    acts: list[Act] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._count = 0

    def __call__(self, *_: object) -> None:
        """Perhaps edit. Fits `before_call` and `after_call`."""
        if len(self.acts) < self.limit and self._random.random() < self.chance:
            self.edit()

    def edit(self) -> Act:
        """Make one edit now."""
        kind = self._random.choices(list(self.edits), weights=list(self.edits.values()))[0]
        kinds: dict[str, Callable[[int, int], Act]] = {
            "insert": self._insert,
            "delete": self._delete,
            "sort": self._sort,
            "move": self._move,
            "copy": self._copy,
            "ask": self._ask,
            "half": self._half,
            "edit": self._edit,
            "answer": self._answer,
            "erase": self._erase,
            "wait": lambda row, _: Act("wait", row, "", ""),
        }
        last = self._last_row()
        act = kinds[kind](self._random.randint(2, max(last, 2)), last)
        self.acts.append(act)
        return act

    def _last_row(self) -> int:
        """The last filled row, from 1."""
        with self.person.lock:
            return self.person.book.tab(self.tab).last_filled_row() + 1

    def _insert(self, row: int, _: int) -> Act:
        self.person.insert_rows(self.tab, row)
        return Act("insert", row, "", "")

    def _delete(self, row: int, _: int) -> Act:
        self.person.delete_rows(self.tab, row)
        return Act("delete", row, "", "")

    def _sort(self, row: int, _: int) -> Act:
        column = self._random.choice(list(self.asks))
        self.person.sort(self.tab, column, descending=self._random.random() < 0.5)
        return Act("sort", row, column, "")

    def _move(self, row: int, last: int) -> Act:
        before = self._random.randint(2, max(last, 2) + 1)
        if before not in {row, row + 1}:
            self.person.move_rows(self.tab, row, row, before)
        return Act("move", row, "", str(before))

    def _copy(self, row: int, last: int) -> Act:
        self.person.copy_rows(self.tab, row, row, last + 1)
        return Act("copy", row, "", str(last + 1))

    def _ask(self, _: int, last: int) -> Act:
        return self._typed_row("ask", self._free_row(last), self.asks)

    def _half(self, _: int, last: int) -> Act:
        return self._typed_row("half", self._free_row(last), self.asks[:1])

    def _free_row(self, last: int) -> int:
        """A blank row inside the filled part, or the first below it."""
        rows = self.person.book.tab(self.tab).rows[:last]
        blank = [index + 1 for index, row in enumerate(rows) if index and all(map(is_blank, row))]
        return self._random.choice([*blank, last + 1])

    def _typed_row(self, kind: str, row: int, columns: Sequence[str]) -> Act:
        text = self._text()
        cells: list[str | None] = [None] * (1 + max(map(column_index, columns)))
        for column in columns:
            cells[column_index(column)] = text
        self.person.type_row(self.tab, row, cells)
        return Act(kind, row, columns[0], text)

    def _edit(self, row: int, _: int) -> Act:
        return self._typed("edit", row, self.asks, self._text())

    def _answer(self, row: int, _: int) -> Act:
        return self._typed("answer", row, self.answers or self.asks, self._text())

    def _erase(self, row: int, _: int) -> Act:
        return self._typed("erase", row, self.answers or self.asks, "")

    def _typed(self, kind: str, row: int, columns: Sequence[str], text: str) -> Act:
        column = self._random.choice(list(columns))
        self.person.type(self.tab, f"{column}{row}", text)
        return Act(kind, row, column, text)

    def _text(self) -> str:
        self._count += 1
        return f"typed {self.seed}-{self._count}"
