"""This file is how a database is opened: SQLite with write-ahead log and full sync, or Postgres, by one URL."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa


def open_database(url: str) -> sa.Engine:
    """An SQLAlchemy engine for DATABASE_URL; the folder of a SQLite file is made when it is missing.

    `sqlite:///state/bot.db` or `postgresql://user:password@host/name`. The caller disposes of it.
    """
    parsed = sa.make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return sa.create_engine(parsed.set(drivername="postgresql+psycopg"), pool_size=5, pool_pre_ping=True)
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(parsed, connect_args={"timeout": 30})
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "begin", _begin_immediate)
    return engine


def _prepare_sqlite(connection: object, _record: object) -> None:
    cursor = connection.cursor()  # type: ignore[attr-defined]  # a DBAPI connection, which SQLAlchemy types as object
    connection.isolation_level = None  # type: ignore[attr-defined]  # we begin transactions ourselves
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_immediate(connection: sa.Connection) -> None:
    # A transaction that reads first and writes later fails with "database is locked" instead of waiting.
    connection.exec_driver_sql("BEGIN IMMEDIATE")
