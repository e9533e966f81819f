"""Whether the state can be written is tried and told, and nothing is left behind by the trying."""

import contextlib
import subprocess
import sys

import pytest
import sqlalchemy as sa

from bot.errors import SettingsError
from bot.settings import load_settings
from bot.store.creation import create_tables
from bot.store.database import open_database
from bot.store.migrations import VERSION
from bot.store.probe import PROBE_BYTES, database_fault, folder_fault, refuse_unusable
from bot.store.schema import schema_version
from tests.bot.engines import on_server, throwaway_database, throwaway_postgres
from tests.bot.running import bot, free_port
from tests.needs import require


@contextlib.contextmanager
def small_disk(folder, options):
    """A disk of its own at this folder, such as a full or a read-only one."""
    folder.mkdir()
    able = sys.platform == "linux" and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], capture_output=True, check=False
    ).returncode == 0  # fmt: skip
    require(able, "no disk can be mounted here (root on Linux may)")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)


FULL, CLOSED = f"size={PROBE_BYTES // 2}", "size=4m,ro"


def test_a_folder_that_can_be_written_or_made_is_fine_and_stays_as_it_is(tmp_path):
    assert folder_fault(tmp_path) == folder_fault(tmp_path / "a/b") == ""
    assert database_fault(f"sqlite:///{tmp_path}/a/bot.db") == ""
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_place_of_a_folder_is_said(tmp_path):
    (tmp_path / "state").write_text("")
    assert "is a file" in folder_fault(tmp_path / "state")
    assert "is a file" in folder_fault(tmp_path / "state/below")


@pytest.mark.parametrize(("options", "words"), [(FULL, "No space left"), (CLOSED, "Read-only file system")])
def test_a_full_and_a_read_only_disk_are_said(tmp_path, options, words):
    with small_disk(tmp_path / "disk", options) as disk:
        assert words in folder_fault(disk / "state")
        assert words in database_fault(f"sqlite:///{disk}/state/bot.db")
        with pytest.raises(SettingsError, match=f"^STATE_DIR cannot be used: .*{words}"):
            refuse_unusable(load_settings(_env_file=None, state_dir=disk / "state"))


def test_a_file_that_is_no_database_is_said(tmp_path):
    (tmp_path / "bot.db").write_text("no database at all " * 100)
    assert "not a database" in database_fault(f"sqlite:///{tmp_path}/bot.db")


@pytest.mark.parametrize("store", ["sqlite", "postgres"])
def test_a_database_of_a_newer_bellhop_is_said_before_the_start(store, tmp_path):
    with throwaway_database(store, tmp_path) as url:
        database = open_database(url)
        create_tables(database)
        assert database_fault(url) == ""
        with database.begin() as connection:
            connection.execute(sa.insert(schema_version).values(version=VERSION + 5, reached_at=0))
        database.dispose()
        said = database_fault(url)
        assert said.startswith(f"it was made by a newer Bellhop (its version is {VERSION + 5}")
        assert said.endswith("; update Bellhop, or give it another database")


def test_a_database_that_may_only_be_read_is_said():
    with throwaway_postgres() as url:
        assert database_fault(url) == ""
        on_server("ALTER DATABASE {} SET default_transaction_read_only = on", url.rpartition("/")[2])
        assert "read-only" in database_fault(url)


def test_run_and_check_say_a_full_disk_in_one_line(tmp_path):
    with small_disk(tmp_path / "disk", FULL) as disk:
        (tmp_path / "inbox").mkdir()
        state = {"STATE_DIR": str(disk / "state"), "DATABASE_URL": f"sqlite:///{disk}/state/bot.db"}
        variables = {"ANTHROPIC_API_KEY": "k", "WATCH_FOLDER": "inbox", "PORT": free_port(), **state}
        done = bot(tmp_path, "run", **variables)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1)
        assert done.stderr.startswith("STATE_DIR cannot be used: nothing can be written into")
        variables |= {"ANTHROPIC_API_KEY": "", "WATCH_FOLDER": "inbox"}
        checked = bot(tmp_path, "check", **variables)
        assert checked.returncode == 1
        assert checked.stdout.count("No space left on device") == 2
