import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.doors.folder.file_store import KnownFile
from bot.doors.folder.reasons import EMPTY
from bot.doors.folder.signature import Signature
from bot.events import Event as TheEvent
from bot.events import FilePath
from bot.serial import from_json, to_json
from triggers.folder.copies import Reading
from triggers.folder.versions import FileResult, ReadyFile, event_from_file, next_order_ns, verdict

MARK = Signature(1, 2, 3, 4)
OTHER = Signature(1, 2, 3, 5)


def known(sha256="x", signature=MARK, outcome="claimed"):
    return KnownFile("w", "/in", "a", signature, sha256, 4, outcome)


def read_as(content, signature=MARK):
    return FileResult("a", signature, Reading("whole", signature, content, "/copy"))


@pytest.mark.parametrize(
    ("outcome", "before", "twin", "expected"),
    [
        (read_as("x"), None, None, "new"),
        (read_as("x", OTHER), known("x"), None, "same"),
        (read_as("y", OTHER), known("x"), None, "new"),
        (read_as("x"), None, known("x"), "moved"),
        (read_as("y"), None, known("x"), "new"),
        (read_as("x"), known("y"), known("x"), "moved"),
        (read_as("x"), known("", outcome="backlog"), None, "same"),
        (read_as("x", OTHER), known("", outcome="backlog"), None, "new"),
        (FileResult("a", MARK, reason=EMPTY), None, None, "new"),
        (FileResult("a", MARK, reason=EMPTY), known(""), None, "same"),
        (FileResult("a", OTHER, reason=EMPTY), known(""), None, "new"),
    ],
)
def test_what_a_reading_means(outcome, before, twin, expected):
    assert verdict(outcome, before, twin) == expected


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


@pytest.mark.parametrize(
    "name",
    [
        "a\nb.txt",
        "caf\udce9.txt",
        "a\\b.txt",
        "cafe\u0301.txt",
        "x" * 250,
        "\u202eabc",
        os.fsdecode(b"half \xed\xa0\xbd.txt"),
        "half \ud83d.txt",
    ],
)
def test_an_event_of_any_name_survives_being_stored(name):
    event = event_from_file(ready(name), "r")
    assert from_json(TheEvent, json.loads(json.dumps(to_json(event)))) == event
    json.dumps(to_json(event), ensure_ascii=False).encode("utf-8")
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
