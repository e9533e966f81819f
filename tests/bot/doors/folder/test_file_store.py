import os

from bot.doors.folder.file_store import FileStore, KnownFile
from bot.doors.folder.reasons import DENIED
from bot.doors.folder.signature import Signature
from bot.store.database import open_database


def test_what_is_known_survives_a_restart_and_odd_names(tmp_path):
    url = f"sqlite:///{tmp_path}/bot.db"
    name = os.fsdecode(b"caf\xe9\n\\.txt")
    file = KnownFile("w", "/in", name, Signature(2**64 - 1, 2**64 - 2, 3, 4), "x", 5, "claimed")
    before = FileStore(open_database(url))
    before.record([file])
    before.begin("/in", 1.0)
    store = FileStore(open_database(url))
    assert store.known("/in") == {name: file.signature}
    assert store.files(["w"]) == {"w": file}
    assert store.twins("/in", [file.signature]) == [file]
    assert not store.is_first_start("/in")
    assert store.is_first_start("/other")


def test_a_file_is_remembered_in_the_transaction_that_is_given_or_not_at_all(tmp_path):
    database = open_database(f"sqlite:///{tmp_path}/bot.db")
    store = FileStore(database)
    file = KnownFile("w", "/in", "a.txt", Signature(1, 2, 3, 4), "x", 5, "claimed")
    with database.connect() as connection:
        store.write(connection, [file])
        connection.rollback()
    assert store.files(["w"]) == {}
    with database.begin() as connection:
        store.write(connection, [file])
    assert store.files(["w"]) == {"w": file}


def test_a_file_whose_permission_was_refused_is_not_known_so_that_it_is_tried_again(tmp_path):
    file = KnownFile("w", "/in", "a.txt", Signature(1, 2, 3, 4), "", 5, DENIED.code)
    store = FileStore(open_database(f"sqlite:///{tmp_path}/bot.db"))
    store.record([file])
    assert store.known("/in") == {}
    assert store.files(["w"]) == {"w": file}
