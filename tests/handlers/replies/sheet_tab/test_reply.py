"""Rows added to a tab: once, where people sort and insert, through lost responses, crashes and refusals."""

import asyncio

import pytest

from bot.errors import Refused, TryAgain
from bot.events import SheetTab
from handlers.replies.sheet_tab.added_row import token_of
from playground.sheets import SPREADSHEET_ID
from tests.handlers.replies.sheet_tab.rig import HEADER, TAB, Rig, answer, event
from tests.triggers.sheet.rig import Crash
from tests.triggers.sheet.rig import Rig as SheetRig

pytestmark = pytest.mark.anyio


def token(event_id, kind="answer"):
    return token_of(event_id, kind, SheetTab(SPREADSHEET_ID, TAB))


def added(number, text="the answer"):
    return ["ana", f"subject {number}", text, token(f"file:{number}")]


def plain(rig):
    """The grid with the token in the place of its status."""
    return [[*row[:3], row[3].rpartition("· ")[2]] for row in rig.grid()]


async def test_a_row_stands_below_the_last_one_with_its_token():
    rig = Rig([["old", "x", "y", ""]])
    one = rig.reply(event())
    assert await one.open(None) == {"token": token("file:1")}
    await one.finish(answer())
    assert plain(rig) == [["old", "x", "y", ""], added(1)]
    assert rig.grid()[1][3].startswith("added ")


async def test_finished_again_there_is_still_one_row_and_no_call():
    rig = Rig()
    await rig.reply(event()).finish(answer())
    rig.start()
    calls = len(rig.standin.calls)
    await rig.reply(event()).finish(answer())
    assert plain(rig) == [added(1)]
    assert len(rig.standin.calls) == calls


@pytest.mark.parametrize("kind", ["lost", "dropped", "500", "429", "timeout_applied", "timeout"])
async def test_a_response_that_never_came_makes_no_second_row(kind):
    rig = Rig()
    rig.standin.faults.add(kind, method="POST")
    await rig.finish(event(), answer())
    assert plain(rig) == [added(1)]


async def test_killed_before_or_behind_the_write_there_is_one_row():
    for where in ("before_call", "after_call"):
        rig, left = Rig(), [1]

        def dies(call, *_, left=left):
            if call.method == "POST" and left:
                left.pop()
                raise Crash

        setattr(rig.standin, where, dies)
        assert await rig.finish(event(), answer()) == 2
        assert plain(rig) == [added(1)]


async def test_a_row_that_takes_long_holds_nobody_and_who_asks_again_joins_in():
    rig, goes_on = Rig(), asyncio.Event()

    async def sleep(seconds):
        rig.clock.pass_(seconds)
        await goes_on.wait()

    rig.start(sleep=sleep, holds_s=0.05)
    rig.standin.faults.add("500", method="POST")
    for _ in range(2):
        with pytest.raises(TryAgain, match="could not be written yet"):
            await rig.reply(event()).finish(answer())
    goes_on.set()
    await rig.finish(event(), answer())
    assert plain(rig) == [added(1)]


async def test_a_row_that_nobody_asks_for_again_is_remembered_no_longer_than_it_takes():
    rig, goes_on = Rig(), asyncio.Event()
    rig.start(sleep=lambda _: goes_on.wait(), holds_s=0.05)
    rig.standin.faults.add("429", method="POST")
    with pytest.raises(TryAgain):
        await rig.reply(event()).finish(answer())
    goes_on.set()
    while rig.appender._adding:  # noqa: ASYNC110  # the row itself tells nobody
        await asyncio.sleep(0.01)
    assert plain(rig) == [added(1)]


async def test_a_write_in_doubt_is_repeated_only_when_it_can_no_longer_take_effect():
    rig = Rig()
    rig.standin.faults.add("dropped", method="POST")
    began_at = rig.clock()
    await rig.finish(event(), answer())
    assert rig.clock() - began_at >= 240.0
    assert rig.pauses < 20


async def test_a_burst_needs_few_calls():
    rig = Rig()
    await asyncio.gather(*(rig.reply(event(number)).finish(answer()) for number in range(300)))
    assert sorted(plain(rig)) == sorted(added(number) for number in range(300))
    assert len(rig.standin.calls) <= 12


