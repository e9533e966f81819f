"""The folder trigger under every kind of writer, with the real watcher on a real folder."""

import logging
import os
import shutil
import threading
import time
from dataclasses import replace

import pytest
from watchdog.events import FileModifiedEvent

from bot.doors.folder.file_store import FileStore
from bot.doors.folder.reasons import BACKLOG, DENIED, EMPTY, LINK
from bot.doors.folder.signature import Signature
from bot.retry import RetryPolicy
from bot.serial import to_json
from bot.store.database import open_database
from bot.store.schema import METADATA
from tests.triggers.folder.rig import Engine, calm, rules_for, running, settings_for, until
from triggers.folder import check
from triggers.folder.copies import Copies, Reading
from triggers.folder.versions import ReadyFile, event_from_file

pytestmark = pytest.mark.anyio


def in_thread(work):
    thread = threading.Thread(target=work)
    thread.start()
    return thread


async def test_a_dropped_file_becomes_one_event_with_a_private_copy(tmp_path):
    async with running(tmp_path) as (inbox, engine, trigger):
        (inbox / "a.txt").write_bytes(b"hello")
        await until(lambda: engine.answers == [("a.txt", b"hello")])
        (inbox / "a.txt").unlink()
        await calm()
        assert engine.answers == [("a.txt", b"hello")]
        (event,) = engine.events.values()
        assert event.attachments[0].path.startswith(str(tmp_path / "state" / "files"))
        assert trigger.health().ok
        assert trigger.health().last_event_at


async def test_a_file_written_bit_by_bit_is_read_once_and_whole(tmp_path):
    async with running(tmp_path) as (inbox, engine, _):

        def write():
            with (inbox / "slow.txt").open("wb", buffering=0) as file:
                for _ in range(8):
                    file.write(b"x" * 100)
                    time.sleep(0.15)
            for _ in range(5):
                with (inbox / "again.txt").open("ab") as file:
                    file.write(b"y" * 100)
                time.sleep(0.15)

        writer = in_thread(write)
        await until(lambda: len(engine.events) == 2)
        writer.join()
        await calm()
        assert engine.answers == [("slow.txt", b"x" * 800), ("again.txt", b"y" * 500)]


async def test_a_download_counts_under_its_final_name_only(tmp_path):
    async with running(tmp_path) as (inbox, engine, _):
        (inbox / "x.pdf.crdownload").write_bytes(b"data")
        (inbox / ".y.pdf.AbCdEf").write_bytes(b"data")
        await calm()
        assert engine.emitted == []
        (inbox / "x.pdf.crdownload").rename(inbox / "x.pdf")
        (inbox / ".y.pdf.AbCdEf").rename(inbox / "y.pdf")
        await until(lambda: engine.names == ["x.pdf", "y.pdf"])


async def test_files_and_folders_moved_in_or_made_in_one_go_are_found(tmp_path):
    outside = tmp_path / "outside"
    (outside / "batch" / "deep").mkdir(parents=True)
    (outside / "one.txt").write_text("1")
    (outside / "batch" / "deep" / "two.txt").write_text("2")
    async with running(tmp_path) as (inbox, engine, _):
        (outside / "one.txt").rename(inbox / "one.txt")
        (outside / "batch").rename(inbox / "batch")
        (inbox / "new" / "er").mkdir(parents=True)
        (inbox / "new" / "er" / "three.txt").write_text("3")
        os.link(inbox / "one.txt", inbox / "link.txt")
        await until(lambda: len(engine.events) == 4)
        assert engine.names == ["batch/deep/two.txt", "link.txt", "new/er/three.txt", "one.txt"]


async def test_a_touch_a_rename_and_the_same_content_again_are_nothing_new(tmp_path):
    async with running(tmp_path) as (inbox, engine, _):
        (inbox / "a.txt").write_text("same")
        await until(lambda: len(engine.events) == 1)
        (inbox / "a.txt").touch()
        await calm()
        (inbox / "a.txt").rename(inbox / "b.txt")
        await calm()
        (inbox / "b.txt").write_text("same")
        await calm()
        assert engine.names == ["a.txt"]


async def test_new_content_under_the_same_name_is_a_new_event_in_order(tmp_path):
    async with running(tmp_path) as (inbox, engine, _):
        (inbox / "a.txt").write_text("one")
        await until(lambda: len(engine.events) == 1)
        (inbox / "a.txt").write_text("two")
        await until(lambda: len(engine.events) == 2)
        (tmp_path / "new").write_text("three")
        os.utime(tmp_path / "new", (1000, 1000))
        (tmp_path / "new").rename(inbox / "a.txt")
        await until(lambda: len(engine.events) == 3)
        assert [content for _, content in engine.answers] == [b"one", b"two", b"three"]
        assert list(engine.events) == sorted(engine.events)
        assert len({event.conversation for event in engine.events.values()}) == 1


