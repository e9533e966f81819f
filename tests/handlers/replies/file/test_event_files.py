import asyncio
import fcntl

import pytest

from handlers.replies.file.answer_folder import AnswerFolder
from tests.handlers.replies.file.events import LinkLess, dropped, lying, sent, words

pytestmark = pytest.mark.anyio
KINDS = pytest.mark.parametrize("kind", [AnswerFolder, LinkLess])


def names_by_person(root, ending):
    return {whose: name for name, whose in lying(root).items() if name.endswith(ending)}


@KINDS
async def test_forty_events_whose_files_have_one_name_are_answered_at_once_in_a_file_each(tmp_path, kind):
    people = [f"{number:02d}" for number in range(40)]

    async def answered(who):
        one = sent(tmp_path, who, kind=kind)
        await one.open(None)
        await one.finish(words(f"for {who}"))

    await asyncio.gather(*map(answered, people))
    assert sorted(lying(tmp_path).values()) == people


@KINDS
async def test_a_name_that_another_event_takes_at_the_last_moment_stays_with_it(tmp_path, kind):
    def take(self, working, name):
        if name == "photo.txt.answer.md":
            sent(tmp_path, "ben", kind=kind)._finish(words("for Ben"))
        return kind.take(self, working, name)

    await sent(tmp_path, "anna", kind=type("Late", (kind,), {"take": take})).finish(words("for Anna"))
    found = lying(tmp_path)
    assert found.pop("photo.txt.answer.md") == "ben"
    assert list(found.values()) == ["anna"]


@KINDS
async def test_a_name_that_the_user_takes_at_the_last_moment_stays_with_the_user(tmp_path, kind):
    def take(self, working, name):
        if name == "photo.txt.answer.md":
            (tmp_path / "answers" / name).write_text("mine")
        return kind.take(self, working, name)

    await sent(tmp_path, "anna", kind=type("Late", (kind,), {"take": take})).finish(words("for Anna"))
    assert lying(tmp_path) == {"photo.txt.answer-2.md": "anna", "photo.txt.answer.md": "the user's"}


async def test_every_event_delivered_again_finds_its_own_file_among_those_of_the_same_name(tmp_path):
    for minute in range(3):
        for who in ("anna", "ben", "cara"):
            await sent(tmp_path, who, at_s=minute * 60.0).finish(words("yes"))
    assert sorted(lying(tmp_path).values()) == ["anna", "ben", "cara"]


async def test_it_finds_its_own_file_also_when_the_plain_name_was_freed_meanwhile(tmp_path):
    for who in ("anna", "ben"):
        await sent(tmp_path, who).fail("no")
    await sent(tmp_path, "anna").finish(words("yes, after all"))
    await sent(tmp_path, "ben").fail("no")
    assert list(names_by_person(tmp_path, ".error.md")) == ["ben"]


@pytest.mark.parametrize("others", [[f"{number}" for number in range(9)], ["a", "z"]])
async def test_an_answer_or_a_failure_never_takes_away_what_other_events_of_the_name_were_told(tmp_path, others):
    for who in others:
        await sent(tmp_path, who).fail("no")
        await sent(tmp_path, who + "-waits").wait("Claude is busy", None)
    await sent(tmp_path, "m").finish(words("yes"))
    await sent(tmp_path, "n").fail("no")
    assert sorted(names_by_person(tmp_path, ".error.md")) == sorted([*others, "n"])
    assert sorted(names_by_person(tmp_path, ".waiting.md")) == sorted(who + "-waits" for who in others)


async def test_what_one_event_says_has_one_name_whatever_it_says(tmp_path):
    await sent(tmp_path, "anna").fail("no")
    await sent(tmp_path, "ben").wait("Claude is busy", None)
    await sent(tmp_path, "ben").finish(words("yes"))
    (name,) = names_by_person(tmp_path, ".answer.md").values()
    assert name.startswith("photo.txt~")


@KINDS
async def test_a_dropped_file_s_versions_share_the_name_beside_another_event_s_file(tmp_path, kind):
    await sent(tmp_path, "anna", kind=kind).finish(words("for Anna"))
    for version in (1, 2, 3, 3):
        await dropped(tmp_path, version, kind=kind).finish(words(f"version {version}"))
    found = lying(tmp_path)
    assert found.pop("photo.txt.answer.md") == "anna"
    assert sorted(found.values()) == ["version 1", "version 2", "version 3"]
    assert [whose for name, whose in found.items() if ".answer.2026" not in name] == ["version 3"]


@KINDS
async def test_an_old_version_delivered_again_a_minute_later_finds_the_file_under_its_dated_name(tmp_path, kind):
    for version, minute in ((2, 0), (1, 1), (1, 2), (3, 3), (1, 4), (2, 5)):
        await dropped(tmp_path, version, at_s=minute * 60.0, kind=kind).finish(words("yes"))
    found = lying(tmp_path)
    assert found["photo.txt.answer.md"] == "version 3"
    assert sorted(found.values()) == ["version 1", "version 2", "version 3"]


async def test_another_event_takes_the_name_while_an_older_version_is_moved_out_of_its_way(tmp_path):
    class Late(LinkLess):
        def keep(self, name, event_id, dated_names):
            super().keep(name, event_id, dated_names)
            fcntl.flock(self._folder, fcntl.LOCK_UN)  # as between two machines on one share
            sent(tmp_path, "anna", kind=LinkLess)._finish(words("for Anna"))

    await dropped(tmp_path, 1, kind=LinkLess).finish(words("version 1"))
    await dropped(tmp_path, 2, kind=Late).finish(words("version 2"))
    assert lying(tmp_path)["photo.txt.answer.md"] == "anna"
    assert sorted(lying(tmp_path).values()) == ["anna", "version 1", "version 2"]


@pytest.mark.parametrize("length", [600, 20_000])
async def test_an_answer_with_long_notes_is_its_own_when_it_is_delivered_again(tmp_path, length):
    notes = tuple(f"{number}{'-> ' * (length // 60)}" for number in range(20))
    for _ in range(2):
        await sent(tmp_path, "anna").finish(words("yes", notes=notes))
    assert lying(tmp_path) == {"photo.txt.answer.md": "anna"}
    assert (tmp_path / "answers" / "photo.txt.answer.md").read_text().count("> **Note:**") == 20


async def test_an_answer_that_an_earlier_release_wrote_with_long_notes_is_known_again(tmp_path):
    await sent(tmp_path, "anna").finish(words("yes"))
    path = tmp_path / "answers" / "photo.txt.answer.md"
    path.write_text(path.read_text().replace(" -->", f"{' · A note of ours.' * 1000} -->", 1))
    await sent(tmp_path, "anna").finish(words("yes"))
    assert list(lying(tmp_path)) == ["photo.txt.answer.md"]
