"""A range that a rule reads, against the stand-in: what people see, and what is not there, named."""

from typing import Any

import pytest

from bot.doors.sheet.faults import SheetFault
from bot.doors.sheet.spreadsheet import GoogleCalls
from bot.errors import TryAgain
from handlers.reading.sheet import SheetRange
from playground.sheets import SPREADSHEET_ID, SheetsStandIn
from tests.triggers.sheet.rig import Clock, HandleClient

pytestmark = pytest.mark.anyio
ROWS: list[list[Any]] = [["Item", "Price", "When"], ["Desk", 1200.5, ""], ["", "", ""], ["Lamp", 3, "soon"]]


@pytest.fixture
def standin():
    clock = Clock()
    standin = SheetsStandIn(clock=clock, sleep=clock.pass_)
    standin.add_spreadsheet({"Orders": ROWS, "Empty": [["Item"]]})
    return standin


async def read(standin, place):
    client = HandleClient(standin, standin.issue_token())
    return await SheetRange(lambda spreadsheet: GoogleCalls(client, spreadsheet)).read(place, lambda _: set())


async def test_a_range_is_told_as_people_see_it_without_its_blank_rows(standin):
    found = await read(standin, f"{SPREADSHEET_ID}/Orders!A1:C")
    assert found.words == "2 rows"
    (document,) = found.documents
    assert document.name.endswith("Orders!A1:C")
    assert document.blocks[0]["source"]["data"] == "Item,Price,When\nDesk,1200.5,\nLamp,3,soon\n"


async def test_a_tab_with_headers_alone_is_no_rows(standin):
    found = await read(standin, f"{SPREADSHEET_ID}/Empty")
    assert (found.words, found.documents, found.is_missing) == ("no rows", (), False)


async def test_a_tab_that_is_not_there_is_named_with_those_that_are(standin):
    found = await read(standin, f"{SPREADSHEET_ID}/Ordres!A:C")
    assert found.is_missing
    assert '"Ordres"' in found.words
    assert '"Orders", "Empty"' in found.words


class Refusing:
    def __init__(self, fault):
        self.fault = fault

    def info(self, *, with_protection=False):
        raise self.fault


async def refused(fault):
    calls: Any = Refusing(fault)
    return await SheetRange(lambda _: calls).read("abc/Orders", lambda _: set())


async def test_a_spreadsheet_that_may_not_be_read_is_missing_and_not_empty():
    found = await refused(SheetFault("Share it with bot@example.", "owner", is_not_shared=True))
    assert found.is_missing
    assert found.words == "could not be read: Share it with bot@example."
    assert found.notes == ("Share it with bot@example.",)


async def test_a_passing_fault_is_tried_again():
    with pytest.raises(TryAgain, match="Google is away"):
        await refused(SheetFault("Google is away.", "passing"))