async def test_a_time_no_clock_should_show_holds_up_neither_its_file_nor_the_others(tmp_path):
    async with running(tmp_path) as (inbox, engine, _):
        for name, time_s in (("2300.txt", 10_413_792_000), ("1960.txt", -315_619_200), ("now.txt", None)):
            (tmp_path / "new").write_text(name)
            if time_s is not None:
                os.utime(tmp_path / "new", (time_s, time_s))
            (tmp_path / "new").rename(inbox / name)
        await until(lambda: engine.names == ["1960.txt", "2300.txt", "now.txt"])
        (inbox / "2300.txt").write_text("another version")
        await until(lambda: len(engine.events) == 4)
        first, second = [event.id for event in engine.events.values() if event.subject == "2300.txt"]
        assert first < second


async def test_links_are_recorded_once_and_pipes_and_vanished_files_not_at_all(tmp_path):
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "x.txt").write_text("x")
    async with running(tmp_path, folder_rescan_seconds=0.2) as (inbox, engine, _):
        (inbox / "link.txt").symlink_to(tmp_path / "secret.txt")
        (inbox / "folder").symlink_to(tmp_path / "elsewhere")
        os.mkfifo(inbox / "pipe")
        (inbox / "gone.txt").write_text("x")
        (inbox / "gone.txt").unlink()
        await calm(1.2)
        assert sorted(engine.skipped) == [("folder", LINK.words), ("link.txt", LINK.words)]
        assert engine.emitted == []


async def test_our_own_answers_and_state_never_trigger(tmp_path):
    def inside(trigger):
        del trigger
        (tmp_path / "inbox" / "answers").mkdir(parents=True)

    async with running(tmp_path, prepare=inside, state_dir=tmp_path / "inbox" / "state") as (_, engine, _):
        inbox = tmp_path / "inbox"
        (inbox / "answers" / "a.pdf.answer.md").write_text("x")
        (inbox / "answers" / "note.txt").write_text("x")
        (inbox / "a.txt").write_text("a")
        await until(lambda: engine.names == ["a.txt"])
        await calm()
        assert engine.names == ["a.txt"]


@pytest.mark.parametrize("polling", [False, True])
async def test_what_is_thrown_away_before_it_was_read_is_not_asked(tmp_path, polling):
    more = {"folder_polling": polling, "folder_rescan_seconds": 0.2, "folder_quiet_seconds": 1.0}
    async with running(tmp_path, **more) as (inbox, engine, _):
        for folder in ("#recycle", "$RECYCLE.BIN", "batch"):
            (inbox / folder).mkdir()
        for name in ("one.txt", "two.txt", "batch/three.txt", "kept.txt"):
            (inbox / name).write_text(name)
        await calm(0.4)
        (inbox / "one.txt").rename(inbox / "#recycle" / "one.txt")
        (inbox / "two.txt").rename(inbox / "$RECYCLE.BIN" / "$RABCDEF.txt")
        (inbox / "batch").rename(inbox / "#recycle" / "batch")
        await until(lambda: engine.names == ["kept.txt"])
        await calm(1.5)
        assert engine.names == ["kept.txt"]
        (inbox / "#recycle" / "one.txt").rename(inbox / "one.txt")
        await until(lambda: engine.names == ["kept.txt", "one.txt"])


async def test_what_other_programs_leave_and_the_owner_excludes_is_not_asked_but_told_by_the_check(tmp_path):
    settings = {"folder_ignore": "*.log, drafts/"}
    async with running(tmp_path, **settings) as (inbox, engine, _):
        for name in ("a.pdf:Zone.Identifier", "b.LOG", "plan.gsheet", "drafts/c.txt", "#recycle/d.txt", "a.txt"):
            (inbox / name).parent.mkdir(exist_ok=True)
            (inbox / name).write_text("x")
        await until(lambda: engine.names == ["a.txt"])
        await calm()
        assert engine.names == ["a.txt"]
    findings = await check(settings_for(tmp_path, **settings), rules_for(tmp_path))
    (words,) = [finding.words for finding in findings if finding.subject == "ignored"]
    assert words.startswith("5 files and folders are left alone (FOLDER_IGNORE: 2; ")
    assert all(part in words for part in ("Windows: 1", "a shortcut: 1", "a recycle bin: 1"))


