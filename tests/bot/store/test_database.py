"""The tests of how a database is opened."""

import sqlite3
import subprocess
import sys
import threading

import pytest
import sqlalchemy as sa

from bot.errors import SettingsError
from bot.store.database import _unixepoch, hold_alone, open_database, shown_url, sqlite_file


@pytest.fixture
def database(tmp_path):
    engine = open_database(f"sqlite:///{tmp_path / 'deep' / 'bot.db'}")
    yield engine
    engine.dispose()


def one(engine, statement):
    with engine.connect() as connection:
        return connection.execute(sa.text(statement)).scalar()


def test_sqlite_writes_ahead_and_syncs_every_commit(database):
    assert one(database, "PRAGMA journal_mode") == "wal"
    assert one(database, "PRAGMA synchronous") == 2
    assert one(database, "PRAGMA busy_timeout") == 30_000
    assert one(database, "PRAGMA foreign_keys") == 1


def test_many_writers_of_one_process_take_turns(database):
    with database.begin() as connection:
        connection.execute(sa.text("CREATE TABLE t (n INTEGER)"))
        connection.execute(sa.text("INSERT INTO t VALUES (0)"))

    def add() -> None:
        for _ in range(20):
            with database.begin() as connection:
                connection.execute(sa.text("UPDATE t SET n = n + 1"))

    threads = [threading.Thread(target=add) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert one(database, "SELECT n FROM t") == 160


def test_writers_through_two_engines_take_turns(database):
    """Waiting as SQLite does it is switched off here: who does not wait for a turn is refused at once."""
    other = open_database(database.url.render_as_string())
    sa.event.listen(other, "connect", lambda connection, _: connection.execute("PRAGMA busy_timeout=0"))
    with database.begin() as connection:
        connection.execute(sa.text("CREATE TABLE t (n INTEGER)"))
    faults = []

    def add() -> None:
        try:
            with other.begin() as connection:
                connection.execute(sa.text("INSERT INTO t VALUES (2)"))
        except sa.exc.OperationalError as error:
            faults.append(error)

    with database.begin() as connection:
        connection.execute(sa.text("INSERT INTO t VALUES (1)"))
        thread = threading.Thread(target=add)
        thread.start()
        thread.join(0.2)
    thread.join()
    other.dispose()
    assert not faults
    assert one(database, "SELECT sum(n) FROM t") == 3


def test_a_writer_that_fails_gives_its_turn_back(database):
    for _ in range(2):
        with pytest.raises(sa.exc.OperationalError), database.begin() as connection:
            connection.execute(sa.text("INSERT INTO nowhere VALUES (1)"))
    with database.begin() as connection:
        connection.execute(sa.text("CREATE TABLE t (n INTEGER)"))


def test_errors_do_not_show_what_people_wrote(database):
    with pytest.raises(sa.exc.OperationalError) as error, database.begin() as connection:
        connection.execute(sa.text("INSERT INTO nowhere VALUES (:words)"), {"words": "my secret question"})
    assert "my secret question" not in str(error.value)


def test_a_file_is_held_by_one_process_until_it_dies(tmp_path):
    path = tmp_path / "bot.db"
    code = (
        "import sys, time; from pathlib import Path; from bot.store.database import hold_alone;"
        "kept = hold_alone(Path(sys.argv[1])); print(bool(kept), flush=True); time.sleep(60)"
    )
    other = subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, text=True)
    try:
        assert other.stdout is not None
        assert other.stdout.readline().strip() == "True"
        assert hold_alone(path) is None
    finally:
        other.kill()
        other.communicate()
    lock = hold_alone(path)
    assert lock is not None
    assert hold_alone(path) is None
    lock.close()


@pytest.mark.parametrize("url", ["bot.db", "mysql://host/name", "sqlite://", "sqlite:///:memory:", "", "http://[bad"])
def test_a_wrong_address_is_one_plain_line(url):
    with pytest.raises(SettingsError, match="DATABASE_URL") as error:
        open_database(url)
    assert "\n" not in error.value.reason


def test_a_folder_that_cannot_be_made_is_one_plain_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="cannot be made"):
        open_database(f"sqlite:///{tmp_path / 'file' / 'bot.db'}")


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_postgres_is_opened_under_all_its_names(scheme):
    engine = open_database(f"{scheme}://bellhop:sesame@db.example/name")
    assert engine.url.drivername == "postgresql+psycopg"
    assert sqlite_file(f"{scheme}://db.example/name") is None


def test_a_password_is_never_shown():
    assert shown_url("postgresql://bellhop:sesame@db.example/name") == "postgresql://db.example/name"


def test_old_sqlite_knows_fractions_of_seconds(database):
    """As the durable engine asks for them on Python 3.12 and later."""
    stamp = one(database, "SELECT unixepoch('subsec') * 1000")
    assert stamp is not None
    assert stamp > 1_700_000_000_000
    assert isinstance(_unixepoch("subsec"), float)
    assert isinstance(_unixepoch(), int)


def test_the_file_behind_an_address(tmp_path):
    assert sqlite_file(f"sqlite:///{tmp_path / 'bot.db'}") == tmp_path / "bot.db"
    assert str(sqlite_file("sqlite:///state/bot.db")) == "state/bot.db"
    assert sqlite3.sqlite_version_info >= (3, 35)  # RETURNING, which the engine needs


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://bot:top@secret@db.example/name",
        "postgresql://bot:topsecret@db.example:port/name",
        "topsecret://bot@db/x",
        "topsecret",
        "sqlite://topsecret",
    ],
)
def test_no_error_about_the_address_quotes_what_may_be_a_secret(url):
    with pytest.raises(SettingsError) as error:
        open_database(url)
    assert "secret" not in error.value.reason
    assert error.value.reason.startswith("DATABASE_URL")


def test_a_password_in_the_query_or_a_url_taken_for_a_file_is_not_shown():
    assert shown_url("postgresql://db/name?user=u&password=topsecret") == "postgresql://db/name"
    assert shown_url("sqlite:///postgresql://u:topsecret@db/x") == "sqlite:///***"
