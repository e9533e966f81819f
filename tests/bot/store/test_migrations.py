"""The tests of the steps between versions: a database of 0.1.0 gets the very shape of a new one."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from bot.doors.mail.outbox import Outbox
from bot.store.creation import create_tables
from bot.store.database import open_database
from bot.store.migrations import FIRST, MIGRATIONS, VERSION
from bot.store.schema import METADATA
from handlers.replies.sheet_tab.journal import Journal
from tests.bot.engines import throwaway_database
from tests.bot.old_state import old_state
from tests.bot.store.opener import import_tables


@pytest.fixture(params=["sqlite", "postgres"])
def store(request):
    return request.param


def shape(database, table):
    """Columns, keys and indexes of a table, in no order."""
    found = sa.inspect(database)
    columns = {
        one["name"]: (str(one["type"]), one["nullable"], str(one["default"]).split("::")[0])
        for one in found.get_columns(table)
    }
    indexes = {
        (one["name"], tuple(one["column_names"]), tuple(map(str, one.get("dialect_options", {}).values())))
        for one in found.get_indexes(table)
    }
    return columns, indexes, found.get_pk_constraint(table)["constrained_columns"]


def test_a_database_of_0_1_0_gets_the_shape_of_a_new_one_in_every_table(store, tmp_path):
    import_tables()
    with old_state(store, tmp_path / "old") as old, throwaway_database(store, tmp_path) as url:
        before, new = open_database(old.url), open_database(url)
        assert "schema_version" not in sa.inspect(before).get_table_names()
        for database in (before, new):
            create_tables(database)
        for table in METADATA.tables:
            assert shape(before, table) == shape(new, table), table
        before.dispose()
        new.dispose()


def test_a_migrated_database_says_so_and_is_not_migrated_again(store, tmp_path):
    with old_state(store, tmp_path / "old") as old:
        for _ in range(2):
            database = open_database(old.url)
            create_tables(database)
            with database.connect() as connection:
                versions = connection.execute(sa.text("SELECT version FROM schema_version")).scalars().all()
            database.dispose()
            assert versions == [VERSION]


def test_what_began_before_its_event_was_kept_with_it_is_still_known(store, tmp_path):
    import_tables()
    with throwaway_database(store, tmp_path) as url:
        database = open_database(url)
        create_tables(database)
        with database.begin() as connection:
            for statement in (
                "ALTER TABLE mail_outbox DROP COLUMN event",
                "ALTER TABLE mail_outbox ADD COLUMN recipient TEXT DEFAULT '' NOT NULL",
                "INSERT INTO mail_outbox VALUES ('a@x', 1, 1, 2, 'ann@example.com')",
                "ALTER TABLE sheet_added DROP COLUMN event",
                "INSERT INTO sheet_added VALUES ('t', 1, true)",
                "UPDATE schema_version SET version = 5",
            ):
                connection.execute(sa.text(statement))
        database.dispose()
        database = open_database(url)
        assert Outbox(database).begin("a@x", "mail:1", 3.0).is_sent
        assert Journal(database).begin({"t": "e1"}, 1_000.0) == set()
        assert "recipient" not in shape(database, "mail_outbox")[0]
        database.dispose()


def test_a_migration_that_breaks_off_leaves_the_database_as_it_was(store, tmp_path):
    with old_state(store, tmp_path / "old") as old:
        database = open_database(old.url)
        with database.begin() as connection:  # the step's last statement will fail
            connection.execute(sa.text("CREATE INDEX receipts_by_wake ON receipts (state)"))
        with pytest.raises(Exception, match="receipts_by_wake"):
            create_tables(database)
        assert "wake_at" not in {one["name"] for one in sa.inspect(database).get_columns("receipts")}
        assert "schema_version" not in sa.inspect(database).get_table_names()
        database.dispose()


def test_every_step_is_written_for_both_databases():
    assert FIRST + len(MIGRATIONS) == VERSION
    assert all(set(step.statements) == {"sqlite", "postgresql"} for step in MIGRATIONS)
    assert all(step.table in METADATA.tables for step in MIGRATIONS)
