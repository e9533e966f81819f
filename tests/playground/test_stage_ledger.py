"""The demo reads the bot's receipts as soon as there are any, and makes nothing of its own in that database."""

import sqlite3

from bot.receipts import Receipts
from bot.store.database import open_database
from playground.stage.ledger import Ledger


def test_a_database_that_is_not_there_yet_has_no_receipts_and_is_not_made(tmp_path):
    assert Ledger(tmp_path / "bot.db").read() == {}
    assert list(tmp_path.iterdir()) == []


def test_tables_without_receipts_or_none_at_all_are_no_receipts(tmp_path):
    sqlite3.connect(tmp_path / "bare.db").close()
    assert Ledger(tmp_path / "bare.db").read() == {}
    engine = open_database(f"sqlite:///{tmp_path / 'bot.db'}")
    Receipts(engine)
    assert Ledger(tmp_path / "bot.db").read() == {}
    engine.dispose()
