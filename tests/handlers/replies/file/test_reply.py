import errno
import os
from datetime import UTC, datetime, timedelta

import pytest

from bot.doors.folder.filenames import to_text
from bot.errors import Refused, TryAgain
from bot.events import Answer, Event, FilePath
from handlers.claude.verdict import WRONG_KEY
from handlers.replies.file.answer_folder import AnswerFolder
from handlers.replies.file.reply import THEN, FileReply

pytestmark = pytest.mark.anyio
NOON = datetime(2026, 11, 23, 14, 3, tzinfo=UTC).timestamp()


def reply(root, name="report.pdf", version=1, at=NOON):
    address = FilePath(to_text(str(root)), to_text(name))
    event_id = f"file:{'a' * 16}:{version:020d}:{'b' * 16}"
    event = Event(event_id, "folder", "folder", "", name, datetime.now(UTC), f"file:{'a' * 16}", address)
    return FileReply(event, address, clock=lambda: at)


def answer(text="The answer.", **more):
    return Answer(text, "claude-sonnet-5-5", "end_turn", cost_usd=0.01234, duration_s=4.21, **more)


def lay(root):
    """Every file below answers/, hidden ones too, with its content."""
    folder = root / "answers"
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


async def test_an_answer_lies_beside_its_file_with_model_cost_and_time_in_the_first_line(tmp_path):
    one = reply(tmp_path, "sub/report.pdf")
    assert one.watched is False
    place = await one.open(None)
    assert place == {"file": "answers/sub/report.pdf.answer.md"}
    await one.finish(answer("# Title\n\ntext — ünïcode 🎉"))
    (name,) = lay(tmp_path)
    assert name == "sub/report.pdf.answer.md"
    head, _, text = lay(tmp_path)[name].partition("\n")
    event_id = f"file:{'a' * 16}:{1:020d}:{'b' * 16}"
    assert head == f"<!-- claude-sonnet-5-5 · $0.0123 · 4.2 s · 2026-11-23 14:03 UTC · {event_id} -->"
    assert text == "# Title\n\ntext — ünïcode 🎉\n"


async def test_a_wait_is_said_beside_the_file_until_the_answer_or_the_reason_for_none_is_there(tmp_path):
    until = datetime.fromtimestamp(NOON, UTC) + timedelta(minutes=15)
    for end in ("finish", "fail"):
        one = reply(tmp_path)
        await one.open(None)
        for _ in range(2):
            await one.wait("Claude is busy", until)
        assert "report.pdf.waiting.md" in lay(tmp_path)
        assert lay(tmp_path)["report.pdf.waiting.md"].endswith(
            "-->\nClaude is busy until about 14:18 UTC; I answer then.\n"
        )
        await (one.finish(answer("done")) if end == "finish" else one.fail("no luck"))
        assert "report.pdf.waiting.md" not in lay(tmp_path)


async def test_a_file_of_the_users_own_that_is_called_so_is_never_touched(tmp_path):
    (tmp_path / "answers").mkdir()
    (tmp_path / "answers" / "report.pdf.waiting.md").write_text("mine")
    one = reply(tmp_path)
    await one.wait("Claude is busy", None)
    assert "Claude is busy; I answer as soon as that is over." in lay(tmp_path)["report.pdf.waiting-2.md"]
    await one.finish(answer("done"))
    assert (lay(tmp_path)["report.pdf.waiting.md"], "report.pdf.waiting-2.md" in lay(tmp_path)) == ("mine", False)


async def test_the_same_event_delivered_again_writes_the_same_file(tmp_path):
    for attempt in range(3):
        one = reply(tmp_path, at=NOON + attempt * 60)
        await one.open({"file": "anything"} if attempt else None)
        await one.finish(answer(f"attempt {attempt}"))
    assert list(lay(tmp_path)) == ["report.pdf.answer.md"]
    assert "attempt 2" in lay(tmp_path)["report.pdf.answer.md"]


async def test_a_new_version_takes_the_plain_name_and_the_old_answer_is_kept(tmp_path):
    for version in (1, 2, 3):
        await reply(tmp_path, version=version).finish(answer(f"version {version}"))
    await reply(tmp_path, version=3).finish(answer("version 3"))
    found = {name: text.partition("\n")[2].strip() for name, text in lay(tmp_path).items()}
    assert found == {
        "report.pdf.answer.md": "version 3",
        "report.pdf.answer.2026-11-23-1403.md": "version 1",
        "report.pdf.answer.2026-11-23-1403-2.md": "version 2",
    }


