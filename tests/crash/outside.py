"""The outside world of the crash suite: what was paid, what people saw, which source was acknowledged.

It lives in a file of its own that no crash of a worker undoes, and it is written at the very moment of the effect.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

SCHEMA = """
CREATE TABLE IF NOT EXISTS replies (n INTEGER PRIMARY KEY, event TEXT, text TEXT);
CREATE TABLE IF NOT EXISTS effects (n INTEGER PRIMARY KEY, kind TEXT, event TEXT, conversation TEXT);
CREATE TABLE IF NOT EXISTS acked (event TEXT PRIMARY KEY);
"""


class Outside:
    """Usable by many processes at once."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, timeout=60, isolation_level=None, check_same_thread=False)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=OFF")
        self._connection.executescript(SCHEMA)

    def post(self, event: str) -> int:
        """A new visible reply."""
        return int(
            self._connection.execute("INSERT INTO replies (event, text) VALUES (?, '')", (event,)).lastrowid or 0
        )

    def find(self, event: str) -> int | None:
        """The reply that carries this event's id."""
        row = self._connection.execute("SELECT n FROM replies WHERE event = ? ORDER BY n LIMIT 1", (event,)).fetchone()
        return int(row[0]) if row else None

    def edit(self, reply: int, text: str) -> None:
        self._connection.execute("UPDATE replies SET text = ? WHERE n = ?", (text, reply))

    def note(self, kind: str, event: str, conversation: str) -> None:
        row = (kind, event, conversation)
        self._connection.execute("INSERT INTO effects (kind, event, conversation) VALUES (?, ?, ?)", row)

    def ack(self, event: str) -> None:
        self._connection.execute("INSERT OR IGNORE INTO acked VALUES (?)", (event,))

    def acked(self) -> set[str]:
        return {row[0] for row in self._connection.execute("SELECT event FROM acked")}

    def effects(self, kind: str) -> list[tuple[str, str]]:
        """Event and conversation, in the order in which it happened."""
        rows = self._connection.execute("SELECT event, conversation FROM effects WHERE kind = ? ORDER BY n", (kind,))
        return [(row[0], row[1]) for row in rows]

    def replies(self) -> list[tuple[str, str]]:
        return [(row[0], row[1]) for row in self._connection.execute("SELECT event, text FROM replies ORDER BY n")]
