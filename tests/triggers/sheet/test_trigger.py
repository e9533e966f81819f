"""The trigger, the reply and the engine's part between them, over real sockets and the real client."""

from __future__ import annotations

import asyncio
import contextlib
import time

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from bot.doors.sheet.door import DOOR
from bot.doors.sheet.rule import SheetRule
from bot.doors.sheet.settings import SheetSettings
from bot.errors import Refused, SettingsError
from bot.events import Answer, Receipt
from bot.rules.rule import Rule
from bot.settings import Settings
from bot.store.database import open_database
from handlers.replies.sheet import SheetReplies
from playground.serving import serve
from playground.sheets import ACCOUNT, SPREADSHEET_ID, SheetsStandIn
from tests.bot.engines import throwaway_postgres
from triggers.sheet import SheetTrigger, check
from triggers.sheet.tab_store import TabStore

pytestmark = pytest.mark.anyio


@pytest.fixture
def standin():
    standin = SheetsStandIn()
    standin.add_spreadsheet({"Questions": [["Question", "Answer", "Bot"], ["one"], ["two"]]})
    return standin


@pytest.fixture
def settings(standin, tmp_path):
    with serve(standin.app) as base_url:
        yield Settings(
            _env_file=None,
            google_service_account_file=standin.service_account_file(tmp_path / "account.json", base_url),
            sheet_id=f"https://docs.google.com/spreadsheets/d/{SPREADSHEET_ID}/edit#gid=0",
            sheet_tab="Questions",
            sheet_settle_seconds=0,
            google_sheets_api_url=base_url,
            google_drive_api_url=base_url,
            database_url=f"sqlite:///{tmp_path}/bot.db",
            web_token="secret",
        )


class House:
    """An engine of three lines: every event once, answered through the sheet's own reply."""

    def __init__(self, settings, database, rules):
        self.rules = rules or (DOOR.derived_rule(settings),)
        self.database, self.trigger = database, SheetTrigger(settings, self.rules, database)
        self.replies = SheetReplies(database)
        self.events, self.ends, self.tasks = [], {}, []

    async def emit(self, event, record=None):
        if event.id not in [known.id for known in self.events]:
            with self.database.begin() as connection:
                record(connection)
            self.events.append(event)
            self.tasks.append(asyncio.create_task(self.answer(event)))
        return Receipt(event.id, "sheet", event.rule, event.subject, event.conversation, "received", event.time)

    async def answer(self, event):
        reply = self.replies.reply_for(event, watched=False)
        await reply.open(None)
        try:
            await reply.finish(Answer(f"A:{event.text}", "m", "end_turn"))
            self.ends[event.text] = "answered"
        except Refused as refusal:
            self.ends[event.text] = refusal.reason


@contextlib.asynccontextmanager
async def running(settings, rules=()):
    database = open_database(settings.database_url)
    house = House(settings, database, rules)
    task = asyncio.create_task(house.trigger.run(house.emit))
    try:
        yield house
    finally:
        for one in (task, *house.tasks):
            one.cancel()
        await asyncio.gather(task, *house.tasks, return_exceptions=True)
        database.dispose()


async def until(true, seconds=90.0):
    ends_at = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < ends_at, "it did not come about"
        await asyncio.sleep(0.05)


async def test_rows_become_events_and_answers_land_in_their_rows(settings, standin):
    async with running(settings) as house:
        await until(lambda: len(house.ends) == 2)
        assert [row[:2] for row in standin.grid()[1:]] == [["one", "A:one"], ["two", "A:two"]]
        assert house.ends == {"one": "answered", "two": "answered"}
        event = house.events[0]
        token = event.reply_to.token
        assert event.id == f"sheet:{SPREADSHEET_ID}:0:{token}"
        assert (event.fields, event.subject, event.conversation) == ({"Question": "one"}, "one", token)
        assert house.trigger.health().ok


async def test_a_deleted_rows_reply_says_that_the_row_is_gone(settings, standin):
    async with running(settings) as house:
        house.tasks_may_end = False
        house.answer = _never
        await until(lambda: len(house.events) == 2)
        standin.person().delete_rows("Questions", 2)
        late = asyncio.create_task(House.answer(house, house.events[0]))
        await until(lambda: "one" in house.ends)
        await late
        assert "deleted" in house.ends["one"]


async def _never(_event):
    return


async def test_all_tabs_are_read_in_one_call_and_a_paused_one_holds_up_no_other(settings, standin):
    sheet = {
        "One": [["Question", "Answer", "Bot"], ["a"]],
        "Two": [["Topic", "Text", "Reply", "Bot"], ["x", "b"]],
        "Bad": [["Question", "Bot"], ["c"]],
    }
    standin.add_spreadsheet(sheet)
    rules = (
        Rule(name="one", on="sheet", options=SheetRule(tab="One"), ask="{Question}"),
        Rule(name="two", on="sheet", options=SheetRule(tab="Two"), ask="{Topic}: {Text}", columns={"Reply": "text"}),
        Rule(name="bad", on="sheet", options=SheetRule(tab="Bad"), ask="{Question}"),
    )
    async with running(settings, rules) as house:
        await until(lambda: len(house.ends) == 2)
        reads = standin.quota.counts["read"]
        assert standin.grid("One")[1][1] == "A:a"
        assert house.events[-1].fields.keys() >= {"Topic", "Text"} or house.events[0].fields.keys() >= {"Topic", "Text"}
        assert 'Tab "Bad" has no column "Answer"' in house.trigger.health().words
        await asyncio.sleep(4.5)
        assert standin.quota.counts["read"] - reads <= 3


async def no_emit(event, record=None):
    raise AssertionError("this route makes no event")


