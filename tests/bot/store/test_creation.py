"""The tests of how tables come about: once, whoever comes first, and never those of a newer Bellhop."""

import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.engine import Engine
from bot.errors import SettingsError
from bot.store import creation
from bot.store.creation import create_tables, creation_lock
from bot.store.database import open_database
from bot.store.migrations import VERSION
from bot.store.schema import METADATA
from tests.bot.engines import throwaway_database

HOME = Path(__file__).resolve().parents[3]
OPENER = [sys.executable, "-m", "tests.bot.store.opener"]


@pytest.fixture(params=["sqlite", "postgres"])
def url(request, tmp_path):
    with throwaway_database(request.param, tmp_path) as address:
        yield address


@pytest.fixture
def database(url):
    engine = open_database(url)
    yield engine
    engine.dispose()


def versions(database):
    with database.connect() as connection:
        return [row[0] for row in connection.execute(sa.text("SELECT version FROM schema_version ORDER BY version"))]


def say(database, statement):
    with database.begin() as connection:
        connection.execute(sa.text(statement))


def test_an_empty_database_gets_every_table_and_todays_version(database):
    create_tables(database)
    assert set(METADATA.tables) <= set(sa.inspect(database).get_table_names())
    assert versions(database) == [VERSION]


def test_creating_again_changes_nothing(database, url):
    create_tables(database)
    again = open_database(url)
    create_tables(again)
    again.dispose()
    assert versions(database) == [VERSION]


def test_a_table_that_came_later_is_made_in_a_database_that_stands(database):
    create_tables(database)
    later = sa.Table("test_later", METADATA, sa.Column("id", sa.Text, primary_key=True))
    try:
        create_tables(database)
        assert "test_later" in sa.inspect(database).get_table_names()
    finally:
        METADATA.remove(later)


def test_a_database_without_a_version_is_that_of_0_1_0(database, url):
    create_tables(database)
    say(database, "DROP TABLE schema_version")
    with database.connect() as connection:
        assert creation._version(connection, {"receipts"}) == 1
        assert creation._version(connection, set()) == 0


def test_a_database_of_a_newer_bellhop_is_refused_in_one_plain_line(database, url):
    create_tables(database)
    say(database, f"INSERT INTO schema_version VALUES ({VERSION + 1}, 0)")
    with pytest.raises(SettingsError) as refused:
        Engine(url, listen=False)
    assert f"made by a newer Bellhop (its version is {VERSION + 1}, this program knows {VERSION})" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_whoever_comes_second_waits_until_the_first_has_made_everything(tmp_path):
    with throwaway_database("postgres", tmp_path) as url:
        first, second = open_database(url), open_database(url)
        over = threading.Event()

        def create() -> None:
            create_tables(second)
            over.set()

        with creation_lock(first):
            thread = threading.Thread(target=create)
            thread.start()
            assert not over.wait(0.3)
        assert over.wait(10)
        thread.join()
        first.dispose()
        second.dispose()


def test_a_lock_that_is_never_given_back_is_said_in_plain_words(tmp_path):
    with throwaway_database("postgres", tmp_path) as url:
        first, second = open_database(url), open_database(url)
        refused = pytest.raises(SettingsError, match="Another process has been preparing")
        with creation_lock(first), refused, creation_lock(second, limit_s=0.2):
            pass
        first.dispose()
        second.dispose()


def test_six_processes_that_start_at_once_on_an_empty_database_all_come_up(url):
    """Real processes: every table of every door, and the queue's own."""
    processes = [
        subprocess.Popen([*OPENER, url], cwd=HOME, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(6)
    ]
    said = [process.communicate(timeout=90) for process in processes]
    assert ["open" in out.splitlines() for out, _ in said] == [True] * 6, said
    database = open_database(url)
    assert versions(database) == [VERSION]
    database.dispose()


def test_every_table_of_ours_is_on_the_one_metadata():
    own = re.compile(r"\bMetaData\(\)")
    modules = [path for folder in ("bot", "triggers", "handlers") for path in (HOME / folder).rglob("*.py")]
    assert [path.name for path in modules if own.search(path.read_text())] == ["schema.py"]
