"""What is known before a question: who said what, in which order, with which files."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.doors.slack.paced import PacedSlack
from bot.doors.slack.settings import SlackSettings
from bot.events import Answer, Attachment, Event, Receipt, SlackThread
from handlers.context.slack.download import Downloads
from handlers.context.slack.thread import NOT_READ, ThreadReader
from playground.slack import Fault, Options, SlackStandIn
from tests.handlers.documents.samples import docx_with
from triggers.slack.decision import Recipient, attachment_from_file, question_from_message

pytestmark = pytest.mark.anyio


class FakeHeld:
    """Events and answers as the receipts hold them."""

    def __init__(self, answers=()):
        self.answers, self.events, self.receipts = dict(answers), {}, []

    def hold(self, event, answer=None, took_s=1.0):
        """Remember a question, and its answer when there is one."""
        self.events[event.id] = event
        end = event.time + timedelta(seconds=took_s) if answer else None
        receipt = Receipt(event.id, "slack", "slack", "", event.conversation, "answered", event.time, finished_at=end)
        self.receipts.insert(0, receipt)
        if answer:
            self.answers[event.id] = Answer(answer, "m", "end_turn")

    def in_conversation(self, conversation, limit=100):
        return [one for one in self.receipts if one.conversation == conversation][:limit]

    def newest(self, state=None, source=None, limit=50):
        return self.receipts[:limit]

    def event(self, event_id):
        return self.events.get(event_id)

    def answer(self, event_id):
        return self.answers.get(event_id)


@pytest.fixture
def slack():
    stand_in = SlackStandIn(speed=20, options=Options(echo=False))
    with stand_in.serve():
        yield stand_in


@pytest.fixture
async def reader(slack, tmp_path):
    settings = SlackSettings(
        _env_file=None,
        slack_bot_token=slack.bot_token,
        slack_api_url=slack.api_url,
    )
    paced = PacedSlack(settings)
    ours = {"e1": Answer("our **exact** answer", "m", "end_turn")}
    downloads = Downloads(slack.bot_token, slack.api_url, tmp_path / "files" / "slack", 200_000)
    yield ThreadReader(paced.pacer, downloads, FakeHeld(ours))
    await paced.aclose()


def question(slack, ts, thread_ts, channel="C0GENERAL", attachments=(), fields=None):
    return Event(
        id="q",
        source="slack",
        rule="slack",
        text="and now?",
        subject="",
        time=datetime.now(UTC),
        conversation="c",
        reply_to=SlackThread("T0BELLHOP", channel, thread_ts, ts, "U0ANNA"),
        attachments=attachments,
        fields=fields or {},
        person="U0ANNA",
    )


def attached(slack, ts, channel="C0GENERAL"):
    return tuple(attachment_from_file(file) for file in slack.message(channel, ts).files)


async def test_a_first_question_costs_the_names_of_who_asks_and_where_and_those_once(slack, reader):
    ts = slack.say("U0ANNA", "C0GENERAL", "hello")
    for _ in range(2):
        gathered = await reader.gather(question(slack, ts, ts))
        assert gathered.turns == ()
    assert not slack.calls.of("conversations.replies")
    assert len(slack.calls.of("users.info")) == len(slack.calls.of("conversations.info")) == 1


async def test_other_people_in_the_question_are_named_and_asked_for_once(slack, reader):
    ts = slack.say("U0ANNA", "C0GENERAL", "hello")
    asked = replace(question(slack, ts, ts), text="ask <@U0CARLA> and <@U0NOBODY|nobody>: is a < b &amp; c?")
    for _ in range(2):
        gathered = await reader.gather(asked)
        assert gathered.text == "ask @carla and @nobody: is a < b &amp; c?"
    assert len(slack.calls.of("users.info")) == 3  # the asker's too


async def test_the_thread_tells_who_said_what_and_which_words_are_ours(slack, reader):
    root = slack.say("U0ANNA", "C0GENERAL", "the printer burns")
    slack.say("U0BEN", "C0GENERAL", "ask <@U0CARLA> &amp; the <https://fire.example|brigade>", root)
    from slack_sdk import WebClient

    WebClient(slack.bot_token, base_url=slack.api_url).chat_postMessage(
        channel="C0GENERAL",
        thread_ts=root,
        text="our answer",
        metadata={"event_type": "bellhop_answer", "event_payload": {"event_id": "e1", "part": 0}},
    )
    slack.crowd.say_as_bot("U0OTHERBOT", "C0GENERAL", "beep", root)
    ts = slack.say("U0ANNA", "C0GENERAL", "and now?", root)
    gathered = await reader.gather(question(slack, ts, root))
    first, second, ours, bot = gathered.turns
    assert (first.text, first.trusted, first.ours) == ("the printer burns", True, False)
    assert (second.speaker, second.trusted) == ("ben", False)
    assert "@carla" in second.text
    assert (ours.text, ours.ours) == ("our **exact** answer", True)
    assert "(a bot)" in bot.speaker
    assert gathered.notes == ()


async def test_a_thread_is_read_once_and_then_only_what_is_new(slack, reader):
    root = slack.say("U0ANNA", "C0GENERAL", "one")
    for number in range(40):
        slack.say("U0BEN", "C0GENERAL", f"reply {number}", root)
    slack.change(history="distributed", tiers={"conversations.replies": 50})
    ts = slack.say("U0ANNA", "C0GENERAL", "and now?", root)
    gathered = await reader.gather(question(slack, ts, root))
    assert [turn.text for turn in gathered.turns] == ["one", *(f"reply {number}" for number in range(40))]
    pages = len(slack.calls.of("conversations.replies"))
    later = slack.say("U0ANNA", "C0GENERAL", "and then?", root)
    again = await reader.gather(question(slack, later, root))
    assert again.turns[-1].text == "and now?"
    assert len(slack.calls.of("conversations.replies")) == pages + 1


async def test_a_question_is_answered_without_its_thread_rather_than_late(slack, reader, monkeypatch):
    import handlers.context.slack.transcript as thread

    monkeypatch.setattr(thread, "READ_WITHIN_S", 0.5)
    root = slack.say("U0ANNA", "C0GENERAL", "one")
    ts = slack.say("U0ANNA", "C0GENERAL", "and now?", root)
    slack.fault("conversations.replies", Fault("ratelimited", seconds=60), times=None)
    assert (await reader.gather(question(slack, ts, root))).notes == (NOT_READ,)


async def test_files_of_the_question_and_of_the_thread_are_read_once(slack, reader):
    plan = docx_with(["The move is on Friday."], [["box", "42"]])
    root = slack.say("U0BEN", "C0GENERAL", "our plan", files={"plan.docx": plan})
    ts = slack.say("U0ANNA", "C0GENERAL", "see", root, {"note.txt": b"mind the gap"})
    gathered = await reader.gather(question(slack, ts, root, attachments=attached(slack, ts)))
    assert "The move is on Friday." in str(gathered.turns[0].documents)
    assert "mind the gap" in str(gathered.documents)
    assert gathered.notes == ()


async def test_a_mention_without_its_files_takes_them_from_the_thread(slack, reader):
    root = slack.say("U0ANNA", "C0GENERAL", "one")
    ts = slack.say("U0ANNA", "C0GENERAL", "see", root, {"note.txt": b"mind the gap"})
    assert "mind the gap" in str((await reader.gather(question(slack, ts, root))).documents)


async def test_a_file_at_another_host_comes_without_the_token(slack, reader):
    slack.change(files_elsewhere=True)
    ts = slack.say("U0ANNA", "C0GENERAL", "see", files={"note.txt": b"mind the gap"})
    gathered = await reader.gather(question(slack, ts, ts, attachments=attached(slack, ts)))
    assert "mind the gap" in str(gathered.documents)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("https://drive.example/file", "another service"),
        ("https://evilslack.com/file", "another service"),
        ("http://files.slack.com/file", "another service"),
    ],
)
async def test_the_token_goes_to_slack_alone(slack, reader, url, words):
    gathered = await reader.gather(question(slack, "1.0", "1.0", attachments=(Attachment("a.pdf", url=url),)))
    assert words in gathered.notes[0]


async def test_a_sign_in_page_in_place_of_a_file_names_the_scope(slack, reader, tmp_path):
    ts = slack.say("U0ANNA", "C0GENERAL", "see", files={"note.txt": b"x"})
    event = question(slack, ts, ts, attachments=attached(slack, ts))
    slack.change(bot_token="xoxb-renewed")
    assert "files:read" in (await reader.gather(event)).notes[0]


async def test_a_file_that_is_too_large_is_said_and_not_kept(slack, reader, tmp_path):
    ts = slack.say("U0ANNA", "C0GENERAL", "see", files={"big.txt": b"x" * 300_000})
    gathered = await reader.gather(question(slack, ts, ts, attachments=attached(slack, ts)))
    assert "larger than" in gathered.notes[0]


async def test_a_shortcut_brings_the_message_it_asks_about(slack, reader):
    ts = slack.say("U0BEN", "C0GENERAL", "what a day")
    (turn,) = (await reader.gather(question(slack, ts, ts, fields={"message": "what a day"}))).turns
    assert (turn.text, turn.trusted) == ("what a day", False)


def test_question_from_message_and_reader_agree_on_the_place():
    recipient = Recipient("T1", "UBOT", "BBOT", ())
    from bot.rules.rule import Rule

    message = {"channel": "C1", "ts": "1.5", "user": "U1", "text": "hi"}
    event = question_from_message(message, Rule(name="slack", on="slack"), recipient)
    assert isinstance(event.reply_to, SlackThread)
    assert event.reply_to.thread_ts == event.reply_to.message_ts
