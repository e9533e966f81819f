import os
from dataclasses import replace
from pathlib import Path

import pytest

from bot.doors.folder.file_store import KnownFile
from bot.doors.folder.paths import open_beneath
from bot.doors.folder.signature import Signature
from tests.triggers.folder.rig import sha
from triggers.folder.candidates import Candidate, Read
from triggers.folder.copies import Copies, Reading, is_open_for_writing
from triggers.folder.look import look
from triggers.folder.versions import ReadyFile, event_from_file


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


def test_sweeping_leaves_the_copies_of_known_events_and_what_is_young(tmp_path):
    copies = Copies(tmp_path / "copies")
    file = KnownFile("a" * 16, "/in", "a", Signature(1, 2, 3, 4), "c" * 64, 4, "claimed")
    event = event_from_file(ReadyFile(file.root, file.name, file.signature, 4, file.sha256, "/copy"), "r")
    wanted = Path(copies.name_of(replace(file, watch=event.id.split(":")[1])))
    copies.folder.mkdir()
    for path in (wanted, copies.folder / "1-2-3", copies.folder / ".half.part", copies.folder / "young"):
        path.write_text("x")
        if path.name != "young":
            os.utime(path, (0, 0))
    now = (copies.folder / "young").stat().st_mtime
    assert copies.sweep(lambda ids: {event.id} & set(ids), now) == 2
    assert sorted(path.name for path in copies.folder.iterdir()) == sorted([wanted.name, "young"])
