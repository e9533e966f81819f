"""What rows wait for, in words for their status cells: replies write it, the loop of a spreadsheet shows it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa

from bot.store.creation import create_tables
from bot.store.schema import METADATA
from bot.store.statements import Statement

_waits = sa.Table(
    "sheet_waits",
    METADATA,
    sa.Column("token", sa.Text, primary_key=True),
    sa.Column("spreadsheet", sa.Text, nullable=False, index=True),
    sa.Column("words", sa.Text, nullable=False),
    sa.Column("until", sa.Float),  # seconds since 1970; NULL: nobody knows
)
_OF_SPREADSHEET = Statement(sa.select(_waits).where(_waits.c.spreadsheet == sa.bindparam("of")))
_OF_TOKEN = Statement(sa.select(_waits).where(_waits.c.token == sa.bindparam("of")))
_FORGET = Statement(sa.delete(_waits).where(_waits.c.token == sa.bindparam("of")))
_KEEP = Statement(sa.insert(_waits))


@dataclass(frozen=True, slots=True)
class StoredWait:
    """The row of a token waits: `words` say for what, `until` when it goes on (seconds since 1970, None: unknown)."""

    token: str
    spreadsheet: str
    words: str
    until: float | None = None


class WaitStore:
    """The table; every method is one transaction and may be called from any thread."""

    def __init__(self, database: sa.Engine) -> None:
        self._database = database
        create_tables(database)

    def store(self, wait: StoredWait) -> bool:
        """Keep it in the place of what the row waited for before. False: that is what is kept already."""
        with self._database.begin() as connection:
            known = _OF_TOKEN.run(connection, {"of": wait.token}).first()
            if known is not None and _wait(known) == wait:
                return False
            _FORGET.run(connection, {"of": wait.token})
            _KEEP.run(connection, asdict(wait))
        return True

    def forget(self, tokens: Iterable[str]) -> bool:
        """These rows wait no more. False: none of them did."""
        old = list(tokens)
        if not old:
            return False
        with self._database.begin() as connection:
            return sum(_FORGET.run(connection, {"of": token}).rowcount for token in old) > 0

    def waits(self, spreadsheet: str) -> list[StoredWait]:
        """Every row of a spreadsheet that waits, or has waited and was not forgotten."""
        with self._database.connect() as connection:
            return [_wait(row) for row in _OF_SPREADSHEET.run(connection, {"of": spreadsheet})]


def _wait(row: sa.Row[Any]) -> StoredWait:
    return StoredWait(row.token, row.spreadsheet, row.words, row.until)
