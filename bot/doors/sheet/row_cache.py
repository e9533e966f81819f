"""The records and answers of one spreadsheet as its loop holds them, in step with the store of rows."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from bot.doors.sheet.row_store import Record, RowStore, StoredAnswer
from bot.doors.sheet.wait_store import StoredWait


class RowCache:
    """Belongs to the thread of its spreadsheet; every change is on disk before it is here, but for new claims.

    That a row was marked is seen in the sheet itself: it is kept as asked, together with its event.
    """

    def __init__(self, spreadsheet: str, row_store: RowStore) -> None:
        self._spreadsheet, self._row_store = spreadsheet, row_store
        self.records: dict[str, Record] = {}
        self.answers: dict[str, StoredAnswer] = {}
        self.waits: dict[str, str] = {}

    def load(self) -> None:
        """Begin, or begin again after somebody else looked after this spreadsheet."""
        self.records = self._row_store.records(self._spreadsheet)
        self.answers = self._row_store.answers(self._spreadsheet)

    def save(self, records: Sequence[Record]) -> None:
        """Keep changed records."""
        self._row_store.save(record for record in records if not self._is_new_claim(record))
        self.records |= {record.token: record for record in records}

    def forget(self, tokens: Sequence[str]) -> None:
        """Drop claims that never came about."""
        self._row_store.forget(tokens)
        for token in tokens:
            self.records.pop(token, None)

    def fetch(self, now: float) -> None:
        """The answers that are to be written, and in words what rows wait for (`now` in seconds since 1970)."""
        self.answers |= self._row_store.answers(self._spreadsheet, due=True)
        wait_store, found = self._row_store.wait_store, self._row_store.wait_store.waits(self._spreadsheet)
        self.waits = {wait.token: wait.words for wait in found if self._is_waiting(wait, now)}
        wait_store.forget([wait.token for wait in found if wait.token not in self.waits])

    def _is_waiting(self, wait: StoredWait, now: float) -> bool:
        record = self.records.get(wait.token)
        return record is not None and record.is_live and (wait.until is None or wait.until > now)

    def _is_new_claim(self, record: Record) -> bool:
        before = self.records.get(record.token)
        return record.state == "claimed" and before is not None and before.state == "claiming"

    def claimed(self) -> list[Record]:
        """Rows that are marked and whose events are not durable yet."""
        return [record for record in self.records.values() if record.state == "claimed"]

    def purge(self, before: float, worn: Collection[str]) -> None:
        """Forget rows that ended before that time, but for the tokens that still stand in the sheet."""
        if self._row_store.purge(self._spreadsheet, before, set(worn)):
            self.records = self._row_store.records(self._spreadsheet)