async def test_an_old_version_that_comes_late_does_not_take_the_newest_s_place(tmp_path):
    for version in (2, 1, 1):
        await reply(tmp_path, version=version).finish(answer(f"version {version}"))
    found = {name: text.partition("\n")[2].strip() for name, text in lay(tmp_path).items()}
    assert found == {"report.pdf.answer.md": "version 2", "report.pdf.answer.2026-11-23-1403.md": "version 1"}


async def test_an_earlier_version_delivered_again_after_a_later_one_finds_its_own_file(tmp_path):
    for version in (1, 2, 1):
        await reply(tmp_path, version=version).finish(answer(f"version {version}"))
    assert sorted(lay(tmp_path)) == ["report.pdf.answer.2026-11-23-1403.md", "report.pdf.answer.md"]


async def test_a_file_of_the_user_s_own_is_never_touched(tmp_path):
    (tmp_path / "answers").mkdir()
    for ending in (".answer.md", ".error.md"):
        (tmp_path / "answers" / f"report.pdf{ending}").write_text("mine")
    await reply(tmp_path).finish(answer("ours"))
    await reply(tmp_path, version=2).fail("no")
    found = lay(tmp_path)
    assert found["report.pdf.answer.md"] == found["report.pdf.error.md"] == "mine"
    assert "ours" in found["report.pdf.answer-2.md"]
    assert "no" in found["report.pdf.error-2.md"]


@pytest.mark.parametrize(
    ("reason", "is_told"),
    [
        (WRONG_KEY, True),
        ("Claude is overloaded just now. Try again in a minute.", True),
        ("The PDF is encrypted. Save it without a password and drop it again.", False),
        (f"The disk is full. Free some space, {THEN}", False),
        ("skipped: empty. The file has no content.", False),
        ("failed: permission. Bellhop may not read this file; give it read permission and it is answered.", False),
    ],
)
async def test_a_failure_that_another_run_mends_says_how_to_run_it_again(tmp_path, reason, is_told):
    await reply(tmp_path).fail(reason)
    (text,) = lay(tmp_path).values()
    again = "\n\nWhen that is mended or over, this runs it again: `python -m bot retry --failed`.\n"
    assert text.partition("-->\n")[2] == reason + (again if is_told else "\n")


async def test_a_failure_says_why_and_a_later_success_removes_it(tmp_path):
    await reply(tmp_path).fail("The PDF is encrypted. Save it without a password and drop it again.")
    (name,) = lay(tmp_path)
    assert name == "report.pdf.error.md"
    head, _, text = lay(tmp_path)[name].partition("\n")
    assert head.startswith("<!-- failed · 2026-11-23 14:03 UTC · file:")
    assert text == "The PDF is encrypted. Save it without a password and drop it again.\n"
    await reply(tmp_path, version=2).finish(answer())
    assert list(lay(tmp_path)) == ["report.pdf.answer.md"]


async def test_a_newer_failure_stays_when_an_older_version_is_answered(tmp_path):
    await reply(tmp_path, version=2).fail("too long")
    await reply(tmp_path, version=1).finish(answer())
    assert sorted(lay(tmp_path)) == ["report.pdf.answer.md", "report.pdf.error.md"]


async def test_notes_stand_in_the_first_line_and_visibly_at_the_end(tmp_path):
    await reply(tmp_path).finish(answer("half", notes=("The document was cut --> here.",)))
    text = lay(tmp_path)["report.pdf.answer.md"]
    head = text.splitlines()[0]
    assert head.endswith(" · The document was cut - -> here. -->")
    assert head.count("-->") == 1
    assert text.endswith("half\n\n> **Note:** The document was cut --> here.\n")
    await reply(tmp_path, version=2).finish(answer("whole"))
    assert len(lay(tmp_path)) == 2


@pytest.mark.parametrize(
    "name", ["a\nb.txt", "back\\slash.txt", "cafe\u0301.txt", "caf\u00e9.txt", os.fsdecode(b"caf\xe9.txt"),
     "..txt", "-->.txt"]
)  # fmt: skip
async def test_any_name_a_disk_allows_is_answered_under_that_name(tmp_path, name):
    await reply(tmp_path, name).finish(answer())
    assert os.listdir(tmp_path / "answers") == [f"{name}.answer.md"]  # noqa: PTH208 (the raw names)


