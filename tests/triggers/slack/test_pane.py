"""The assistant pane over real sockets: a greeting and prompts when it opens, a title with its first question."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from bot.doors.slack.paced import PacedSlack
from bot.rules.rule import Rule
from playground.slack import Options, SlackStandIn
from tests.triggers.slack.test_decision import RECIPIENT, body, decision
from tests.triggers.slack.test_trigger import FakeEvents, Notices, settings_for, until
from triggers.slack import SlackTrigger, Wiring
from triggers.slack.decision import Ignored, Question
from triggers.slack.pane import GREETING, Pane

pytestmark = pytest.mark.anyio
RULES = (Rule(name="slack", on="slack"),)


@pytest.fixture
def slack():
    stand_in = SlackStandIn(speed=20, options=Options(ack_s=60.0))
    with stand_in.serve():
        yield stand_in


@asynccontextmanager
async def running(slack, known):
    paced = PacedSlack(settings_for(slack))
    wiring = Wiring(known, Notices().give, second_socket_after_s=0.2, pane=Pane(paced.pacer))
    trigger = SlackTrigger(settings_for(slack), RULES, wiring)
    task = asyncio.create_task(trigger.run(known.emit))
    try:
        await until(lambda: trigger.health().ok)
        yield trigger
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await paced.aclose()


async def test_who_opens_the_pane_is_greeted_once_with_prompts_and_the_first_question_names_the_talk(slack):
    known = FakeEvents()
    async with running(slack, known):
        channel, thread_ts = await asyncio.to_thread(slack.crowd.open_assistant, "U0ANNA")
        await until(lambda: slack.workspace.prompts)
        await asyncio.to_thread(slack.redeliver, slack.deliveries[0])
        await asyncio.to_thread(slack.say, "U0ANNA", channel, "How tall is Everest?", thread_ts)
        await until(lambda: slack.workspace.titles)
        await asyncio.to_thread(slack.say, "U0ANNA", channel, "And K2?", thread_ts)
        await until(lambda: len(known.events) == 2)
    said = [one.visible for one in slack.thread(channel, thread_ts) if one.user == "U0BELLHOP"]
    assert said == [GREETING]
    assert len(slack.workspace.prompts[channel, thread_ts]) == 4
    assert slack.workspace.titles == {(channel, thread_ts): "How tall is Everest?"}


async def test_a_thread_that_the_person_began_gets_no_title(slack):
    known = FakeEvents()
    async with running(slack, known):
        ts = await asyncio.to_thread(slack.say, "U0ANNA", "D0ANNA", "hello")
        await until(lambda: known.events)
        await asyncio.to_thread(slack.say, "U0ANNA", "D0ANNA", "and now?", ts)
        await until(lambda: len(known.events) == 2)
    assert not slack.calls.of("assistant.threads.setTitle")


async def test_a_person_of_a_sister_workspace_is_answered_and_an_outsider_is_not(slack):
    slack.change(enterprise=True)
    known = FakeEvents()
    async with running(slack, known):
        await asyncio.to_thread(slack.say, "U0OUTSIDER", "C0SHARED", "@bellhop psst")
        await asyncio.to_thread(slack.say, "W0SISTER", "C0SHARED", "@bellhop hello")
        await asyncio.to_thread(slack.say, "U0ANNA", "C0SHARED", "@bellhop last")
        await until(lambda: len(known.events) == 2)
    assert {event.text for event in known.events.values()} == {"hello", "last"}


def test_only_a_workspace_with_an_organisation_has_sisters():
    theirs = body(text="<@UBOT> hi", user_team="T2")
    sisters = replace(RECIPIENT, is_sister=lambda _: True)
    assert isinstance(decision(theirs, sisters), Ignored)
    assert isinstance(decision(theirs, replace(sisters, enterprise="E1")), Question)
