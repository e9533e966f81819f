"""An alert is an event that goes where ALERT_REPLY says, once, and that Claude is not asked about."""

import asyncio
from datetime import UTC, datetime

import pytest

from bot.errors import SettingsError, TryAgain
from bot.events import FilePath, SlackThread
from bot.settings import load_settings
from bot.wiring import known
from handlers.alerts import SOURCE, Alerts, alert, check_alert_reply
from tests.handlers.test_answer import CHAT, Stage

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 29, 14, 30, tzinfo=UTC)


def test_the_same_thing_is_the_same_event_wherever_it_goes():
    first = alert("budget:2026-11-29:all", "80 %", "slack:C1", known(), NOW)
    assert (first.id, first.text, first.reply_to) == (
        "alert:budget:2026-11-29:all",
        "80 %",
        SlackThread("", "C1", None),
    )
    filed = alert("budget:2026-11-29:all", "80 %", "file:/alerts", known(), NOW)
    assert isinstance(filed.reply_to, FilePath)
    assert filed.id == first.id


@pytest.mark.parametrize(
    ("place", "words"),
    [("pigeon:Paris", "expected .*slack:CHANNEL"), ("slack:", "expected"), ("slack:C1", "needs SLACK_BOT_TOKEN")],
)
def test_a_place_that_is_none_stops_the_start(place, words):
    with pytest.raises(SettingsError, match=f"ALERT_REPLY.*{words}"):
        check_alert_reply(load_settings(_env_file=None, alert_reply=place), known())


async def test_without_a_place_nothing_is_told_and_a_database_that_is_away_hurts_nobody():
    async def emit(event, record=None):
        raise TryAgain("The database is away.")

    await Alerts("", known(), emit).tell("a", "words")
    await Alerts("file:/alerts", known(), emit).tell("a", "words")


async def test_claude_is_not_asked_about_it():
    stage = Stage(CHAT)
    event = alert("a", "80 % are spent.", "slack:C1", known(), NOW)
    assert event.source == SOURCE
    answer = await stage.handler.answer(event, {}, asyncio.Event())
    assert (answer.text, answer.cost_usd, stage.claude.asks) == ("80 % are spent.", 0.0, [])
    await stage.handler.deliver(event, {}, answer)
    assert stage.replies[0].did[-1] == ("finish", "80 % are spent.")
