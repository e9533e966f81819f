"""What a rule reads: nothing is left out after a failed run, nothing comes twice after a good one."""

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.doors.folder.ignored import IgnoreTable
from bot.doors.sheet.addresses import range_of
from bot.errors import NotWanted, Refused
from bot.events import Event, Kept
from bot.parts import Parts
from bot.reads import Reads
from bot.rules.rule import Rule, RuleBook
from bot.settings import load_settings
from bot.store.database import open_database
from handlers.reading.events import PastEvents
from handlers.reading.folder import MOST_FILES, NewFiles, open_source
from handlers.reading.reading import Reading
from handlers.reading.sheet import material_of
from tests.bot import engines

pytestmark = pytest.mark.anyio
MONDAY = datetime(2026, 11, 23, 7, tzinfo=UTC)


def rule(folder, **more) -> Rule:
    return Rule(name="report", on="schedule", ask="Report {period}.", read=(f"folder:{folder}", "events:chat"), **more)


def run(number: int) -> Event:
    when = MONDAY + timedelta(days=7 * number)
    conversation = "schedule:report"
    return Event(
        f"{conversation}:{number}",
        "schedule",
        "report",
        "",
        f"report {number}",
        when,
        conversation,
        Kept(),
        fields={"zone": "Europe/Berlin"},
    )


class House:
    """A real engine; its handler reads, and says what it was told."""

    def __init__(self, engine, handler, database, folder) -> None:
        self.engine, self.handler, self.folder, self.rule = engine, handler, folder, rule(folder)
        sources: dict[str, Any] = {
            "folder": NewFiles(lambda _: IgnoreTable(), 0.0, 1_000_000),
            "events": PastEvents(engine.receipts, frozenset({"chat"})),
        }
        self.reading, self.fails = Reading(sources, Reads(database)), False
        self.told: list[Any] = []
        handler.on_answer = self.answer

    async def answer(self, event):
        if event.rule != "report":
            return
        readings = await self.reading.read(event, self.rule)
        assert readings is not None
        self.told.append((readings.facts["period"], [document.name for document in readings.documents], readings.words))
        if self.fails:
            raise Refused("No.")
        return

    async def run(self, number):
        await self.engine.emit(run(number))
        await engines.until(lambda: self.ended(number))
        return self.told[-1][:2] if self.told else None

    def ended(self, number):
        receipt = self.engine.receipts.get(run(number).id)
        return receipt and receipt.finished_at

    async def ask(self, number):
        await self.engine.emit(engines.event(number, conversation=f"c{number}"))
        await engines.until(lambda: engines.state_of(self.engine, number) == "answered")


@pytest.fixture(params=["sqlite", "postgres"])
async def house(tmp_path, request):
    folder = tmp_path / "in"
    folder.mkdir()
    with engines.throwaway_database(request.param, tmp_path) as url:
        database, handler = open_database(url), engines.Told()
        async with engines.running(url, handler) as engine:
            yield House(engine, handler, database, folder)
        database.dispose()


async def test_what_is_new_comes_once_and_after_a_failed_run_again(house):
    (house.folder / "a.txt").write_text("first")
    await house.ask(1)
    assert await house.run(0) == ("so far (this is the first run)", ["a.txt", "answers of chat"])
    assert await house.run(1) == ("since Monday 23 Nov 08:00", [])
    (house.folder / "b.txt").write_text("second")
    await house.ask(2)
    house.fails = True
    assert (await house.run(2))[1] == ["b.txt", "answers of chat"]
    house.fails = False
    assert await house.run(3) == ("since Monday 30 Nov 08:00", ["b.txt", "answers of chat"])
    assert await house.run(4) == ("since Monday 14 Dec 08:00", [])
    assert house.told[-1][2].endswith("nothing new\n- events:chat: nothing new")


async def test_what_is_forgotten_of_old_events_lets_nothing_come_twice_and_keeps_the_period(house):
    (house.folder / "a.txt").write_text("first")
    for number in (0, 1):
        await house.run(number)
    house.engine.purge(4e9)
    assert await house.run(2) == ("since Monday 30 Nov 08:00", [])


async def test_a_file_that_was_changed_is_new_again(house):
    (house.folder / "a.txt").write_text("first")
    await house.run(0)
    (house.folder / "a.txt").write_text("first, and more")
    assert (await house.run(1))[1] == ["a.txt"]


async def test_more_files_than_a_run_takes_come_with_the_next_one_and_that_is_said(house):
    for number in range(MOST_FILES + 2):
        (house.folder / f"{number:02}.txt").write_text(f"file {number}")
        os.utime(house.folder / f"{number:02}.txt", (1_000_000 + number, 1_000_000 + number))
    assert len((await house.run(0))[1]) == MOST_FILES
    assert "2 more files come with the next run" in house.told[-1][2]
    assert (await house.run(1))[1] == ["20.txt", "21.txt"]