async def test_the_columns_may_stand_in_any_order_and_move():
    rig = Rig([["a", "b", "c", ""]])
    await rig.reply(event(1)).finish(answer())
    rig.ana.insert_column(TAB, "A")
    await rig.reply(event(2)).finish(answer())
    assert [row[3] for row in rig.grid()] == ["c", "the answer", "the answer"]


async def test_a_status_column_is_made_where_there_is_none():
    rig = Rig(header=("Answer", "Owner"))
    await rig.reply(event()).finish(answer())
    assert rig.standin.grid()[0] == ["Answer", "Owner", "Bot"]
    assert rig.grid()[0][2].startswith("added ")


async def test_a_tab_that_cannot_take_an_answer_is_refused_before_claude_is_paid():
    for header, words in (((), "no headers"), (("Reply",), 'Add the header "Answer"')):
        with pytest.raises(Refused, match=words):
            await Rig(header=header).reply(event()).open(None)
    rig = Rig([["a", "b", "c", "my own words"]])
    with pytest.raises(Refused, match="seems to be your own"):
        await rig.reply(event()).open(None)
    rig.place = SheetTab(SPREADSHEET_ID, "Nowhere")
    with pytest.raises(Refused, match='no tab "Nowhere"'):
        await rig.reply(event()).open(None)


async def test_a_spreadsheet_that_is_not_shared_is_told_and_tried_again():
    rig = Rig()
    rig.standin.book().writers.clear()
    with pytest.raises(TryAgain, match="not shared"):
        await rig.reply(event()).open(None)


async def test_a_burst_looks_at_the_tab_once_before_claude_is_paid():
    rig = Rig()
    await asyncio.gather(*(rig.reply(event(number)).open(None) for number in range(50)))
    assert len(rig.standin.calls) <= 3


async def test_a_failure_is_a_row_of_its_own_and_a_retry_adds_the_answer():
    rig = Rig()
    for _ in range(2):
        await rig.reply(event()).fail("Claude refused this.")
    assert rig.grid() == [["ana", "subject 1", "", f"error: Claude refused this. · {token('file:1', 'failure')}"]]
    await rig.reply(event()).finish(answer())
    assert plain(rig)[1:] == [added(1)]


async def test_one_row_that_google_refuses_does_not_hold_up_the_others():
    rig = Rig(header=(*HEADER, "Note"))
    good = [rig.reply(event(number)).finish(answer()) for number in range(5)]
    rig.place = SheetTab(SPREADSHEET_ID, "", 999)
    bad = rig.reply(event(9)).finish(answer())
    results = await asyncio.gather(*good, bad, return_exceptions=True)
    assert results[:5] == [None] * 5
    assert isinstance(results[5], Refused)
    assert len(rig.grid()) == 5


async def test_two_processes_that_add_one_row_add_it_once():
    rig = Rig()
    first = rig.reply(event())
    appender = rig.appender
    rig.start()
    await asyncio.gather(first.finish(answer()), rig.reply(event()).finish(answer()))
    assert appender is not rig.appender
    assert plain(rig) == [added(1)]


async def test_dates_look_like_dates_and_other_columns_keep_their_look():
    rig = Rig(header=("Due", "Answer", "Bot"))
    await rig.reply(event(), {"Due": "date"}).finish(answer("x", {"Due": "2026-11-29"}))
    assert rig.grid()[0][0] == "2026-11-29"


def test_a_sheet_rule_on_the_same_tab_leaves_added_rows_alone():
    rig = SheetRig([["mine", "", ""]])
    mine = token("file:1")
    failure = token("x", "failure")
    rig.ana.type_row("Questions", 3, ["from elsewhere", "", f"added 14:03 · {mine}"])
    rig.ana.type_row("Questions", 4, ["failed", "", f"error: no · {failure}"])
    rig.run(4)
    rig.run_for(300.0, 10)
    assert rig.plain() == [("mine", "A:mine", "done"), ("from elsewhere", "", "added"), ("failed", "", "error")]
    assert sum(rig.asked.values()) == 1
