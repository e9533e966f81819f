"""What is known of every sheet row that was ever claimed: the trigger and the reply meet here.

Two tables, each with one writer: the loop of a spreadsheet writes `sheet_rows`, replies write `sheet_answers`. An
answer is due until its version is `settled` in its row; a repeated reply finds its answer stored and changes nothing.
"""

from __future__ import annotations

import asyncio
import threading
import weakref
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bot.doors.sheet.wait_store import StoredWait, WaitStore
from bot.store.creation import create_tables
from bot.store.schema import METADATA

RowState = Literal["claiming", "claimed", "asked", "done", "failed", "skipped", "gone"]
"""claiming (about to be marked) -> claimed (marked) -> asked (its event is durable) -> one of the others.

On disk a row goes from claiming to asked: version 0.1.0 kept that it was claimed, now a look at the sheet tells it.
"""

LIVE: frozenset[RowState] = frozenset({"claiming", "claimed", "asked"})

_rows = sa.Table(
    "sheet_rows",
    METADATA,
    sa.Column("token", sa.Text, primary_key=True),
    sa.Column("spreadsheet", sa.Text, nullable=False, index=True),
    sa.Column("tab", sa.BigInteger, nullable=False),
    sa.Column("rule", sa.Text, nullable=False),
    sa.Column("fingerprint", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("inputs", sa.JSON, nullable=False),
    sa.Column("over", sa.JSON, nullable=False),
    sa.Column("shown", sa.JSON, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("generation", sa.Integer, nullable=False),
    sa.Column("settled", sa.Integer, nullable=False),
    sa.Column("note_due", sa.Boolean, nullable=False),
    sa.Column("claimed_at", sa.Float, nullable=False),
    sa.Column("written_at", sa.Float, nullable=False),
    sa.Column("suspect_until", sa.Float, nullable=False),
)
_answers = sa.Table(
    "sheet_answers",
    METADATA,
    sa.Column("token", sa.Text, primary_key=True),
    sa.Column("spreadsheet", sa.Text, nullable=False, index=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("values", sa.JSON),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
)

_ALL_ANSWERS = sa.select(_answers).where(_answers.c.spreadsheet == sa.bindparam("spreadsheet"))
_ANSWER = sa.select(_answers).where(_answers.c.token == sa.bindparam("of_token"))
_DUE_ANSWERS = _ALL_ANSWERS.join(_rows, _rows.c.token == _answers.c.token).where(_answers.c.version > _rows.c.settled)


@dataclass(frozen=True, slots=True)
class Record:
    """One claimed version of a row. Times are seconds since 1970, 0.0 when it has not happened.

    `inputs` are (header, text) as the claim found them, `fingerprint` their digest. `over` is the earlier answer of
    ours that may be overwritten, `shown` the answer as the sheet shows it, `status` what the status cell says.
    `generation` counts how often the question changed under us. `suspect_until`: a write for this token may have hit
    another row (0.0: certainly none did).
    """

    token: str
    spreadsheet: str
    tab: int
    rule: str
    fingerprint: str
    state: RowState = "claiming"
    inputs: tuple[tuple[str, str], ...] = ()
    over: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    status: str = ""
    reason: str = ""
    generation: int = 0
    settled: int = 0
    note_due: bool = False
    claimed_at: float = 0.0
    written_at: float = 0.0
    suspect_until: float = 0.0

    @property
    def is_live(self) -> bool:
        """Whether its answer is still to come (or to be written)."""
        return self.state in LIVE


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """What a reply wants written: typed `values` by column, or one `text`; with a `reason` there is no answer."""

    token: str
    spreadsheet: str
    version: int
    values: Mapping[str, Any] | None
    text: str
    reason: str


class RowStore:
    """Both tables; every method is one transaction and may be called from any thread. One for each database."""

    def __init__(self, database: sa.Engine) -> None:
        self._database = database
        dialect = postgresql if database.dialect.name == "postgresql" else sqlite
        insert, answer = dialect.insert(_rows), dialect.insert(_answers)
        new = {column.name: insert.excluded[column.name] for column in _rows.columns if column.name != "token"}
        self._upsert = insert.on_conflict_do_update(index_elements=["token"], set_=new)
        is_unasked = _rows.c.state.in_(("claiming", "claimed"))
        self._upsert_asked = insert.on_conflict_do_update(index_elements=["token"], set_=new, where=is_unasked)
        given = {name: answer.excluded[name] for name in ("version", "values", "text", "reason")}
        self._upsert_answer = answer.on_conflict_do_update(index_elements=["token"], set_=given)
        self._lock = threading.Lock()
        self._waiters: dict[str, tuple[asyncio.AbstractEventLoop, asyncio.Event]] = {}
        self._wakers: dict[str, Callable[[], None]] = {}
        self.wait_store = WaitStore(database)
        create_tables(database)

    def save(self, records: Iterable[Record]) -> None:
        """Write these rows, all or none, and wake the replies that wait for them."""
        changed = list(records)
        if not changed:
            return
        with self._database.begin() as connection:
            connection.execute(self._upsert, [_columns_of(record) for record in changed])
        self._ring(record.token for record in changed if not record.is_live)

    def write_asked(self, connection: sa.Connection, record: Record) -> None:
        """Write a row in its event's transaction; one that went on meanwhile, in another process, stays as it is."""
        connection.execute(self._upsert_asked, _columns_of(record))

    def forget(self, tokens: Iterable[str]) -> None:
        """Claims that never came about."""
        gone = [{"old": token} for token in tokens]
        if gone:
            with self._database.begin() as connection:
                connection.execute(sa.delete(_rows).where(_rows.c.token == sa.bindparam("old")), gone)

    def records(self, spreadsheet: str) -> dict[str, Record]:
        """Every row of a spreadsheet, by token."""
        query = sa.select(_rows).where(_rows.c.spreadsheet == spreadsheet)
        with self._database.connect() as connection:
            return {row.token: _record(row) for row in connection.execute(query)}

    def record(self, token: str) -> Record | None:
        """One row."""
        with self._database.connect() as connection:
            row = connection.execute(sa.select(_rows).where(_rows.c.token == token)).first()
            return _record(row) if row else None

    def answers(self, spreadsheet: str, *, due: bool = False) -> dict[str, StoredAnswer]:
        """The answers of a spreadsheet by token: all, or those that are due."""
        query = _DUE_ANSWERS if due else _ALL_ANSWERS
        with self._database.connect() as connection:
            found = connection.execute(query, {"spreadsheet": spreadsheet})
            return {row.token: StoredAnswer(**row._mapping) for row in found}  # noqa: SLF001  # SQLAlchemy's public name

    def store_answer(
        self, token: str, spreadsheet: str, *, values: Mapping[str, Any] | None = None, text: str = "", reason: str = ""
    ) -> int:
        """Keep what is to be written and return its version; the same again keeps the version it has."""
        wanted = {"values": dict(values) if values is not None else None, "text": text, "reason": reason}
        with self._database.begin() as connection:
            known = connection.execute(_ANSWER, {"of_token": token}).first()
            if known and {name: known._mapping[name] for name in wanted} == wanted:  # noqa: SLF001  # SQLAlchemy's public name
                return int(known.version)
            version = known.version + 1 if known else 1
            row = {**wanted, "token": token, "spreadsheet": spreadsheet, "version": version}
            connection.execute(self._upsert_answer, row)
        self._wake(spreadsheet)
        return int(version)

    def store_wait(self, wait: StoredWait) -> None:
        """Keep what a row waits for, until it goes on or is answered; the same again changes nothing."""
        if self.wait_store.store(wait):
            self._wake(wait.spreadsheet)

    def end_wait(self, token: str, spreadsheet: str) -> None:
        """The row is being worked on again."""
        if self.wait_store.forget([token]):
            self._wake(spreadsheet)

    def purge(self, spreadsheet: str, before: float, keep: set[str]) -> int:
        """Forget rows that ended before that time, but for the tokens that still stand in the sheet."""
        ended = (_rows.c.spreadsheet == spreadsheet) & _rows.c.state.not_in(LIVE) & (_rows.c.written_at < before)
        with self._database.begin() as connection:
            found = set(connection.execute(sa.select(_rows.c.token).where(ended)).scalars()) - keep
            old = [{"old": token} for token in found]
            for table in (_rows, _answers) if old else ():
                connection.execute(sa.delete(table).where(table.c.token == sa.bindparam("old")), old)
        return len(found)

    async def wait_ended(self, token: str, timeout_s: float) -> None:
        """Return when this row has probably ended, at the latest after `timeout_s` seconds."""
        bell = asyncio.Event()
        with self._lock:
            self._waiters[token] = (asyncio.get_running_loop(), bell)
        try:
            async with asyncio.timeout(timeout_s):
                await bell.wait()
        except TimeoutError:
            return
        finally:
            with self._lock:
                self._waiters.pop(token, None)

    def on_answer(self, spreadsheet: str, wake: Callable[[], None]) -> None:
        """Call `wake`, from any thread, whenever an answer for this spreadsheet was stored in this process."""
        with self._lock:
            self._wakers[spreadsheet] = wake

    def _wake(self, spreadsheet: str) -> None:
        with self._lock:
            wake = self._wakers.get(spreadsheet)
        if wake is not None:
            wake()

    def _ring(self, tokens: Iterable[str]) -> None:
        with self._lock:
            bells = [self._waiters[token] for token in tokens if token in self._waiters]
        for loop, bell in bells:
            if not loop.is_closed():
                loop.call_soon_threadsafe(bell.set)


_stores: weakref.WeakKeyDictionary[sa.Engine, RowStore] = weakref.WeakKeyDictionary()


def row_store_of(database: sa.Engine) -> RowStore:
    """The store of this database: the same object for the trigger and the replies, so that they wake each other."""
    if database not in _stores:
        _stores[database] = RowStore(database)
    return _stores[database]


_NAMES = tuple(field.name for field in fields(Record))


def _columns_of(record: Record) -> dict[str, Any]:
    return {name: getattr(record, name) for name in _NAMES}


def _record(row: Any) -> Record:
    values = {name: getattr(row, name) for name in _NAMES}
    values["inputs"] = tuple((header, text) for header, text in row.inputs)
    return Record(**values | {name: tuple(values[name]) for name in ("over", "shown")})
