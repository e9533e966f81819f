"""`bot check` names the wrong token and the missing scope, and how to mend them."""

import json
from pathlib import Path

import pytest

from bot.doors.slack.settings import SlackSettings
from bot.rules.rule import Rule
from bot.settings import load_settings
from playground.slack import SlackStandIn
from triggers.slack.check import NEEDED_SCOPES, check, check_replies

pytestmark = pytest.mark.anyio
MANIFEST = json.loads((Path(__file__).resolve().parents[3] / "bot" / "doors" / "slack" / "manifest.json").read_text())


@pytest.fixture
def slack():
    stand_in = SlackStandIn(speed=20)
    with stand_in.serve():
        yield stand_in


async def findings(slack, **more):
    base = {"slack_bot_token": slack.bot_token, "slack_app_token": slack.app_token, "slack_api_url": slack.api_url}
    return await check(SlackSettings(_env_file=None, **{**base, **more}))


async def test_good_tokens_are_fine(slack):
    assert all(finding.ok for finding in await findings(slack))


async def test_a_wrong_bot_token_is_named_and_never_shown(slack):
    wrong = [f for f in await findings(slack, slack_bot_token="xoxb-wrong-token") if not f.ok]
    assert [f.subject for f in wrong] == ["bot token"]
    assert "invalid_auth" in wrong[0].words
    assert "xoxb-wrong-token" not in str(wrong)


async def test_swapped_tokens_are_told_apart(slack):
    wrong = await findings(slack, slack_bot_token=slack.app_token, slack_app_token=slack.bot_token)
    assert all(not finding.ok for finding in wrong)


async def test_a_missing_scope_is_named(slack):
    slack.change(scopes=tuple(scope for scope in slack.workspace.options.scopes if scope != "files:read"))
    (wrong,) = [f for f in await findings(slack) if not f.ok]
    assert (wrong.subject, wrong.words) == ("scopes", "missing files:read")


async def test_slack_out_of_reach_is_said(slack):
    wrong = await findings(slack, slack_api_url="http://127.0.0.1:9/api/")
    assert all("not reached" in finding.words for finding in wrong)


def test_the_manifest_asks_for_every_scope_and_event_that_is_used():
    scopes = set(MANIFEST["oauth_config"]["scopes"]["bot"])
    assert set(NEEDED_SCOPES) <= scopes
    events = set(MANIFEST["settings"]["event_subscriptions"]["bot_events"])
    assert {"app_mention", "message.channels", "message.groups", "message.im", "message.mpim"} <= events
    assert MANIFEST["settings"]["socket_mode_enabled"]
    assert MANIFEST["features"]["shortcuts"][0]["callback_id"] == "bellhop_ask"


@pytest.mark.parametrize(
    ("place", "ok", "words"),
    [
        ("C0GENERAL", True, "#general can be posted to"),
        ("C0NOSUCH", False, "there is no such channel, or it is private"),
    ],
)
async def test_the_channels_that_rules_name_are_tried(slack, place, ok, words):
    settings = load_settings(_env_file=None, slack_bot_token=slack.bot_token, slack_api_url=slack.api_url)
    (finding,) = await check_replies(settings, [(Rule(name="a", on="slack"), place)])
    assert (finding.ok, finding.words) == (ok, words)
