"""Whether an answer grows in Slack: one post where it was sent there from elsewhere, as the rule says in a chat."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from benchmarks.slack_streams import prose
from bot.doors.slack.paced import PacedSlack
from bot.doors.slack.settings import SlackSettings
from bot.events import Answer, Event, FilePath, SlackThread
from bot.rules.rule import Rule, RuleBook
from bot.settings import load_settings
from bot.wiring import known
from handlers.answer import AnswerHandler
from handlers.replies.slack.slack_replies import SlackReplies
from playground.slack import Options, SlackStandIn
from tests.handlers.test_answer import SpokenClaude

CHANNEL = "C0GENERAL"
ROUTED = Rule(name="papers", on="folder", ask="Sum up {filename}.", reply=(f"slack:{CHANNEL}",))
CHAT = Rule(name="slack", on="slack")


class SlowClaude(SpokenClaude):
    """A Claude whose stream takes two seconds, so that a watched answer is edited as it grows."""

    async def stream(self, ask, show, stop, till=None):
        self.ways.append("stream")
        for step in range(1, 21):
            await show(self.text[: len(self.text) * step // 20])
            await asyncio.sleep(0.1)
        return Answer(self.text, ask.model, "end_turn")


@pytest.fixture
def slack():
    stand_in = SlackStandIn(options=Options(echo=False))
    with stand_in.serve():
        yield stand_in


def dropped():
    when = datetime.now(UTC)
    return Event("folder:1", "folder", "papers", "All facts.", "a.txt", when, "folder:a.txt", FilePath("/in", "a.txt"))


def asked(slack):
    ts = slack.say("U0ANNA", CHANNEL, "@bellhop why?")
    thread = SlackThread("T0BELLHOP", CHANNEL, ts, ts, "U0ANNA")
    return Event("slack:1", "slack", "slack", "why?", "why?", datetime.now(UTC), ts, thread)


def answered(slack, rule, event, text):
    """Run the event through the handler; returns how Claude was asked, and how many posts and edits Slack saw."""

    async def main():
        own = SlackSettings(_env_file=None, slack_bot_token=slack.bot_token, slack_api_url=slack.api_url)
        paced = PacedSlack(own)
        replies = SlackReplies(own, paced)
        claude = SlowClaude(text)
        settings = load_settings(_env_file=None)
        handler = AnswerHandler(RuleBook((rule,)), settings, claude, {"slack": replies}, known())
        place = await handler.open_reply(event, 1)
        await handler.deliver(event, place, await handler.answer(event, place, asyncio.Event()))
        await replies.aclose()
        return claude.ways[-1]

    way = asyncio.run(main())
    return way, len(slack.calls.of("chat.postMessage")), len(slack.calls.of("chat.update"))


def test_what_is_sent_there_from_elsewhere_is_one_post(slack):
    assert answered(slack, ROUTED, dropped(), prose(900)) == ("complete", 1, 0)
    (message,) = slack.messages(CHANNEL)
    assert message.visible == prose(900)


def test_a_long_one_goes_on_in_a_thread_below_its_first_part(slack):
    text = prose(15_000)
    way, posts, edits = answered(slack, ROUTED, dropped(), text)
    parts = slack.messages(CHANNEL)
    assert (way, posts, edits) == ("complete", len(parts), 0)
    assert [part.root_ts for part in parts] == [parts[0].ts] * len(parts)
    assert len(parts) > 1
    assert "".join(part.visible for part in parts).split() == text.split()


def test_with_stream_true_it_grows_there_all_the_same(slack):
    way, posts, edits = answered(slack, replace(ROUTED, stream=True), dropped(), prose(900))
    assert (way, posts) == ("stream", 1)
    assert edits >= 1


@pytest.mark.parametrize(("stream", "wanted"), [(None, "stream"), (True, "stream"), (False, "complete")])
def test_a_chat_streams_unless_its_rule_says_no(slack, stream, wanted):
    way, posts, edits = answered(slack, replace(CHAT, stream=stream), asked(slack), prose(900))
    assert (way, posts) == (wanted, 1)
    assert (edits > 0) is (wanted == "stream")


def test_after_a_crash_between_two_parts_those_in_the_thread_are_found_again(slack):
    text = prose(15_000)
    event = dropped()
    answered(slack, ROUTED, event, text)
    before = [part.ts for part in slack.messages(CHANNEL)]

    async def again():
        own = SlackSettings(_env_file=None, slack_bot_token=slack.bot_token, slack_api_url=slack.api_url)
        replies = SlackReplies(own, PacedSlack(own))
        settings, claude = load_settings(_env_file=None), SlowClaude(text)
        handler = AnswerHandler(RuleBook((ROUTED,)), settings, claude, {"slack": replies}, known())
        place = await handler.open_reply(event, 2)
        await handler.deliver(event, place, Answer(text, "claude-test", "end_turn"))
        await replies.aclose()

    asyncio.run(again())
    assert [part.ts for part in slack.messages(CHANNEL)] == before


def test_one_answer_goes_into_two_channels_once_each(slack):
    rule = replace(ROUTED, reply=(f"slack:{CHANNEL}", "slack:C0HELP"))
    way, posts, edits = answered(slack, rule, dropped(), prose(900))
    assert (way, posts, edits) == ("complete", 2, 0)
    assert [len(slack.messages(channel)) for channel in (CHANNEL, "C0HELP")] == [1, 1]