async def test_any_file_name_a_disk_allows_works(tmp_path):
    names = ["a\nb.txt", "back\\slash.txt", "caf\u00e9.txt", "cafe\u0301.txt", "x" * 250, os.fsdecode(b"caf\xe9.txt")]
    async with running(tmp_path) as (inbox, engine, _):
        for name in names:
            (inbox / name).write_text(name.encode("utf-8", "replace").decode())
        await until(lambda: len(engine.events) == len(names))
        assert engine.names == sorted(names)


async def test_what_was_dropped_while_bellhop_was_down_is_answered_at_the_next_start(tmp_path):
    engine = Engine()
    async with running(tmp_path, engine) as (inbox, _, _):
        (inbox / "a.txt").write_text("a")
        await until(lambda: engine.names == ["a.txt"])
    for number in range(30):
        (inbox / f"{number}.txt").write_text("new")
    async with running(tmp_path, engine):
        await until(lambda: len(engine.events) == 31)
        await calm()
        assert len(engine.emitted) == 31
        assert engine.skipped == []


def thirty_files(base):
    (base / "inbox").mkdir()
    for number in range(30):
        (base / "inbox" / f"{number}.txt").write_text("old")


async def test_a_large_first_backlog_is_skipped_with_receipts_and_later_files_are_answered(tmp_path):
    thirty_files(tmp_path)
    async with running(tmp_path) as (inbox, engine, _):
        await until(lambda: len(engine.skipped) == 30)
        assert {reason for _, reason in engine.skipped} == {BACKLOG.words}
        (inbox / "new.txt").write_text("new")
        (inbox / "0.txt").write_text("changed")
        await until(lambda: engine.names == ["0.txt", "new.txt"])
        assert engine.told == []


@pytest.mark.parametrize("how", ["setting", "word"])
async def test_a_large_first_backlog_is_answered_when_the_owner_says_so(tmp_path, how):
    thirty_files(tmp_path)

    def accept(trigger):
        (found,) = trigger.first_start_backlog()
        assert (found.count, found.total_bytes) == (30, 90)
        if how == "word":
            trigger.answer_backlog(found.root)

    more = {"folder_backlog": "answer"} if how == "setting" else {}
    async with running(tmp_path, prepare=accept, **more) as (_, engine, _):
        await until(lambda: len(engine.events) == 30)
        assert engine.skipped == []


async def test_a_small_backlog_is_answered_without_a_word(tmp_path):
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "old.txt").write_text("old")
    os.utime(tmp_path / "inbox" / "old.txt", (1000, 1000))
    async with running(tmp_path, prepare=lambda trigger: trigger.first_start_backlog()) as (_, engine, _):
        await until(lambda: engine.names == ["old.txt"])


async def test_a_missing_folder_is_waited_for_and_a_replaced_one_watched_anew(tmp_path):
    async with running(tmp_path, prepare=lambda trigger: None) as (_, engine, trigger):
        inbox = tmp_path / "inbox"
        await until(lambda: "is missing" in trigger.health().words)
        assert not trigger.health().ok
        for round_number in range(1):
            inbox.mkdir()
            (inbox / f"{round_number}.txt").write_text(f"content {round_number}")
            await until(lambda count=round_number: len(engine.events) == count + 1)
            assert trigger.health().ok
            shutil.rmtree(inbox)
            await until(lambda: not trigger.health().ok)
        inbox.mkdir()
        await until(lambda: trigger.health().ok)
        inbox.rename(tmp_path / "old")
        inbox.mkdir()
        await calm(1.5)
        (inbox / "late.txt").write_text("late")
        await until(lambda: "late.txt" in engine.names)


async def test_a_polled_folder_needs_no_watcher(tmp_path):
    async with running(tmp_path, folder_polling=True, folder_rescan_seconds=0.2) as (inbox, engine, trigger):
        assert "scanning (FOLDER_POLLING)" in trigger.health().words
        (inbox / "sub").mkdir()
        (inbox / "sub" / "a.txt").write_text("a")
        await until(lambda: engine.names == ["sub/a.txt"])


async def test_an_overflowed_or_dead_watcher_is_made_good_by_a_scan(tmp_path):
    async with running(tmp_path) as (inbox, engine, trigger):
        (watch,) = trigger._watches.values()
        watch.supervisor._observer.stop()
        (inbox / "unseen.txt").write_text("x")
        await until(lambda: engine.names == ["unseen.txt"])
        assert watch.supervisor._observer.is_alive()


