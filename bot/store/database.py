"""How a database is opened: SQLite with write-ahead log and full sync, or Postgres, by one URL."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
import weakref
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import sqlalchemy as sa

from bot.errors import SettingsError
from bot.secrecy import shown_path

POSTGRES_NAMES = frozenset({"postgres", "postgresql"})
OTHERS = frozenset({"mysql", "mariadb", "mssql", "oracle"})
UNESCAPED = (
    "DATABASE_URL has more than one @: inside a user name or password, write @ as %40, : as %3A, / as %2F and ? as %3F."
)
READS = ("SELECT", "PRAGMA", "WITH")
TURN_LIMIT_S = 30.0
"""Who waits longer for the writers before it leaves it to SQLite, as a second process does."""
POSTGRES_OPTIONS = "-c idle_in_transaction_session_timeout=4000"
"""A host that froze inside a transaction loses its row locks after this time (milliseconds).

Nothing of ours rests inside one, and whoever wants the same rows waits as long.
"""

NOTICES_A_CUT_LINE = {
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
"""Without these a statement on a line that was cut without a word waits for a quarter of an hour.

Source: https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-KEEPALIVES
"""


def open_database(url: str) -> sa.Engine:
    """An SQLAlchemy engine for DATABASE_URL; the folder of a SQLite file is made when it is missing.

    `sqlite:///state/bot.db` or `postgresql://user:password@host/name`. Connects on first use; the caller disposes of
    it. Raises SettingsError when the URL is neither.
    """
    parsed = _parse(url)
    # Statements' parameters hold people's words, so they stay out of error messages.
    if parsed.get_backend_name() in POSTGRES_NAMES:
        return sa.create_engine(
            parsed.set(drivername="postgresql+psycopg"),
            pool_size=5,
            pool_pre_ping=True,
            hide_parameters=True,
            connect_args={"connect_timeout": 10, "options": POSTGRES_OPTIONS, **NOTICES_A_CUT_LINE},
        )
    _make_folder(parsed)
    engine = sa.create_engine(parsed, pool_size=10, max_overflow=60, hide_parameters=True, connect_args={"timeout": 30})
    sa.event.listen(engine, "connect", _prepare_sqlite)
    _turns_at(Path(parsed.database or "")).apply(engine)
    return engine


def sqlite_file(url: str) -> Path | None:
    """The file behind a SQLite URL; None for Postgres."""
    parsed = _parse(url)
    return Path(parsed.database or "") if parsed.get_backend_name() == "sqlite" else None


def shown_url(url: str) -> str:
    """The database in few words for logs and errors: the file, or host and name; never who logs in, and how."""
    parsed = _parse(url)
    if parsed.get_backend_name() == "sqlite":
        return f"sqlite:///{shown_path(parsed.database)}"
    port = f":{parsed.port}" if parsed.port else ""
    return f"postgresql://{shown_path(parsed.host or '')}{port}/{shown_path(parsed.database or '')}"


def hold_alone(database: Path) -> sqlite3.Connection | None:
    """Take the exclusive lock beside a SQLite database; None when another process holds it.

    It is SQLite's own file lock on `<name>.lock`: it works on every system, ends with the process however that dies,
    and a forked child does not inherit it. Closing the connection gives it back.
    Raises SettingsError when there can be no lock: on a full disk, or a read-only one.
    """
    connection = None
    try:
        # It waits a moment: somebody may just be looking whether the lock is held.
        connection = sqlite3.connect(f"{database}.lock", timeout=0.2, isolation_level=None, check_same_thread=False)
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        if connection is not None:
            connection.close()
        if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
            raise SettingsError(f"DATABASE_URL: its file cannot be locked ({error}).") from None
        return None
    return connection


def is_held(database: Path) -> bool:
    """Whether any process holds the lock of `hold_alone`; looks without taking it."""
    try:
        with contextlib.closing(
            sqlite3.connect(f"file:{quote(str(database))}.lock?mode=ro", uri=True, timeout=0)
        ) as lock:
            lock.execute("SELECT count(*) FROM sqlite_master")
    except sqlite3.OperationalError as error:
        return "locked" in str(error)
    return False


def _parse(url: str) -> sa.URL:
    expected = "Expected sqlite:///state/bot.db or postgresql://user:password@host/name."
    try:
        parsed = sa.make_url(url)
    except (sa.exc.ArgumentError, ValueError):
        raise SettingsError(f"DATABASE_URL is not a database's address. {expected}") from None
    if parsed.get_backend_name() in POSTGRES_NAMES:
        if url.partition("?")[0].count("@") > 1:
            raise SettingsError(UNESCAPED)
        return parsed
    if parsed.get_backend_name() != "sqlite":
        named = parsed.get_backend_name() if parsed.get_backend_name() in OTHERS else "another kind of database"
        raise SettingsError(f"DATABASE_URL names {named}, which Bellhop cannot use. {expected}")
    if not parsed.database or parsed.database == ":memory:":
        raise SettingsError("DATABASE_URL must name a file: what lives in memory is lost with the process.")
    return parsed


def _make_folder(parsed: sa.URL) -> None:
    folder = Path(parsed.database or "").parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        words = f"DATABASE_URL: the folder {shown_path(folder)} cannot be made ({error.strerror})."
        raise SettingsError(words) from None


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # IMMEDIATE: a transaction that would write waits for its turn at the start instead of failing in the middle.
    # Python begins one before the first writing statement only, so reads never wait.
    connection.isolation_level = "IMMEDIATE"
    # Each of some thirty connections would keep 2 MB of pages, which the system keeps anyhow.
    pragmas = ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000", "foreign_keys=ON", "cache_size=-256")
    for pragma in pragmas:
        connection.execute(f"PRAGMA {pragma}")
    if sqlite3.sqlite_version_info < (3, 42):
        connection.create_function("unixepoch", -1, _unixepoch, deterministic=False)


class _Turns:
    """Lets the writers of one process wait for each other on a lock of ours; one for each file.

    SQLite's own waiting sleeps up to 100 ms at a time and serves whoever happens to wake: with twenty writers most of
    the time is slept away. A second process still waits SQLite's way.
    """

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._writer: object = None

    def apply(self, engine: sa.Engine) -> None:
        sa.event.listen(engine, "before_cursor_execute", self._take)
        for over in ("do_commit", "do_rollback"):
            # SQLAlchemy's own events come before the deed: the next writer would find the file locked all the same.
            setattr(engine.dialect, over, self._giving_back(getattr(engine.dialect, over)))
        for gone in ("checkin", "invalidate"):
            sa.event.listen(engine, gone, lambda connection, *_: self._give_back(connection))

    def _take(self, connection: sa.Connection, _cursor: object, statement: str, *_: object) -> None:
        writer = connection.connection.dbapi_connection
        if (
            self._writer is not writer
            and not statement.lstrip()[:6].upper().startswith(READS)
            and self._turn.acquire(timeout=TURN_LIMIT_S)
        ):
            self._writer = writer

    def _giving_back(self, deed: Callable[[sa.PoolProxiedConnection], None]) -> Callable[..., None]:
        def done(connection: sa.PoolProxiedConnection) -> None:
            deed(connection)
            self._give_back(connection.dbapi_connection)

        return done

    def _give_back(self, writer: object) -> None:
        if writer is not None and self._writer is writer:
            self._writer = None
            self._turn.release()


_turns: weakref.WeakValueDictionary[Path, _Turns] = weakref.WeakValueDictionary()
"""Held by the engines' listeners: engines of one file wait for each other, too."""


def _turns_at(file: Path) -> _Turns:
    return _turns.setdefault(file.resolve(), _Turns())


def _unixepoch(*words: str) -> float | int:
    """SQLite's `unixepoch()` with the 'subsec' modifier, which SQLite before 3.42 does not know.

    The durable engine stamps its rows with it on Python 3.12 and later; without it those stamps are NULL and refused.
    Source: https://www.sqlite.org/lang_datefunc.html
    """
    return time.time() if "subsec" in words else int(time.time())
