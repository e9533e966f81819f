"""Whether STATE_DIR and DATABASE_URL can be used: tried out, and left as they were.

A full disk, a read-only one and a missing right are told in words before anything is opened, by `run` and by `check`.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import sqlalchemy as sa

from bot.errors import SettingsError, reason_of
from bot.secrecy import hidden, shown_path
from bot.settings import Settings
from bot.store.creation import newer_fault
from bot.store.database import open_database, sqlite_file

PROBE_BYTES = 256 * 1024
"""Less room than this is as good as none: the durable queue alone writes more at its first start."""
BUSY = ("database is locked", "database is busy")
"""A running Bellhop is writing just now, so one can."""


def folder_fault(folder: Path) -> str:
    """Why a folder cannot hold files of ours, in words; "" when it can. It is not made, and nothing stays in it."""
    nearest = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    if not nearest.is_dir():
        return f"{shown_path(nearest)} is a file, where a folder is expected"
    try:
        with tempfile.NamedTemporaryFile(dir=nearest, prefix=".bellhop-") as file:
            file.write(bytes(PROBE_BYTES))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        return f"nothing can be written into {shown_path(nearest)} ({error.strerror})"
    return ""


def database_fault(url: str) -> str:
    """Why the database cannot be used, in words without its password; "" when it can.

    Raises SettingsError when DATABASE_URL is no database's address at all.
    """
    file = sqlite_file(url)
    if file is not None:
        fault = folder_fault(file.parent)
        if fault or not file.exists():
            return fault
    try:
        with _connected(url) as connection:
            _write_and_undo(connection)
            return newer_fault(connection)
    except (sa.exc.DBAPIError, sqlite3.Error, psycopg.Error, OSError) as error:
        said = hidden(reason_of(error))
        return "" if said in BUSY else said


def refuse_unusable(settings: Settings) -> None:
    """Raise SettingsError, in one line, when nothing could be stored."""
    fault = folder_fault(settings.state_dir)
    if fault:
        raise SettingsError(f"STATE_DIR cannot be used: {fault}.")
    fault = database_fault(settings.database_url)
    if fault:
        raise SettingsError(f"DATABASE_URL cannot be used: {fault}.")


@contextlib.contextmanager
def _connected(url: str) -> Iterator[sa.Connection]:
    engine = open_database(url)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def _write_and_undo(connection: sa.Connection) -> None:
    with connection.begin() as transaction:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        elif not sa.inspect(connection).has_schema("dbos"):
            connection.exec_driver_sql("CREATE SCHEMA bellhop_probe")  # the durable queue makes one of its own
        connection.exec_driver_sql("CREATE TABLE bellhop_probe_row (number INTEGER)")
        connection.exec_driver_sql("INSERT INTO bellhop_probe_row VALUES (1)")
        transaction.rollback()