async def test_the_library_s_overflow_warning_brings_a_scan(tmp_path):
    async with running(tmp_path) as (inbox, engine, trigger):
        (watch,) = trigger._watches.values()
        watch.supervisor._observer._observer.unschedule_all()
        watch.supervisor.tend = lambda now_s, real=watch.supervisor: _only_overflows(real, now_s)
        (inbox / "lost.txt").write_text("x")
        await calm(0.6)
        assert engine.emitted == []
        logging.getLogger("watchdog.observers.inotify_c").warning(
            "Inotify queue overflowed; filesystem events were lost"
        )
        await until(lambda: engine.names == ["lost.txt"])


async def test_a_close_lost_in_an_overflow_is_not_waited_for(tmp_path):
    async with running(tmp_path) as (inbox, engine, trigger):
        (watch,) = trigger._watches.values()
        watch.supervisor._observer._observer.unschedule_all()
        watch.supervisor.tend = lambda now_s, real=watch.supervisor: _only_overflows(real, now_s)
        (inbox / "half-heard.txt").write_text("x")
        path = f"{watch.supervisor.real_root}/half-heard.txt"
        watch.supervisor.changes.dispatch(FileModifiedEvent(path))
        watch.supervisor._overflow.emit(logging.makeLogRecord({}))
        await until(lambda: engine.names == ["half-heard.txt"], most_s=15.0)


def _only_overflows(supervisor, now_s):
    supervisor._tended_at_s = now_s
    return type(supervisor).tend(supervisor, now_s)


async def test_a_file_too_big_is_skipped_and_the_person_told(tmp_path):
    async with running(tmp_path, folder_max_mb=0.001) as (inbox, engine, _):
        (inbox / "big.bin").write_bytes(b"x" * 2000)
        await until(lambda: engine.told)
        assert engine.told == engine.skipped
        assert "too big" in engine.told[0][1]


async def test_an_empty_file_is_no_question_until_it_has_content(tmp_path):
    async with running(tmp_path) as (inbox, engine, trigger):
        (watch,) = trigger._watches.values()
        watch.inspection.limits = replace(watch.inspection.limits, empty_hold_s=0.8)
        (inbox / "e.txt").touch()
        await until(lambda: engine.skipped == [("e.txt", EMPTY.words)])
        (inbox / "e.txt").write_text("content")
        await until(lambda: engine.answers == [("e.txt", b"content")])


async def test_an_unfinished_pdf_is_held_until_its_end_has_come(tmp_path):
    async with running(tmp_path) as (inbox, engine, _):
        (inbox / "a.pdf").write_bytes(b"%PDF-1.7 first half ")
        await calm(1.0)
        assert engine.emitted == []
        with (inbox / "a.pdf").open("ab") as file:
            file.write(b"second half %%EOF")
        await until(lambda: engine.answers == [("a.pdf", b"%PDF-1.7 first half second half %%EOF")])


async def test_a_file_somebody_still_has_open_is_held_even_when_no_event_tells(tmp_path):
    (tmp_path / "inbox").mkdir()
    with (tmp_path / "inbox" / "open.txt").open("wb", buffering=0) as file:
        file.write(b"first ")
        async with running(tmp_path) as (_, engine, _):
            await calm(1.2)
            assert engine.emitted == []
            file.write(b"second")
            file.close()
            await until(lambda: engine.answers == [("open.txt", b"first second")])


async def test_an_engine_that_refuses_for_a_while_gets_the_event_again(tmp_path):
    engine = Engine()
    engine.refusals = 1
    async with running(tmp_path, engine) as (inbox, _, _):
        (inbox / "a.txt").write_text("a")
        await until(lambda: engine.names == ["a.txt"])


async def test_a_file_whose_event_was_not_taken_is_found_again_at_the_next_start_and_asked_once(tmp_path):
    refusing, engine = Engine(), Engine()
    refusing.refusals = 99
    async with running(tmp_path, refusing) as (inbox, _, trigger):
        (inbox / "a.txt").write_text("a")
        await until(lambda: trigger.health().last_event_at)
        await calm(0.2)
    async with running(tmp_path, engine):
        await until(lambda: engine.answers == [("a.txt", b"a")])
    async with running(tmp_path, engine):
        await calm()
        assert len(engine.emitted) == 1