async def test_the_hook_wakes_only_with_the_secret(settings):
    database = open_database(settings.database_url)
    trigger = SheetTrigger(settings, (DOOR.derived_rule(settings),), database)
    with TestClient(Starlette(routes=trigger.routes(no_emit))) as client:
        assert client.post("/hooks/sheet/sheet").status_code == 401
        good = {"Authorization": "Bearer secret"}
        assert client.post("/hooks/sheet/sheet", headers=good).status_code == 202
        assert client.post("/hooks/sheet/nobody", headers=good).status_code == 404
    database.dispose()


def test_a_process_that_does_not_watch_rings_the_one_that_does(settings):
    with throwaway_postgres() as url:
        database = open_database(url)
        watching = TabStore(database)
        watching.take_over(SPREADSHEET_ID)
        web = SheetTrigger(settings, (DOOR.derived_rule(settings),), database)
        assert web.wake("sheet")
        assert watching.rings(SPREADSHEET_ID) == 1
        database.dispose()


async def test_without_a_web_token_there_is_no_hook(settings):
    database = open_database(settings.database_url)
    bare = settings.model_copy(update={"web_token": None})
    assert SheetTrigger(bare, (DOOR.derived_rule(bare),), database).routes(no_emit) == []
    database.dispose()


async def test_check_finds_everything_fine(settings):
    findings = await check(settings, (DOOR.derived_rule(settings),))
    assert all(finding.ok for finding in findings)
    assert ACCOUNT in findings[0].words


async def test_check_names_the_address_to_share_with(settings, standin):
    standin.book().writers.clear()
    (_, finding) = await check(settings, (DOOR.derived_rule(settings),))
    assert not finding.ok
    assert ACCOUNT in finding.words + finding.fix


async def test_check_names_wrong_id_headers_and_protection(settings, standin):
    rules = (DOOR.derived_rule(settings),)
    wrong = Rule(name="w", on="sheet", ask="{Question}", options=SheetRule(spreadsheet="nothing", tab="Questions"))
    assert "no spreadsheet with the id nothing" in (await check(settings, (wrong,)))[-1].words
    standin.person().protect("Questions", "B1:B100")
    assert "column B is protected" in (await check(settings, rules))[-1].words
    standin.person().type("Questions", "B1", "Reply")
    assert 'no column "Answer"' in (await check(settings, rules))[-1].words


async def test_check_names_a_revoked_key_and_a_missing_file(settings, standin, tmp_path):
    rules = (DOOR.derived_rule(settings),)
    standin.revoke_key()
    assert "no longer accepts" in (await check(settings, rules))[-1].words
    gone = Settings(_env_file=None, google_service_account_file=tmp_path / "nothing.json", sheet_id=SPREADSHEET_ID)
    assert "cannot be read" in (await check(gone, rules))[0].words


async def test_check_names_a_placeholder_without_a_header_and_a_persons_own_status_column(settings, standin):
    rule = Rule(name="s", on="sheet", ask="{Qestion}", options=SheetRule())
    (finding,) = [one for one in await check(settings, (rule,)) if not one.ok]
    assert "{Qestion}" in finding.words
    standin.person().type("Questions", "C2", "Wall-E")
    (finding,) = [one for one in await check(settings, (DOOR.derived_rule(settings),)) if not one.ok]
    assert "SHEET_STATUS_COLUMN" in finding.words


async def test_check_says_that_the_clock_is_wrong_and_not_the_key(settings, standin):
    standin.wall_clock = lambda: time.time() + 7_200.0
    words = (await check(settings, (DOOR.derived_rule(settings),)))[-1].words
    assert "clock is wrong" in words
    assert "no longer accepts" not in words


async def test_a_url_with_a_gid_means_that_tab(settings, standin):
    standin.add_spreadsheet({"First": [["x"]], "Second": [["Question", "Answer", "Bot"], ["one"]]})
    gid = standin.book().tabs[1].tab_id
    url = f"https://docs.google.com/spreadsheets/d/{SPREADSHEET_ID}/edit?gid={gid}#gid={gid}"
    own = settings.door(SheetSettings).model_dump() | {"sheet_tab": None}
    chosen = Settings(_env_file=None, database_url=settings.database_url, **own | {"sheet_id": url})
    assert all(finding.ok for finding in await check(chosen, (DOOR.derived_rule(chosen),)))
    async with running(chosen) as house:
        await until(lambda: len(house.ends) == 1)
    assert standin.grid("Second")[1][:2] == ["one", "A:one"]
    nowhere = Settings(_env_file=None, **own | {"sheet_id": url.replace(str(gid), "4711")})
    assert "gid=4711" in (await check(nowhere, (DOOR.derived_rule(nowhere),)))[-1].words


async def test_two_rules_on_one_tab_stop_the_start(settings):
    database = open_database(settings.database_url)
    tab = SheetRule(tab="Questions")
    rules = tuple(Rule(name=name, on="sheet", ask="{Question}", options=tab) for name in ("a", "b"))
    with pytest.raises(SettingsError, match="want the same tab"):
        SheetTrigger(settings, rules, database)
    database.dispose()


def test_who_takes_over_looks_after_the_spreadsheet_and_the_one_before_learns_it(settings):
    database = open_database(settings.database_url)
    frozen, second = TabStore(database), TabStore(database)
    frozen.take_over(SPREADSHEET_ID)
    assert frozen.is_ours(SPREADSHEET_ID)
    second.take_over(SPREADSHEET_ID)
    assert second.is_ours(SPREADSHEET_ID)
    assert not frozen.is_ours(SPREADSHEET_ID)
    frozen.release(SPREADSHEET_ID)
    assert second.is_ours(SPREADSHEET_ID)
    database.dispose()
