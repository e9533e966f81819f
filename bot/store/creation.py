"""How tables come about: the one creator, under one lock, for every process that opens the database.

It makes what is missing and brings an older database to today's version, all of it or nothing.
"""

from __future__ import annotations

import contextlib
import time
import weakref
from collections.abc import Iterator, Set

import sqlalchemy as sa

from bot.errors import SettingsError, reason_of
from bot.store.migrations import FIRST, MIGRATIONS, VERSION
from bot.store.schema import METADATA, schema_version

LOCK = 7_345_001
"""The number of the creator's advisory lock on Postgres; 0.1.0 took the same."""
LOCK_EVERY_S, LOCK_LIMIT_S = 0.05, 120.0

NEWER = f"was made by a newer Bellhop (its version is {{}}, this program knows {VERSION})"

_ready: weakref.WeakKeyDictionary[sa.Engine, frozenset[str]] = weakref.WeakKeyDictionary()
"""The tables that are known to stand in a database, so that every part may ask and only the first one looks."""


def create_tables(database: sa.Engine) -> None:
    """Make every table that is on METADATA by now and missing; bring the others to today's version.

    Cheap when there is nothing to do. Raises SettingsError, in one line, when the database cannot be used or was made
    by a newer Bellhop.
    """
    wanted = frozenset(METADATA.tables)
    if wanted <= _ready.get(database, frozenset()):
        return
    try:
        if not _is_current(database, wanted):
            with creation_lock(database), database.begin() as connection:
                _bring_up_to_date(connection)
    except sa.exc.DBAPIError as error:
        raise SettingsError(f"DATABASE_URL: {_name(database)} cannot be used ({reason_of(error)}).") from None
    _ready[database] = wanted


def newer_fault(connection: sa.Connection) -> str:
    """That a newer Bellhop made this database, in words; "" when this one may use it."""
    found = _version(connection, _tables(connection))
    return f"it {NEWER.format(found)}; update Bellhop, or give it another database" if found > VERSION else ""


@contextlib.contextmanager
def creation_lock(database: sa.Engine, limit_s: float = LOCK_LIMIT_S) -> Iterator[None]:
    """Hold the lock under which tables are made and changed, whoever's they are, for the length of a block.

    On SQLite the lock is the file's own, taken by the transaction that follows (BEGIN IMMEDIATE).
    Raises SettingsError when another process has not let go of it after `limit_s` seconds.
    """
    if database.dialect.name == "sqlite":
        yield
        return
    # No transaction, and no waiting inside a statement: building an index waits for every snapshot, ours as well.
    with database.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        _wait_for_lock(connection, limit_s)
        try:
            yield
        finally:
            connection.execute(sa.select(sa.func.pg_advisory_unlock(LOCK)))


def _wait_for_lock(connection: sa.Connection, limit_s: float) -> None:
    end_s = time.monotonic() + limit_s
    while not connection.execute(sa.select(sa.func.pg_try_advisory_lock(LOCK))).scalar():
        if time.monotonic() > end_s:
            words = f"Another process has been preparing the database for {limit_s:.0f} s. Stop it, then start again."
            raise SettingsError(words)
        time.sleep(LOCK_EVERY_S)


def _is_current(database: sa.Engine, wanted: Set[str]) -> bool:
    with database.connect() as connection:
        there = _tables(connection)
        return _refuse_newer(connection, _version(connection, there)) == VERSION and wanted <= there


def _bring_up_to_date(connection: sa.Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    there = _tables(connection)
    found = _refuse_newer(connection, _version(connection, there))
    for step in MIGRATIONS[found - FIRST :] if found else ():
        for statement in step.statements[connection.dialect.name] if step.table in there else ():
            connection.exec_driver_sql(statement)
    METADATA.create_all(connection)
    if found != VERSION:
        connection.execute(sa.insert(schema_version).values(version=VERSION, reached_at=time.time()))


def _tables(connection: sa.Connection) -> set[str]:
    return set(sa.inspect(connection).get_table_names())


def _version(connection: sa.Connection, there: Set[str]) -> int:
    """The database's version; 0 when it is empty."""
    if schema_version.name not in there:
        return FIRST if "receipts" in there else 0
    return int(connection.execute(sa.select(sa.func.max(schema_version.c.version))).scalar() or 0)


def _refuse_newer(connection: sa.Connection, found: int) -> int:
    """The version that was found. Raises SettingsError when it is higher than ours."""
    if found > VERSION:
        words = f"{_name(connection.engine)} {NEWER.format(found)}"
        raise SettingsError(f"DATABASE_URL: {words}. Update Bellhop, or give it another database.")
    return found


def _name(database: sa.Engine) -> str:
    return f"the database {database.url.render_as_string(hide_password=True)}"