async def test_where_nothing_is_new_the_rule_may_want_no_answer(house):
    house.rule = replace(house.rule, when_nothing="skip")
    await house.run(0)
    receipt = house.engine.receipts.get(run(0).id)
    assert (receipt.state, receipt.code) == ("skipped", "nothing-new")
    (house.folder / "a.txt").write_text("first")
    assert (await house.run(1))[1] == ["a.txt"]


async def test_a_folder_that_is_not_there_is_named_and_is_no_emptiness(house):
    house.rule = replace(house.rule, when_nothing="skip", read=(f"folder:{house.folder}/gone",))
    await house.run(0)
    assert "could not be read" in house.told[-1][2]
    assert "No such file" in house.told[-1][2]


async def test_a_file_that_cannot_be_read_is_named_and_costs_the_others_nothing(house):
    (house.folder / "a.txt").write_text("first")
    (house.folder / "b.zip").write_bytes(b"PK\x03\x04" + b"\0" * 100)
    assert (await house.run(0))[1] == ["a.txt"]
    assert "b.zip:" in house.told[-1][2]


async def test_a_file_that_is_being_written_waits_for_the_next_run(tmp_path):
    (tmp_path / "a.txt").write_text("half")
    source = NewFiles(lambda _: IgnoreTable(), 60.0, 1_000_000)
    assert (await source.read(str(tmp_path), lambda _: set())).words == "nothing new"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody with fewer rights")
async def test_a_folder_that_may_not_be_looked_into_is_named_and_costs_the_others_nothing(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "closed").mkdir(mode=0o700)
    (folder / "a.txt").write_text("first")
    for one in (folder, *(above for above in folder.parents if "pytest-" in str(above))):
        one.chmod(0o777)
    os.seteuid(65534)
    try:
        found = await NewFiles(lambda _: IgnoreTable(), 0.0, 1_000_000).read(str(folder), lambda _: set())
    finally:
        os.seteuid(0)
    assert [item.splitlines()[0] for item in found.items] == ["a.txt"]
    assert found.notes[0] == "closed: it may not be looked into"


async def test_bellhops_own_files_in_a_folder_are_no_news(tmp_path):
    settings = load_settings(
        _env_file=None, state_dir=tmp_path / "state", database_url=f"sqlite:///{tmp_path / 'bot.db'}"
    )
    (tmp_path / "state").mkdir()
    for name in ("state/a.txt", "bot.db", "bot.db-wal", "b.txt"):
        (tmp_path / name).write_text("x")
        os.utime(tmp_path / name, (1_000_000, 1_000_000))
    parts: Any = Parts(settings, RuleBook(()), None, None, {})  # type: ignore[arg-type]  # folders need no engine
    material = await open_source(parts).read(str(tmp_path), lambda _: set())
    assert [document.name for document in material.documents] == ["b.txt"]


async def test_a_link_is_never_followed(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "in" / "a.txt").symlink_to(tmp_path / "secret.txt")
    material = await NewFiles(lambda _: IgnoreTable(), 0.0, 1_000_000).read(str(tmp_path / "in"), lambda _: set())
    assert material.words == "nothing new"


async def test_a_rule_without_sources_on_another_door_reads_nothing(house):
    assert await house.reading.read(run(0), Rule(name="slack", on="slack")) is None


async def test_a_dry_look_leaves_everything_for_the_run(house):
    (house.folder / "a.txt").write_text("first")
    readings = await house.reading.read(run(0), house.rule, keeps=False)
    assert readings is not None
    assert [document.name for document in readings.documents] == ["a.txt"]
    assert (await house.run(0))[1] == ["a.txt"]


async def test_nothing_to_tell_is_an_error_only_for_whoever_wants_none(house):
    with pytest.raises(NotWanted, match="nothing new"):
        await house.reading.read(run(0), replace(house.rule, when_nothing="skip"))


@pytest.mark.parametrize(
    ("place", "wanted"),
    [
        ("abc/Orders!A1:F", ("abc", "Orders", "A1:F")),
        ("abc/My 'odd' tab", ("abc", "My 'odd' tab", "A:ZZ")),
        ("abc", ("abc", "", "A:ZZ")),
        ("https://docs.google.com/spreadsheets/d/abc/edit#gid=0", ("abc", "", "A:ZZ")),
        ("https://docs.google.com/spreadsheets/d/abc/Orders!A:C", ("abc", "Orders", "A:C")),
        ("https://docs.google.com/spreadsheets/d/abc/edit?usp=sharing", ("abc", "", "A:ZZ")),
    ],
)
def test_a_range_is_named_by_spreadsheet_tab_and_area(place, wanted):
    assert range_of(place) == wanted


def test_of_too_many_rows_the_first_are_told_and_that_is_said():
    rows = [["Name", "Note"], *([f"n{number}", 'a "b", c'] for number in range(5_001))]
    material = material_of("Book, Tab!A:B", rows)
    assert material.words == "the first 5000 of 5001 rows"
    assert material.notes
    text = material.documents[0].blocks[0]["source"]["data"]
    assert text.startswith('Name,Note\nn0,"a ""b"", c"\n')
