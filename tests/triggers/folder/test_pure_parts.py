"""This file is the tests of the small pure parts: names, mounts, the queue, completeness, events, backlog."""

import io
import json
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.doors.folder.ignored import is_ignored
from bot.events import Event as TheEvent
from bot.events import FilePath, from_json, to_json
from triggers.folder.backlog import backlog, estimated_tokens
from triggers.folder.candidate_queue import Waiting
from triggers.folder.candidates import Limits, Signature, seen
from triggers.folder.completeness import is_unfinished
from triggers.folder.events import ReadyFile, event_from_file, next_order_ns
from triggers.folder.mounts import network_mount

LIMITS = Limits()


@pytest.mark.parametrize(
    "name",
    [
        ".hidden", "~$report.docx", "a.txt~", "a.TMP", "a.part", "a.crdownload", "x.filepart", ".a.swp", "a.lock",
        ".~lock.a.odt#", "Thumbs.db", "desktop.ini", "Icon\r", "a.sync-conflict-20260101-1.txt", "._a.txt", "a.bak",
        ".git/config", "sub/@eaDir/a.txt", "__MACOSX/a.txt", ".stversions/a.txt", "answers/a.pdf.answer.md",
        "answers/sub/x.pdf", "Answers/x.txt", "a.pdf.answer.md", "a.pdf.error.md", "a.pdf.answer.2026-11-23-1403.md",
    ],
)  # fmt: skip
def test_junk_and_our_own_answers_are_ignored(name):
    assert is_ignored(name)


@pytest.mark.parametrize("name", ["a.pdf", "sub/answers/a.txt", "answer.md", "party.txt", "a.locks", "tmp/a", "x.xyz"])
def test_everything_else_is_a_question(name):
    assert not is_ignored(name)


MOUNTS = r"""/dev/vda / ext4 rw 0 0
host:/x /mnt/share nfs4 rw 0 0
me /mnt/a\040b fuse.sshfs rw 0 0
/dev/b /d fuseblk rw 0 0
"""


@pytest.mark.parametrize(
    ("root", "kind"),
    [("/home/me", ""), ("/mnt/share/in", "nfs4"), ("/mnt/shared", ""),
     ("/mnt/a b/c", "fuse.sshfs"), ("/mnt", "nfs4"), ("/d/x", "")],
)  # fmt: skip
def test_a_network_mount_that_holds_the_root_or_lies_below_it_is_found(root, kind):
    assert network_mount(root, MOUNTS) == kind


def test_the_queue_gives_names_when_due_and_follows_later_and_earlier_times():
    waiting = Waiting()
    mark = Signature(1, 2, 3, 4)
    waiting.put("late", seen(mark, 10.0, LIMITS))
    waiting.put("soon", seen(mark, 0.0, LIMITS))
    waiting.put("gone", seen(mark, 0.0, LIMITS))
    waiting.put("gone", None)
    waiting.postpone("soon", 5.0)
    assert waiting.due(4.0, 10) == []
    assert waiting.due(5.0, 10) == ["soon"]
    waiting.postpone("late", 6.0)
    assert waiting.next_due_at_s() == 6.0
    assert waiting.due(6.0, 10) == ["late"]
    assert waiting.due(99.0, 10) == []


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 100)), max_size=40), st.floats(0, 100))
def test_the_queue_never_loses_a_candidate_however_often_its_time_changes(changes, now_s):
    waiting = Waiting()
    due = {}
    for name, at_s in changes:
        waiting.put(name, seen(Signature(1, 2, 3, 4), 0.0, LIMITS))
        waiting.postpone(name, at_s)
        due[name] = at_s
    assert sorted(waiting.due(now_s, 10)) == sorted(name for name, at_s in due.items() if at_s <= now_s)


def _zip():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("word/document.xml", "x" * 5000)
    return stream.getvalue()


