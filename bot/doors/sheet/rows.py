"""The rows of a tab as one read found them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from bot.doors.sheet.columns import Columns
from bot.doors.sheet.pending import is_pending
from bot.doors.sheet.status import PROMISES, parse

Content = tuple[tuple[str, ...], str]
"""Outputs and status of a row, as the sheet shows them."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row below the header: `number` counts from 1 and holds only until somebody edits. Texts as the sheet shows.

    `fingerprint` is a digest of the inputs; `word` and `token` are read from a status of ours. `is_pending`: an input
    shows that its value is not there yet (`Loading…`); it counts as not filled.
    """

    number: int
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    status: str
    fingerprint: str
    word: str
    token: str
    is_pending: bool = False

    @property
    def is_complete(self) -> bool:
        """Every input is filled."""
        return all(self.inputs)

    @property
    def is_unanswered(self) -> bool:
        """Every output is empty."""
        return not any(self.outputs)

    @property
    def is_promised(self) -> bool:
        """A status of ours says that an answer is to come."""
        return self.word in PROMISES


def row_of(number: int, cells: Sequence[str], columns: Columns) -> Row:
    """The row whose cells are these, from the tab's first column on."""

    def text(column: int) -> str:
        return cells[column].strip() if column < len(cells) else ""

    shown = tuple(map(text, columns.inputs))
    inputs = tuple("" if is_pending(one) else one for one in shown)
    status = text(columns.status)
    word, token = parse(status) if status else ("", "")
    return Row(
        number, inputs, tuple(map(text, columns.outputs)), status, fingerprint_of(inputs), word, token, inputs != shown
    )


def fingerprint_of(inputs: Sequence[str]) -> str:
    """A digest that changes when any input does."""
    return hashlib.blake2b("\x1f".join(inputs).encode(), digest_size=12).hexdigest()
