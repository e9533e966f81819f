import os

from bot.doors.folder.file_store import Claim, FileStore, KnownFile
from bot.doors.folder.signature import Signature
from bot.store.database import open_database


def test_what_is_known_survives_a_restart_and_odd_names(tmp_path):
    url = f"sqlite:///{tmp_path}/bot.db"
    name = os.fsdecode(b"caf\xe9\n\\.txt")
    file = KnownFile("w", "/in", name, Signature(2**64 - 1, 2**64 - 2, 3, 4), "x", 5, "claimed")
    FileStore(open_database(url)).record([file], [Claim("id", {"a": 1}, "", "/copy", 1.0)], ("/in", 1.0))
    store = FileStore(open_database(url))
    assert store.known("/in") == {name: file.signature}
    assert store.files(["w"]) == {"w": file}
    assert store.twins("/in", [file.signature]) == [file]
    assert not store.is_first_start("/in")
    assert store.is_first_start("/other")
    assert [claim.event_id for claim in store.waiting_claims()] == ["id"]
    store.mark_handed_over(["id"])
    assert store.waiting_claims() == []
