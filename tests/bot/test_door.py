"""A door as data: whether an answer grows there, what opens it, where its answers go."""

from dataclasses import replace

import pytest

from bot.door import Profile, streams
from bot.errors import Refused
from bot.events import FilePath, SlackThread
from bot.rules.rule import Rule, RuleBook
from bot.settings import load_settings
from bot.wiring import known, rules_of
from tests.handlers.test_prompt import event_of

CHAT = Rule(name="slack", on="slack")
WATCHED, UNWATCHED = Profile(streams=True), Profile()


@pytest.mark.parametrize(
    ("rule", "profile", "wanted"),
    [
        (CHAT, WATCHED, True),
        (CHAT, UNWATCHED, False),
        (None, WATCHED, True),
        (None, UNWATCHED, False),
        (replace(CHAT, stream=False), WATCHED, False),
        (replace(CHAT, stream=True), UNWATCHED, True),
        (replace(CHAT, reply=("slack:C1",)), WATCHED, False),
        (replace(CHAT, reply=("slack:C1",), stream=True), UNWATCHED, True),
        (replace(CHAT, reply=("slack:C1",), stream=False), WATCHED, False),
        (replace(CHAT, columns={"A": "text"}, stream=True), WATCHED, False),
    ],
)
def test_an_answer_grows_as_its_rule_says_else_as_its_door_does(rule, profile, wanted):
    assert streams(rule, profile) is wanted


def test_of_the_doors_that_there_are_chats_and_hooks_grow():
    assert [name for name, door in known().doors.items() if door.profile.streams] == ["slack", "webhook"]


SLACK = {"slack_bot_token": "xoxb-1", "slack_app_token": "xapp-1"}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"slack_bot_token": "x"}, "SLACK_BOT_TOKEN is set, but SLACK_APP_TOKEN is not. Make one at"),
        ({"slack_app_token": "x"}, "SLACK_APP_TOKEN is set, but SLACK_BOT_TOKEN is not. It is at"),
        ({"slack_signing_secret": "x"}, "SLACK_SIGNING_SECRET is set, but SLACK_BOT_TOKEN is not."),
        ({"sheet_id": "x"}, "SHEET_ID is set, but GOOGLE_SERVICE_ACCOUNT_FILE is not. Make a service account"),
        ({"google_service_account_file": "x"}, ""),
        (SLACK, ""),
        ({"slack_api_url": "http://x", "sheet_tab": "x"}, ""),
        ({}, ""),
    ],
)
def test_one_variable_set_and_another_forgotten_is_said(given, words):
    settings = load_settings(_env_file=None, **given)
    said = [half for door in known().doors.values() if (half := door.half_open(settings))]
    assert [half[: len(words)] for half in said] == ([words] if words else [])


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({}, []),
        (SLACK, ["slack"]),
        ({"slack_bot_token": "x", "slack_signing_secret": "y"}, ["slack"]),
        ({"slack_bot_token": "x"}, []),
        ({"watch_folder": "inbox", "sheet_id": "x"}, ["folder"]),
        ({"google_service_account_file": "x", "sheet_id": "x"}, ["sheet"]),
    ],
)
def test_a_door_is_open_when_nothing_is_missing(given, wanted):
    assert [door.name for door in known().open_doors(load_settings(_env_file=None, **given))] == wanted


HTTP = {"slack_bot_token": "x", "slack_signing_secret": "y"}


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({"watch_folder": "inbox", "web_token": "x"}, []),
        (SLACK, []),
        (HTTP, ["slack"]),
        ({**HTTP, "slack_app_token": "xapp-1"}, []),
        ({"watch_folder": "inbox", "webhook_secret": "x"}, ["webhook"]),
        ({**HTTP, "webhook_secret": "x"}, ["slack", "webhook"]),
    ],
)
def test_a_door_whose_events_come_by_http_alone_needs_the_web_server(given, wanted):
    settings = load_settings(_env_file=None, **given)
    assert [*known().need_web(settings, rules_of(settings))] == wanted


def test_only_the_rule_picks_the_place_of_an_answer():
    assert known().reply_address("slack: C9", event_of()) == SlackThread("", "C9", None)
    assert known().reply_address("file:/srv/out", event_of()) == FilePath("/srv/out", "e1")


def test_a_kind_of_reply_that_there_is_not_is_refused():
    with pytest.raises(Refused, match="should go to fax"):
        known().reply_address("fax:1", event_of())


def test_whoever_only_posts_to_slack_needs_no_way_to_hear_it():
    settings = load_settings(_env_file=None, slack_bot_token="xoxb-1")
    report = Rule(name="report", on="schedule", ask="Report.", reply=("file:out", "slack:C1"))
    assert known().fault_of(settings, RuleBook((report,))) == ""
    assert "SLACK_APP_TOKEN is not" in known().fault_of(settings, RuleBook((replace(report, reply=()),)))
