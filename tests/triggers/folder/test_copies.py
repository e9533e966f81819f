import os

import pytest

from bot.doors.folder.file_store import Claim, FileStore
from bot.doors.folder.paths import open_beneath
from bot.doors.folder.signature import Signature
from bot.store.database import open_database
from tests.triggers.folder.rig import sha
from triggers.folder.candidates import Candidate, Read
from triggers.folder.copies import GRACE_S, Copies, Reading, is_open_for_writing
from triggers.folder.scan import look


def order(path, phase="closed", *, checked=True):
    signature = look(str(path)).signature
    assert signature
    return Read(Candidate(phase, 0, 0, 0), signature, checked=checked)


def read(tmp_path, name, item, **more):
    return Copies(tmp_path / "copies").read(str(tmp_path), name, item, is_local=more.get("is_local", True))


def test_a_copy_is_whole_and_hashed(tmp_path):
    content = os.urandom(3 * 1024 * 1024)
    (tmp_path / "a").write_bytes(content)
    reading = read(tmp_path, "a", order(tmp_path / "a"))
    assert (reading.outcome, reading.sha256) == ("whole", sha(content))
    with open(reading.copy, "rb") as copy:  # noqa: PTH123 (a plain read)
        assert copy.read() == content


def test_a_file_that_changed_since_it_was_looked_at_is_torn_and_leaves_no_copy(tmp_path):
    (tmp_path / "a").write_text("one")
    item = order(tmp_path / "a")
    (tmp_path / "a").write_text("two and more")
    assert read(tmp_path, "a", item) == Reading("torn")
    assert not (tmp_path / "copies").exists()


def test_a_file_that_changes_while_it_is_read_is_torn(tmp_path):
    class Meddled(Copies):
        def _write(self, descriptor, working):
            first = super()._write(descriptor, working)
            (tmp_path / "a").write_text("other")
            return first

    (tmp_path / "a").write_text("first")
    assert Meddled(tmp_path / "copies").read(str(tmp_path), "a", order(tmp_path / "a"), is_local=True).outcome == "torn"
    assert list((tmp_path / "copies").iterdir()) == []


def test_no_link_is_followed_on_the_way_to_a_file(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a").write_text("x")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (tmp_path / "l").symlink_to(tmp_path / "real" / "a")
    item = order(tmp_path / "real" / "a")
    assert [read(tmp_path, name, item).outcome for name in ("link/a", "l", "none", "real")] == [
        "gone",
        "gone",
        "gone",
        "gone",
    ]
    os.close(open_beneath(str(tmp_path), "real/a"))


def test_a_pipe_does_not_block(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert (
        read(tmp_path, "pipe", Read(Candidate("created", 0, 0, 0), Signature(1, 2, 3, 4), checked=True)).outcome
        == "gone"
    )


def test_a_file_open_for_writing_is_told_from_one_that_is_not(tmp_path):
    (tmp_path / "a").write_text("x")
    descriptor = os.open(tmp_path / "a", os.O_RDONLY)
    assert not is_open_for_writing(descriptor)
    with (tmp_path / "a").open("ab"):
        assert is_open_for_writing(descriptor)
        assert read(tmp_path, "a", order(tmp_path / "a", "seen")).outcome == "unfinished"
        assert read(tmp_path, "a", order(tmp_path / "a", "closed")).outcome == "whole"
        assert read(tmp_path, "a", order(tmp_path / "a", "seen", checked=False)).outcome == "whole"
    os.close(descriptor)


def test_a_full_disk_is_no_fault_of_the_file(tmp_path):
    (tmp_path / "a").write_text("x")
    (tmp_path / "copies").write_text("a file where the folder should be")
    assert read(tmp_path, "a", order(tmp_path / "a")).outcome == "stuck"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody with fewer rights")
def test_a_file_without_read_permission_is_denied(tmp_path):
    (tmp_path / "a").write_text("x")
    (tmp_path / "a").chmod(0)
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    item = order(tmp_path / "a")
    os.seteuid(65534)
    try:
        assert read(tmp_path, "a", item) == Reading("denied")
    finally:
        os.seteuid(0)


def test_sweeping_leaves_what_is_wanted_and_what_is_young(tmp_path):
    store = FileStore(open_database(f"sqlite:///{tmp_path}/bot.db"))
    folder = tmp_path / "copies"
    folder.mkdir()
    for name in ("wanted", "orphan", "expired", "young"):
        (folder / name).write_text("x")
        if name != "young":
            os.utime(folder / name, (0, 0))
    now = (folder / "young").stat().st_mtime
    claims = [
        Claim(name, {}, "", str(folder / name), now - age_s)
        for name, age_s in (("wanted", 60), ("expired", GRACE_S + 200))
    ]
    store.record([], claims)
    store.mark_handed_over(["wanted", "expired"])
    assert Copies(folder).sweep(store, 100.0, now) == 2
    assert sorted(path.name for path in folder.iterdir()) == ["wanted", "young"]
