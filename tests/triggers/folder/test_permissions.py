"""The folder trigger where permissions are wrong, and then mended: said at once, nothing lost."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest
import watchdog.observers.inotify  # noqa: F401 (imported late by the watcher: an ordinary user may not read ours)

from bot.doors.folder.reasons import BACKLOG
from bot.doors.folder.rule import FolderRule
from bot.rules.rule import Rule
from tests.triggers.folder.rig import Engine, calm, running, until

pytestmark = pytest.mark.anyio

NOBODY = 65_534
IS_ROOT = os.geteuid() == 0


@pytest.fixture
def base():
    """A folder of an ordinary user's."""
    folder = Path(tempfile.mkdtemp())
    (folder / "inbox").mkdir()
    yield folder
    if IS_ROOT:
        os.setresuid(0, 0, 0)
    shutil.rmtree(folder)


def ordinary(base):
    """Make this process the ordinary user whose folder `base` is: permissions mean nothing to root."""
    if IS_ROOT:
        for path in (base, *base.rglob("*")):
            os.chown(path, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, 0)


def closed(base, path="inbox", mode=0o000):
    def prepare(_trigger):
        ordinary(base)
        (base / path).chmod(mode)

    return prepare


async def test_a_folder_that_may_not_be_read_says_so_until_it_may_and_is_then_watched(base):
    async with running(base, prepare=closed(base)) as (inbox, engine, trigger):
        await until(lambda: "may not read" in trigger.health().words)
        await calm(2.5)
        assert "may not read" in trigger.health().words
        assert not trigger.health().ok
        inbox.chmod(0o700)
        (inbox / "a.txt").write_text("a")
        await until(lambda: engine.names == ["a.txt"], most_s=5)
        assert trigger.health().ok
        (inbox / "b.txt").write_text("b")
        await until(lambda: engine.names == ["a.txt", "b.txt"], most_s=3)


async def test_a_folder_that_may_be_listed_but_not_entered_counts_as_closed(base):
    (base / "inbox" / "a.txt").write_text("a")
    async with running(base, prepare=closed(base, mode=0o400)) as (inbox, engine, trigger):
        await until(lambda: "may not read" in trigger.health().words)
        inbox.chmod(0o700)
        await until(lambda: engine.names == ["a.txt"], most_s=5)


async def test_a_folder_closed_while_it_is_watched_is_said_and_goes_on_when_opened(base):
    async with running(base, prepare=lambda _: ordinary(base)) as (inbox, engine, trigger):
        inbox.chmod(0o000)
        await until(lambda: "may not read" in trigger.health().words, most_s=5)
        inbox.chmod(0o700)
        (inbox / "a.txt").write_text("a")
        await until(lambda: engine.names == ["a.txt"], most_s=5)
        await until(lambda: trigger.health().ok, most_s=5)


async def test_a_file_that_may_not_be_read_is_named_and_answered_once_it_may(base):
    async with running(base, prepare=lambda _: ordinary(base)) as (inbox, engine, trigger):
        (base / "new.txt").write_text("x")
        (base / "new.txt").chmod(0o000)
        (base / "new.txt").rename(inbox / "new.txt")
        await until(lambda: "files that may not be read: 1" in trigger.health().words)
        assert trigger.health().ok
        (inbox / "new.txt").chmod(0o600)
        await until(lambda: engine.names == ["new.txt"])
        assert "may not" not in trigger.health().words


async def test_while_answers_cannot_be_written_what_is_ready_waits_and_is_then_answered(base):
    (base / "inbox" / "answers").mkdir()
    shut = closed(base, "inbox/answers", 0o500)
    async with running(base, prepare=shut, folder_max_mb=0.001) as (inbox, engine, trigger):
        (inbox / "a.txt").write_text("a")
        (inbox / "big.txt").write_text("b" * 2000)
        await until(lambda: "answers cannot be written. Give write permission on" in trigger.health().words)
        await calm(1.0)
        assert (engine.emitted, engine.told) == ([], [])
        (inbox / "answers").chmod(0o700)
        await until(lambda: engine.names == ["a.txt"], most_s=5)
        await until(lambda: [name for name, _ in engine.told] == ["big.txt"])
        assert trigger.health().ok


async def test_what_a_crash_left_behind_waits_as_well_and_is_answered_once(base):
    (base / "inbox" / "answers").mkdir()
    engine = Engine()
    async with running(base, engine, closed(base, "inbox/answers", 0o500)) as (inbox, _, trigger):
        (inbox / "a.txt").write_text("a")
        await until(lambda: trigger.health().last_event_at)
    async with running(base, engine, lambda _: None) as (inbox, _, _):
        await calm(1.0)
        assert engine.emitted == []
        (inbox / "answers").chmod(0o700)
        await until(lambda: engine.names == ["a.txt"], most_s=5)
    assert len(engine.emitted) == 1


async def test_a_backlog_is_recorded_whether_or_not_answers_can_be_written(base):
    (base / "inbox" / "answers").mkdir()
    for number in range(30):
        (base / "inbox" / f"{number}.txt").write_text("old")
    async with running(base, prepare=closed(base, "inbox/answers", 0o500)) as (_, engine, _):
        await until(lambda: len(engine.skipped) == 30)
        assert {reason for _, reason in engine.skipped} == {BACKLOG.words}


async def test_an_answers_folder_that_is_a_link_holds_its_files_back_until_it_is_removed(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "answers").symlink_to(tmp_path / "elsewhere")
    async with running(tmp_path) as (inbox, engine, trigger):
        (inbox / "a.txt").write_text("a")
        await until(lambda: "a link is never followed" in trigger.health().words)
        await calm(1.0)
        assert engine.emitted == []
        (inbox / "answers").unlink()
        await until(lambda: engine.names == ["a.txt"], most_s=5)


async def test_files_answered_elsewhere_do_not_wait_for_the_answers_folder(tmp_path):
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "answers").symlink_to(tmp_path)
    rule = Rule(name="papers", on="folder", options=FolderRule(path=str(tmp_path / "inbox")), reply=("slack:C1",))
    async with running(tmp_path, rules=(rule,)) as (inbox, engine, trigger):
        (inbox / "a.txt").write_text("a")
        await until(lambda: engine.names == ["a.txt"])
        assert trigger.health().ok
