"""The demo's view of the receipts: read from the bot's own database, never written."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from bot.events import Answer, Event, Receipt

if TYPE_CHECKING:
    import sqlalchemy as sa

    from bot.receipts import Receipts


class Ledger:
    """Receipts of the bot at `database` (a SQLite file), which may not be there yet."""

    def __init__(self, database: Path) -> None:
        self._file = database
        self._engine: sa.Engine | None = None
        self._receipts: Receipts | None = None
        self._sequence = 0
        self._known: dict[str, Receipt] = {}

    def read(self) -> dict[str, Receipt]:
        """Every receipt so far by event id, oldest first; the newest state of each."""
        receipts = self._open()
        while receipts is not None:
            changes = receipts.changed_since(self._sequence)
            for receipt in changes.receipts:
                self._known[receipt.id] = receipt
            if changes.sequence == self._sequence or not changes.receipts:
                break
            self._sequence = changes.sequence
        return dict(sorted(self._known.items(), key=lambda item: item[1].received_at))

    def answer(self, event_id: str) -> Answer | None:
        """The stored answer of an event, None while there is none."""
        receipts = self._open()
        return receipts.answer(event_id) if receipts else None

    def answer_text(self, event_id: str) -> str:
        """The text of that answer, "" while there is none."""
        answer = self.answer(event_id)
        return answer.text if answer else ""

    def event(self, event_id: str) -> Event | None:
        """The event itself, None when it is not known."""
        receipts = self._open()
        return receipts.event(event_id) if receipts else None

    def close(self) -> None:
        """Let go of the file."""
        if self._engine is not None:
            self._engine.dispose()
        self._engine = self._receipts = None

    def _open(self) -> Receipts | None:
        """None until the bot has made its tables, and there is a receipt: this side makes none."""
        if self._receipts is None and self._is_begun():
            # Imported only now: while the bot starts, it and the page have better use for the time.
            from bot.receipts import Receipts
            from bot.store.database import open_database

            self._engine = open_database(f"sqlite:///{self._file}")
            self._receipts = Receipts(self._engine)
        return self._receipts

    def _is_begun(self) -> bool:
        if not self._file.exists():
            return False
        with closing(sqlite3.connect(f"{self._file.as_uri()}?mode=ro", uri=True)) as database:
            try:
                return database.execute("SELECT 1 FROM receipts LIMIT 1").fetchone() is not None
            except sqlite3.OperationalError:  # no such table yet, or it is being made
                return False
