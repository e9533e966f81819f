"""The tests of the Slack replies against the strict stand-in, over sockets with the real slack_sdk."""

import asyncio
import random
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime

import pytest

from benchmarks.slack_streams import prose
from bot.doors.slack.paced import PacedSlack
from bot.doors.slack.settings import SlackSettings
from bot.errors import NotWanted, Refused, SettingsError
from bot.events import Event, SlackThread
from handlers.replies.slack.slack_replies import SlackReplies
from playground.slack import Fault, Options, SlackStandIn
from tests.handlers.replies.slack.rig import answer

CHANNEL = "C0GENERAL"


@contextmanager
def standing_slack(**options):
    slack = SlackStandIn(options=Options(**options))
    with slack.serve():
        yield slack


@asynccontextmanager
async def replies_at(slack, **settings):
    base = {"slack_bot_token": slack.bot_token, "slack_api_url": slack.api_url}
    own = SlackSettings(_env_file=None, **base, **settings)
    replies = SlackReplies(own, PacedSlack(own))
    try:
        yield replies
    finally:
        await replies.aclose()


def question(slack, event_id="e1"):
    ts = slack.say("U0ANNA", CHANNEL, "@bellhop why?")
    thread = SlackThread("T0BELLHOP", CHANNEL, ts, ts, "U0ANNA")
    return Event(event_id, "slack", "slack", "why?", "why?", datetime.now(UTC), ts, thread)


async def answered(replies, asked, text, seconds):
    reply = replies.reply_for(asked)
    await reply.open(None)
    for step in range(1, 41):
        await asyncio.sleep(seconds / 40)
        await replies.reply_for(asked).show(text[: len(text) * step // 40])
    await reply.finish(answer(text))


def stands(slack, asked):
    return [message.visible for message in slack.thread(CHANNEL, asked.conversation)]


@pytest.mark.parametrize("streaming", ["edits", "native"])
def test_an_answer_grows_and_ends_exactly(streaming):
    async def main(slack):
        async with replies_at(slack, slack_streaming=streaming) as replies:
            asked = question(slack)
            text = prose(1_200)
            await answered(replies, asked, text, 3.5)
            assert stands(slack, asked) == [text]
            used = replies.paced.used_calls()
            assert used["chat.update" if streaming == "edits" else "chat.appendStream"][0] >= 2
            assert used["assistant.threads.setStatus"] == (1, 100)

    with standing_slack() as slack:
        asyncio.run(main(slack))
        (message,) = slack.thread(CHANNEL, slack.messages(CHANNEL)[-1].root_ts)
        assert slack.calls.ratelimited() == 0
        assert message.pings == ()
        assert not any(version.edited for version in message.versions)


def test_a_very_long_answer_is_a_file_in_the_thread():
    async def main(slack):
        async with replies_at(slack) as replies:
            asked = question(slack)
            text = prose(50_000)
            await replies.reply_for(asked).finish(answer(text))
            message, file = slack.thread(CHANNEL, asked.conversation)
            assert text.startswith(message.visible)
            (stored,) = slack.workspace.files.values()
            assert stored.content.decode() == text
            assert file.files

    with standing_slack() as slack:
        asyncio.run(main(slack))


@pytest.mark.parametrize("count", [3, pytest.param(25, marks=pytest.mark.full)])
def test_answers_under_every_trouble_are_each_there_once_and_exact(count):
    chance = random.Random(3)
    troubles = [Fault("lost"), Fault("drop"), Fault("server_error"), Fault("ratelimited", 1.0), Fault("slow", 0.3)]

    async def main(slack):
        async with replies_at(slack) as replies:
            asked = [question(slack, f"e{number}") for number in range(count)]
            texts = [prose([700, 40, 13_000][number % 3], number) for number in range(count)]
            slack.plan_faults(lambda method, args: chance.choice(troubles) if chance.random() < 0.1 else None)
            await asyncio.gather(
                *(answered(replies, one, text, chance.uniform(0.2, 3)) for one, text in zip(asked, texts, strict=True))
            )
            for one, text in zip(asked, texts, strict=True):
                assert "".join(stands(slack, one)) == text

    with standing_slack(posts_per_second=20.0) as slack:
        asyncio.run(main(slack))


def test_a_notice_is_seen_by_one_person_only():
    async def main(slack):
        async with replies_at(slack) as replies:
            assert await replies.post_ephemeral(CHANNEL, "U0BEN", "Ask an admin to allow you, <!channel>.")
            assert not await replies.post_ephemeral("C0NOWHERE", "U0BEN", "Hello")

    with standing_slack() as slack:
        asyncio.run(main(slack))
        (notice,) = slack.workspace.ephemerals
        assert (notice.only_for, notice.pings) == ("U0BEN", ())


def test_the_same_event_has_one_reply_until_it_is_answered():
    async def main(slack):
        async with replies_at(slack) as replies:
            asked = question(slack)
            first = replies.reply_for(asked)
            assert replies.reply_for(asked) is first
            await first.finish(answer("Yes."))
            assert replies.reply_for(asked) is not first
            await replies.reply_for(asked).finish(answer("Yes."))
            assert stands(slack, asked) == ["Yes."]

    with standing_slack() as slack:
        asyncio.run(main(slack))


def test_without_a_token_the_setting_is_named():
    with pytest.raises(SettingsError, match="SLACK_BOT_TOKEN"):
        PacedSlack(SlackSettings(_env_file=None))


def test_an_answer_whose_question_is_gone_leaves_neither_a_reply_nor_a_message_in_the_channel():
    async def main(slack):
        async with replies_at(slack) as replies:
            asked = question(slack)
            reply = replies.reply_for(asked)
            await reply.open(None)
            slack.crowd.delete(CHANNEL, asked.conversation)
            with pytest.raises(NotWanted):
                await reply.finish(answer("Because."))
            return [message.visible for message in slack.messages(CHANNEL) if not message.deleted]

    with standing_slack() as slack:
        assert asyncio.run(main(slack)) == []


def test_a_message_that_slack_refuses_is_shown_in_its_own_markup_and_the_next_one_as_markdown():
    async def main(slack):
        async with replies_at(slack) as replies:
            for number, text in enumerate(("**POISON**", "**fine**")):
                asked = question(slack, f"e{number}")
                await answered(replies, asked, text, 0.2)
                yield stands(slack, asked)

    async def shown(slack):
        return [one async for one in main(slack)]

    with standing_slack(refused_words="**POISON**") as slack:
        assert asyncio.run(shown(slack)) == [["*POISON*"], ["**fine**"]]


@pytest.mark.parametrize("channel", ["C0QUIET", "C0OLD"])
def test_where_nothing_can_be_posted_the_shortcuts_own_way_says_so_before_anything_is_paid(channel):
    async def main(slack):
        async with replies_at(slack) as replies:
            ts = slack.say("U0ANNA", channel, "hello?")
            payload = slack.crowd.shortcut("U0ANNA", ts, "bellhop_ask", channel=channel).payload
            thread = SlackThread("T0BELLHOP", channel, ts, ts, "U0ANNA", payload["response_url"])
            asked = Event("e1", "slack", "slack", "why?", "why?", datetime.now(UTC), ts, thread)
            with pytest.raises(Refused) as refused:
                await replies.reply_for(asked).open(None)
            await replies.reply_for(asked).fail(refused.value.reason)
            return [(one.only_for, one.text) for one in slack.workspace.ephemerals], refused.value.reason

    with standing_slack() as slack:
        told, reason = asyncio.run(main(slack))
    assert told == [("U0ANNA", reason)]
    assert ("/invite @Bellhop" in reason) == (channel == "C0QUIET")
