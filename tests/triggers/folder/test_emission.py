"""New versions on their way to the engine: each with its row, answers first, and what is refused later."""

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from bot.doors.folder.reasons import BACKLOG, EMPTY, LINK
from bot.events import Event, FilePath
from tests.triggers.folder.rig import until
from triggers.folder.emission import Emission, is_backlog
from triggers.folder.versions import NewVersion

pytestmark = pytest.mark.anyio


class Taker:
    """An engine that notes what it is given, in order, and refuses the names it is told to."""

    def __init__(self, refuses=()):
        self.taken, self.refuses, self.is_closed, self.tells = [], set(refuses), False, True

    def version(self, name, reason=None):
        event = Event(name, "folder", "r", "", name, datetime.now(UTC), name, FilePath("/in", name))
        return NewVersion(event, reason, record=name, when_recorded=lambda: self.taken.append(("recorded", name)))

    async def emit(self, event, record=None):
        self.take("asked", event, record)

    async def skip(self, event, reason, record=None, *, code=""):
        assert reason
        self.take(code, event, record)

    async def tell(self, event, reason):
        if not self.tells:
            raise OSError
        self.taken.append(("told", event.id))

    def take(self, what, event, record):
        assert record == event.id
        if event.id in self.refuses:
            raise ConnectionError
        self.taken.append((what, event.id))


@asynccontextmanager
async def emitting(taker):
    emission = Emission(taker.skip, taker.tell, lambda: taker.is_closed)
    task = asyncio.create_task(emission.run(taker.emit))
    yield emission
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_each_event_comes_with_its_row_and_its_version_hears_of_it():
    taker = Taker()
    async with emitting(taker) as emission:
        emission.add([taker.version("a")])
        await until(lambda: emission.waiting == [])
        assert taker.taken == [("asked", "a"), ("recorded", "a")]


async def test_a_reason_is_told_before_it_is_recorded_and_some_are_not_told():
    taker = Taker()
    async with emitting(taker) as emission:
        emission.add([taker.version("empty", EMPTY)])
        await until(lambda: len(taker.taken) == 3)
        assert taker.taken == [("told", "empty"), ("empty", "empty"), ("recorded", "empty")]
        emission.add([taker.version("link", LINK), taker.version("old", BACKLOG)])
        await until(lambda: len(taker.taken) == 7)
        assert not {("told", "link"), ("told", "old")} & set(taker.taken)


async def test_what_is_asked_goes_before_what_is_only_skipped():
    taker = Taker()
    async with emitting(taker) as emission:
        emission.add([taker.version(f"old{number}", BACKLOG) for number in range(300)] + [taker.version("new")])
        await until(lambda: emission.waiting == [])
        assert taker.taken[0] == ("asked", "new")


async def test_what_is_refused_is_tried_again_and_holds_nothing_up():
    taker = Taker(refuses={"b"})
    async with emitting(taker) as emission:
        emission.add([taker.version(name) for name in "abc"])
        await until(lambda: [version.event.id for version in emission.waiting] == ["b"])
        assert {name for _, name in taker.taken} == {"a", "c"}
        taker.refuses.clear()
        await until(lambda: emission.waiting == [])


async def test_while_nothing_can_be_laid_beside_the_files_only_what_is_not_laid_there_goes_on():
    taker = Taker()
    taker.is_closed = True
    async with emitting(taker) as emission:
        emission.add([taker.version("a"), taker.version("empty", EMPTY), taker.version("old", BACKLOG)])
        assert is_backlog(emission.waiting)
        await until(lambda: [version.event.id for version in emission.waiting] == ["a", "empty"])
        assert not is_backlog(emission.waiting)
        taker.is_closed = False
        emission.release()
        await until(lambda: emission.waiting == [])


async def test_a_note_that_cannot_be_written_keeps_no_event_for_ever():
    taker = Taker()
    taker.tells = False
    async with emitting(taker) as emission:
        emission.add([taker.version("empty", EMPTY)])
        await until(lambda: ("empty", "empty") in taker.taken)