async def test_a_name_too_long_for_its_ending_is_shortened_and_stays_its_own(tmp_path):
    names = ["é" * 120 + str(number) for number in range(2)]
    for name in names:
        await reply(tmp_path, name).finish(answer(name[-1]))
        await reply(tmp_path, name, version=2).finish(answer(name[-1] + " again"))
    found = lay(tmp_path)
    assert len(found) == 4
    assert all(len(os.fsencode(name)) <= 255 for name in found)
    assert sorted(text.splitlines()[1] for text in found.values()) == ["0", "0 again", "1", "1 again"]


@pytest.mark.parametrize("name", ["../x", "a/../../x", "/etc/passwd", "", "a//b", "./x", "a/."])
async def test_a_name_that_leads_out_of_the_folder_is_refused(tmp_path, name):
    with pytest.raises(Refused, match="leads out"):
        reply(tmp_path, name)


@pytest.mark.parametrize("what", ["answers", "answers/sub"])
async def test_a_linked_answers_folder_is_refused_and_nothing_is_written_through_it(tmp_path, what):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    root = tmp_path / "inbox"
    (root / what).parent.mkdir(parents=True)
    (root / what).symlink_to(elsewhere)
    for attempt in (reply(root, "sub/a.txt").open(None), reply(root, "sub/a.txt").finish(answer())):
        with pytest.raises(Refused, match="is a link or a file"):
            await attempt
    assert list(elsewhere.iterdir()) == []


async def test_a_link_at_the_answer_s_own_name_is_not_written_through(tmp_path):
    (tmp_path / "answers").mkdir()
    (tmp_path / "precious.txt").write_text("precious")
    (tmp_path / "answers" / "report.pdf.answer.md").symlink_to(tmp_path / "precious.txt")
    await reply(tmp_path).finish(answer())
    assert (tmp_path / "precious.txt").read_text() == "precious"
    assert (tmp_path / "answers" / "report.pdf.answer-2.md").is_file()


async def test_a_vanished_root_is_worth_another_attempt(tmp_path):
    with pytest.raises(TryAgain, match="is gone"):
        await reply(tmp_path / "nowhere").open(None)


@pytest.mark.parametrize(
    ("number", "kind", "words"),
    [
        (errno.ENOSPC, TryAgain, "is full"),
        (errno.EDQUOT, TryAgain, "is full"),
        (errno.EACCES, TryAgain, "Give it write permission"),
        (errno.EROFS, TryAgain, "Give it write permission"),
        (errno.EIO, TryAgain, "could not be written"),
    ],
)
async def test_a_disk_s_refusal_is_said_in_plain_words(tmp_path, number, kind, words):
    class Refusing(AnswerFolder):
        def written(self, text, event_id):
            raise OSError(number, os.strerror(number))

    class Reply(FileReply):
        def _folder(self):
            return Refusing(self._root, ("answers",))

    address = FilePath(str(tmp_path), "a.txt")
    event = Event("file:a:1:b", "folder", "folder", "", "a", datetime.now(UTC), "c", address)
    with pytest.raises(kind, match=words):
        await Reply(event, address).finish(answer())


async def test_a_refused_permission_names_the_very_folder_that_refuses(tmp_path):
    class Closed(FileReply):
        def _folder(self):
            raise PermissionError(errno.EACCES, "denied")

    address = FilePath(str(tmp_path), "sub/a.txt")
    event = Event("file:a:1:b", "folder", "folder", "", "a", datetime.now(UTC), "c", address)
    with pytest.raises(TryAgain, match=r"/answers/sub\. .*retry --failed"):
        await Closed(event, address).open(None)


async def test_a_full_disk_is_waited_out_long_before_claude_is_paid_and_soon_looked_at_again_after(tmp_path):
    def refuse(_self, *_):
        raise OSError(errno.ENOSPC, "full")

    class Full(FileReply):
        _open = refuse
        _finish = refuse

    one = Full(reply(tmp_path)._event, reply(tmp_path)._event.reply_to)
    with pytest.raises(TryAgain) as before:
        await one.open(None)
    with pytest.raises(TryAgain) as after:
        await one.finish(answer())
    assert (before.value.after_s, after.value.after_s) == (60.0, None)


async def test_what_a_crash_left_half_written_is_cleared_away(tmp_path):
    await reply(tmp_path).finish(answer())
    await reply(tmp_path).open(None)
    assert list(lay(tmp_path)) == ["report.pdf.answer.md"]
    assert not [name for name in lay(tmp_path) if name.startswith(".")]