WHOLE = {
    "a.pdf": b"%PDF-1.7\n" + b"x" * 3000 + b"\n%%EOF\n",
    "a.docx": _zip(),
    "a.png": b"\x89PNG\r\n\x1a\n" + b"x" * 3000 + b"IEND\xaeB`\x82",
    "a.jpg": b"\xff\xd8\xff\xe0" + b"x" * 3000 + b"\xff\xd9",
    "a.json": json.dumps({"a": list(range(500))}).encode(),
}


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("part", [0.3, 0.9, 0.999])
def test_a_file_cut_anywhere_is_unfinished_and_whole_it_is_not(tmp_path, name, part):
    path = tmp_path / name
    for content, unfinished in ((WHOLE[name], False), (WHOLE[name][: int(len(WHOLE[name]) * part)], True)):
        path.write_bytes(content)
        with path.open("rb") as file:
            assert is_unfinished(file.fileno(), len(content), name) is unfinished


def test_a_reserved_but_unwritten_file_is_unfinished_and_plain_text_never_is(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"\0" * 5000)
    with path.open("rb") as file:
        assert is_unfinished(file.fileno(), 5000, "a.pdf")
        assert not is_unfinished(file.fileno(), 5000, "a.bin")


def ready(name="sub/r.pdf", mtime_ns=123, content="c" * 64, order_ns=None, root="/in"):
    return ReadyFile(root, name, Signature(1, 2, 5, mtime_ns), order_ns or mtime_ns, content, "/state/copy")


def test_an_event_carries_the_file_its_place_and_a_sortable_id():
    event = event_from_file(ready(), "papers")
    source, watch, order, content = event.id.split(":")
    assert (source, len(watch), order, content) == ("file", 16, f"{123:020d}", "c" * 16)
    assert (event.source, event.rule, event.text, event.subject) == ("folder", "papers", "", "sub/r.pdf")
    assert event.fields == {"filename": "r.pdf", "folder": "sub"}
    assert event.reply_to == FilePath("/in", "sub/r.pdf")
    attachment = event.attachments[0]
    assert (attachment.name, attachment.path, attachment.size_bytes) == ("r.pdf", "/state/copy", 5)


def test_equal_files_under_different_names_or_roots_are_different_events():
    ids = {event_from_file(ready(name, root=root), "r").id for name in ("a", "b") for root in ("/in", "/other")}
    assert len(ids) == 4


@pytest.mark.parametrize("name", ["a\nb.txt", "caf\udce9.txt", "a\\b.txt", "cafe\u0301.txt", "x" * 250, "\u202eabc"])
def test_an_event_of_any_name_survives_being_stored(name):
    event = event_from_file(ready(name), "r")
    assert from_json(TheEvent, json.loads(json.dumps(to_json(event)))) == event
    json.dumps(to_json(event)).encode("utf-8")
    assert event.subject.isprintable()


def test_names_that_look_alike_are_told_apart():
    assert event_from_file(ready("caf\u00e9"), "r").id != event_from_file(ready("cafe\u0301"), "r").id


@given(st.lists(st.integers(-(10**9), 2**62), min_size=1, max_size=10))
def test_versions_sort_in_the_order_they_came_whatever_their_clocks_say(times):
    order_ns, ids = None, []
    for mtime_ns in times:
        order_ns = next_order_ns(Signature(1, 2, 3, mtime_ns), order_ns)
        ids.append(event_from_file(ready(mtime_ns=mtime_ns, order_ns=order_ns), "r").id)
    assert ids == sorted(ids)
    assert len(set(ids)) == len(ids)


def test_a_backlog_counts_what_would_be_sent():
    files = {"a.pdf": Signature(1, 1, 100_000, 0), "b.txt": Signature(1, 2, 4_000, 0), "empty": Signature(1, 3, 0, 0)}
    files["big"] = Signature(1, 4, 60 * 1024**2, 0)
    found = backlog("/in", files, LIMITS)
    assert (found.count, found.total_bytes, found.needs_a_word) == (2, 104_000, False)
    assert found.estimated_tokens == 5_000 + 1_001
    assert estimated_tokens("a.PNG", 10**6) == 1_600
