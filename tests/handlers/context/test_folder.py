"""The tests of reading a skipped file when it is run again: as it is now, and never through a link."""

import os
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.doors.folder.filenames import to_text
from bot.errors import NotWanted, Refused
from bot.events import Attachment, Event, FilePath
from handlers.context.folder import dropped_reader, read_dropped

pytestmark = pytest.mark.anyio


async def read(root, name, most_bytes=50_000_000):
    document = await read_dropped(FilePath(str(root), to_text(name)), "shown.txt", most_bytes)
    return str(document.blocks)


async def test_a_skipped_file_is_read_as_it_is_now(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.txt").write_text("the newest words")
    assert "the newest words" in await read(tmp_path, "sub/a.txt")


async def test_only_what_has_no_private_copy_is_gathered(tmp_path):
    (tmp_path / "a.txt").write_text("words")
    address = FilePath(str(tmp_path), "a.txt")
    event = Event("file:a:1:b", "folder", "folder", "", "a.txt", datetime.now(UTC), "file:a", address)
    gather = dropped_reader(50_000_000)
    skipped = await gather(replace(event, attachments=(Attachment("a.txt", path="/elsewhere"),)))
    assert [document.name for document in skipped.documents] == ["a.txt"]
    copied = await gather(replace(event, attachments=(Attachment("a.txt", path="/copy", sha256="0"),)))
    assert copied.documents == ()


async def test_any_name_a_disk_allows_is_found(tmp_path):
    name = os.fsdecode(b"caf\xe9 \\x41.txt")
    (tmp_path / name).write_text("words")
    assert "words" in await read(tmp_path, name)


@pytest.mark.parametrize("name", ["link.txt", "folder/secret.txt"])
async def test_a_link_on_the_way_is_not_followed_and_stays_skipped(tmp_path, name):
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.txt").write_text("secret")
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "link.txt").symlink_to(tmp_path / "outside" / "secret.txt")
    (tmp_path / "root" / "folder").symlink_to(tmp_path / "outside")
    with pytest.raises(NotWanted, match="A link is never followed"):
        await read(tmp_path / "root", name)


async def test_what_is_too_big_stays_skipped(tmp_path):
    (tmp_path / "a.txt").write_text("x" * 2000)
    with pytest.raises(NotWanted, match=r"FOLDER_MAX_MB allows 0\.001 MB"):
        await read(tmp_path, "a.txt", most_bytes=1_000)


async def test_a_pipe_and_a_file_that_has_gone_are_refused_in_plain_words(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(Refused, match="not a file"):
        await read(tmp_path, "pipe")
    with pytest.raises(Refused, match="not there any more"):
        await read(tmp_path, "gone.txt")