async def test_what_an_earlier_version_took_and_did_not_hand_over_is_handed_over_once(tmp_path):
    database = open_database(settings_for(tmp_path).database_url)
    FileStore(database)
    (tmp_path / "copy").write_text("a")
    mark = Signature(1, 2, 1, 3)
    for root, reason in (("inbox", ""), ("elsewhere", ""), ("inbox", EMPTY.words)):
        name = "empty.txt" if reason else "a.txt"
        event = event_from_file(ReadyFile(str(tmp_path / root), name, mark, 3, "c", str(tmp_path / "copy")), "papers")
        row = {"event_id": event.id, "event": to_json(event), "reason": reason, "copy": "", "claimed_at": 1.0}
        with database.begin() as connection:
            connection.execute(METADATA.tables["folder_claims"].insert(), row | {"is_handed_over": False})
    engine, again = Engine(), Engine()
    async with running(tmp_path, engine):
        await until(lambda: len(engine.events) == 2 and engine.skipped == [("empty.txt", EMPTY.words)])
        assert engine.answers == [("a.txt", b"a"), ("a.txt", b"a")]
        await until(lambda: FileStore(database).waiting_claims() == [])
    async with running(tmp_path, again):
        await calm()
        assert (again.emitted, again.skipped) == ([], [])


async def test_while_the_engine_refuses_a_renamed_file_is_still_one_event_with_its_copy(tmp_path):
    engine = Engine()
    async with running(tmp_path, engine) as (inbox, _, trigger):
        engine.refusals = 1
        (inbox / "a.txt").write_text("a")
        await until(lambda: trigger.health().last_event_at)
        (inbox / "a.txt").rename(inbox / "b.txt")
        await until(lambda: engine.answers == [("a.txt", b"a")])
        (inbox / "b.txt").rename(inbox / "c.txt")
        await calm(1.0)
        assert engine.answers == [("a.txt", b"a")]


async def test_while_the_engine_refuses_versions_keep_their_order_whatever_their_clocks_say(tmp_path):
    engine = Engine()
    async with running(tmp_path, engine) as (inbox, _, trigger):
        engine.refusals = 2
        (inbox / "a.txt").write_text("one")
        await until(lambda: trigger.health().last_event_at)
        (tmp_path / "new").write_text("two")
        os.utime(tmp_path / "new", (1000, 1000))
        (tmp_path / "new").rename(inbox / "a.txt")
        await until(lambda: len(engine.events) == 2)
        first, second = sorted(engine.events)
        contents = dict(zip(engine.events, [content for _, content in engine.answers], strict=True))
        assert (contents[first], contents[second]) == (b"one", b"two")


async def test_a_file_that_may_not_be_read_is_tried_again_and_then_recorded(tmp_path):
    class Locked(Copies):
        is_locked = True

        def read(self, root, name, order, *, is_local):
            if self.is_locked:
                return Reading("denied")
            return super().read(root, name, order, is_local=is_local)

    locked = Locked(tmp_path / "state" / "files" / "folder")

    def lock(trigger):
        (tmp_path / "inbox").mkdir()
        (watch,) = trigger._watches.values()
        watch.inspection.copies = locked

    async with running(tmp_path, prepare=lock) as (_, engine, trigger):
        inbox = tmp_path / "inbox"
        (inbox / "early.txt").write_text("x")
        await calm(0.6)
        locked.is_locked = False
        (inbox / "early.txt").chmod(0o600)
        await until(lambda: engine.names == ["early.txt"])
        locked.is_locked = True
        (inbox / "late.txt").write_text("y")
        (watch,) = trigger._watches.values()
        watch.inspection.limits = replace(watch.inspection.limits, permission_retry=RetryPolicy(3, first_wait_s=0.1))
        await until(lambda: engine.told == [("late.txt", DENIED.words)])
        locked.is_locked = False
        (inbox / "late.txt").chmod(0o600)
        await until(lambda: engine.names == ["early.txt", "late.txt"])


async def test_the_check_names_what_is_wrong_and_how_to_mend_it(tmp_path):
    (finding,) = await check(settings_for(tmp_path), rules_for(tmp_path))
    assert (finding.ok, finding.words) == (False, "there is no such folder")
    (tmp_path / "inbox").mkdir()
    findings = await check(settings_for(tmp_path), rules_for(tmp_path))
    assert [finding.ok for finding in findings] == [True, True, True]
    (tmp_path / "inbox" / "answers").symlink_to("/tmp")
    findings = await check(settings_for(tmp_path), rules_for(tmp_path))
    assert [finding.subject for finding in findings if not finding.ok] == [str(tmp_path / "inbox" / "answers")]
    findings = await check(settings_for(tmp_path, folder_polling=True), rules_for(tmp_path))
    assert "FOLDER_POLLING" in findings[2].words
