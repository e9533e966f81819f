"""The records and answers of one spreadsheet as its loop holds them, in step with the store of rows."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from bot.doors.sheet.row_store import Record, RowStore, StoredAnswer


class RowCache:
    """Belongs to the thread of its spreadsheet; every change is on disk before it is here, but for new claims.

    That a row was marked is seen in the sheet itself: it is kept as asked, together with its event.
    """

    def __init__(self, spreadsheet: str, row_store: RowStore) -> None:
        self._spreadsheet, self._row_store = spreadsheet, row_store
        self.records: dict[str, Record] = {}
        self.answers: dict[str, StoredAnswer] = {}

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

    def fetch_answers(self) -> None:
        """The answers that are to be written."""
        self.answers |= self._row_store.answers(self._spreadsheet, due=True)

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
