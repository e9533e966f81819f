"""From what Slack delivers to what Claude is told: the event that the trigger makes, and what its reader tells."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from slack_sdk import WebClient

from bot.rules.rule import Rule
from bot.serial import from_json, to_json
from handlers.context.slack.thread import CUT, NOT_READ, REMEMBERED
from playground.slack import Fault
from tests.handlers.context.slack.test_thread import reader, slack
from triggers.slack.buttons import question_from_shortcut
from triggers.slack.decision import Question, Recipient, decide

__all__ = ["reader", "slack"]
pytestmark = pytest.mark.anyio
PLACE, DM = "C0GENERAL", "D0ANNA"
RULES = (Rule(name="slack", on="slack"),)
RECIPIENT = Recipient("T0BELLHOP", "U0BELLHOP", "B0BELLHOP", RULES)


def event_at(slack, ts, recipient=RECIPIENT, ours=True):
    """The event of the message `ts`, as the trigger makes it of what Slack delivered."""
    for delivery in reversed(slack.deliveries):
        inner = delivery.payload.get("event") or {}
        if inner.get("ts") == ts and inner.get("type") in {"message", "app_mention"}:
            decision = decide(delivery.payload, recipient, lambda _: ours)
            assert isinstance(decision, Question), decision
            return decision.event
    raise AssertionError("not delivered")


def mark(event_id):
    return {"event_type": "bellhop_answer", "event_payload": {"event_id": event_id, "part": 0}}


# --- words that do not stand in `text`


async def test_a_forward_in_the_question_comes_fenced_with_its_author(slack, reader):
    source = slack.say("U0BEN", "C0HELP", "The build is red since @carla left")
    ts = slack.crowd.forward("U0ANNA", PLACE, source, "@bellhop what now?")
    event = event_at(slack, ts)
    gathered = await reader.gather(event)
    assert gathered.text.startswith("what now?\n\n<message-")
    assert 'sender="Ben Brecht" channel="#help"' in gathered.text
    assert gathered.text.count("The build is red since @carla left") == 1


async def test_a_forward_alone_in_a_direct_message_is_a_question(slack, reader):
    source = slack.say("U0BEN", "C0HELP", "please deploy")
    event = event_at(slack, slack.crowd.forward("U0ANNA", DM, source))
    assert event.subject == "please deploy"
    assert "please deploy" in (await reader.gather(event)).text


async def test_an_alert_is_forwarded_with_all_it_shows(slack, reader):
    fields = [{"title": "Host", "value": "db1"}]
    source = slack.crowd.say_as_bot("U0OTHERBOT", "C0HELP", "", attachments=[{"title": "CPU high", "fields": fields}])
    gathered = await reader.gather(event_at(slack, slack.crowd.forward("U0ANNA", DM, source, "why?")))
    assert "CPU high\nHost: db1" in gathered.text


async def test_a_pasted_table_is_part_of_the_question_and_of_the_thread(slack, reader):
    rows = [["Item", "Price"], ["Tea", "3"]]
    root = slack.crowd.paste_table("U0ANNA", PLACE, rows, "@bellhop the sum?")
    table = "| Item | Price |\n| --- | --- |\n| Tea | 3 |"
    assert (await reader.gather(event_at(slack, root))).text == f"the sum?\n\n{table}"
    ts = slack.say("U0ANNA", PLACE, "and twice?", root)
    (turn,) = (await reader.gather(event_at(slack, ts))).turns
    assert turn.text == f"the sum?\n\n{table}"


async def test_what_a_link_showed_and_what_an_app_said_stands_in_the_thread(slack, reader):
    root = slack.say("U0BEN", PLACE, "see https://n.example/1")
    page = {"from_url": "https://n.example/1", "service_name": "News", "title": "Rain", "text": "It rains."}
    slack.crowd.unfurl(PLACE, root, page)
    blocks = [
        {"type": "header", "text": {"type": "plain_text", "text": "Disk full"}},
        {"type": "section", "fields": [{"type": "mrkdwn", "text": "*Host*\ndb1"}]},
    ]
    slack.crowd.say_as_bot("U0OTHERBOT", PLACE, "fallback words", root, blocks=blocks)
    ts = slack.say("U0ANNA", PLACE, "@bellhop so?", root)
    first, alert = (await reader.gather(event_at(slack, ts))).turns
    assert 'site="News"' in first.text
    assert "Rain\nIt rains." in first.text
    assert alert.text == "Disk full\n*Host*\ndb1"


async def test_the_shortcut_brings_what_its_message_shows_and_the_day_it_was_used(slack, reader):
    alert = slack.crowd.say_as_bot(
        "U0OTHERBOT",
        PLACE,
        "",
        attachments=[{"title": "CPU high", "text": "97 %", "fallback": "[no preview available]"}],
    )
    delivery = slack.crowd.shortcut("U0ANNA", alert, "bellhop_ask")
    decision = question_from_shortcut({**delivery.payload, "action_ts": "1795780800.000100"}, RECIPIENT)
    assert isinstance(decision, Question)
    gathered = await reader.gather(decision.event)
    (turn,) = gathered.turns
    assert turn.text == "CPU high\n97 %"
    assert not turn.trusted
    assert "message asked about" in turn.speaker or "a bot" in turn.speaker
    assert "27 November 2026" in gathered.circumstances


async def test_an_event_survives_storing_with_all_it_carries(slack, reader):
    from bot.events import Event

    ts = slack.crowd.paste_table("U0ANNA", DM, [["a"], ["b"]], "sum")
    event = event_at(slack, ts)
    again = from_json(Event, to_json(event))
    assert (await reader.gather(again)).text == (await reader.gather(event)).text


# --- who, where, when


async def test_the_asker_the_channel_and_the_askers_clock_are_told(slack, reader):
    ts = slack.say("U0BEN", PLACE, "@bellhop what day is it?")
    at = datetime(2026, 11, 28, 0, 30, tzinfo=UTC)
    gathered = await reader.gather(replace(event_at(slack, ts), time=at))
    assert gathered.speaker == "ben"
    assert gathered.when == "Friday, 27 November 2026, 19:30"
    assert "Today is Friday, 27 November 2026" in gathered.circumstances
    assert "New York (America/New_York)" in gathered.circumstances
    assert "#general" in gathered.circumstances


async def test_without_a_zone_the_day_is_that_of_utc_and_says_so(slack, reader):
    slack.fault("users.info", Fault("error", error="missing_scope"), times=None)
    ts = slack.say("U0BEN", PLACE, "@bellhop what day is it?")
    gathered = await reader.gather(replace(event_at(slack, ts), time=datetime(2026, 11, 28, 0, 30, tzinfo=UTC)))
    assert "Today is Saturday, 28 November 2026 (UTC)." in gathered.circumstances


async def test_channels_groups_and_our_own_name_are_readable_within_the_sentence(slack, reader):
    ts = slack.say("U0ANNA", PLACE, "@bellhop ask @bellhop what @ben and <!subteam^S0ONCALL> do in <#C0HELP>")
    gathered = await reader.gather(event_at(slack, ts))
    assert gathered.text == "ask @Bellhop what @ben and @oncall do in #help"
    assert len(slack.calls.of("usergroups.list")) == 1


async def test_the_first_message_of_a_long_thread_stays_with_its_files_and_the_gap_is_said(slack, reader):
    root = slack.say("U0BEN", PLACE, "the plan", files={"plan.txt": b"move on Friday"})
    for number in range(75):
        slack.say("U0CARLA", PLACE, f"reply {number}", root)
    gathered = await reader.gather(event_at(slack, slack.say("U0ANNA", PLACE, "@bellhop so?", root)))
    first, gap, *others = gathered.turns
    assert first.text == "the plan"
    assert "move on Friday" in str(first.documents)
    assert "16 messages" in gap.text
    assert [turn.text for turn in others] == [f"reply {number}" for number in range(16, 75)]
    assert CUT in gathered.notes


# --- our own memory


async def test_what_slack_does_not_give_is_taken_from_what_we_were_asked_and_answered(slack, reader):
    root = slack.say("U0ANNA", PLACE, "@bellhop who wrote Faust?")
    reader._held.hold(event_at(slack, root), "Goethe did.")
    second = slack.say("U0BEN", PLACE, "@bellhop when?", root)
    reader._held.hold(event_at(slack, second), "In 1808.")
    ts = slack.say("U0ANNA", PLACE, "and part two?", root)
    slack.fault("conversations.replies", Fault("error", error="missing_scope"), times=None)
    gathered = await reader.gather(event_at(slack, ts))
    told = [(turn.speaker, turn.text, turn.ours) for turn in gathered.turns[1:]]
    assert told == [
        ("anna", "who wrote Faust?", False),
        ("", "Goethe did.", True),
        ("ben", "when?", False),
        ("", "In 1808.", True),
    ]
    assert gathered.notes == (REMEMBERED,)


async def test_what_slack_gives_and_we_hold_is_said_once_and_what_was_deleted_stays_so(slack, reader):
    root = slack.say("U0ANNA", PLACE, "@bellhop one")
    event = event_at(slack, root)
    reader._held.hold(event, "answer one")
    web = WebClient(slack.bot_token, base_url=slack.api_url)
    web.chat_postMessage(channel=PLACE, thread_ts=root, text="answer one", metadata=mark(event.id))
    gone = slack.say("U0BEN", PLACE, "@bellhop secret", root)
    reader._held.hold(event_at(slack, gone), None)
    for number in range(14):
        slack.say("U0CARLA", PLACE, f"reply {number}", root)
    later = slack.say("U0ANNA", PLACE, "@bellhop two", root)
    reader._held.hold(event_at(slack, later), "answer two")
    slack.crowd.delete(PLACE, gone)
    slack.change(history="distributed")
    gathered = await reader.gather(event_at(slack, slack.say("U0ANNA", PLACE, "and now?", root)))
    told = [turn.text for turn in gathered.turns[1:]]
    assert told == ["one", "answer one", *(f"reply {number}" for number in range(13)), "two", "answer two"]


async def test_without_anything_of_our_own_it_is_said_that_the_thread_was_not_read(slack, reader):
    root = slack.say("U0BEN", PLACE, "one")
    slack.fault("conversations.replies", Fault("error", error="missing_scope"), times=None)
    ts = slack.say("U0ANNA", PLACE, "@bellhop so?", root)
    assert (await reader.gather(event_at(slack, ts))).notes == (NOT_READ,)


async def test_a_second_message_at_the_top_of_a_direct_message_goes_on_with_the_talk(slack, reader):
    first = event_at(slack, slack.say("U0ANNA", DM, "Who wrote Faust?"))
    reader._held.hold(first, "Goethe did.")
    second = event_at(slack, slack.say("U0ANNA", DM, "And when?"))
    gathered = await reader.gather(second)
    assert [turn.text for turn in gathered.turns] == ["Who wrote Faust?", "Goethe did."]


async def test_a_talk_that_ended_more_than_ten_minutes_ago_is_over(slack, reader):
    first = event_at(slack, slack.say("U0ANNA", DM, "Who wrote Faust?"))
    place = replace(first.reply_to, thread_ts="1000.000000", message_ts="1000.000000")
    reader._held.hold(replace(first, reply_to=place, conversation="slack:T0BELLHOP:D0ANNA:1000.000000"), "Goethe did.")
    assert (await reader.gather(event_at(slack, slack.say("U0ANNA", DM, "And when?")))).turns == ()


# --- files that are none


async def test_a_voice_clip_is_the_question(slack, reader):
    ts = slack.crowd.record_clip("U0ANNA", DM, "What is the capital of Peru?")
    gathered = await reader.gather(event_at(slack, ts))
    assert "What is the capital of Peru?" in gathered.text
    assert gathered.notes == ()


async def test_the_whole_transcript_is_fetched_when_its_preview_is_short(slack, reader):
    words = "one two three " * 40 + "the end"
    ts = slack.crowd.record_clip("U0ANNA", DM, words)
    gathered = await reader.gather(event_at(slack, ts))
    assert words in str(gathered.documents)
    assert "-->" not in str(gathered.documents)


async def test_a_clip_that_slack_still_listens_to_is_looked_up_again(slack, reader):
    ts = slack.crowd.record_clip("U0ANNA", DM, "x", status="processing")
    event = event_at(slack, ts)
    (file,) = slack.message(DM, ts).files
    from playground.slack.sharing import finish_transcript

    finish_transcript(slack.workspace, file["id"], "late words")
    assert "late words" in str((await reader.gather(event)).documents)


async def test_a_recording_without_a_transcript_says_so(slack, reader):
    ts = slack.crowd.record_clip("U0ANNA", DM, "x", status="failed")
    assert "no transcript" in (await reader.gather(event_at(slack, ts))).notes[0]


@pytest.mark.parametrize(("kind", "name"), [("quip", "Plan"), ("email", "Offer")])
async def test_a_canvas_and_a_mail_are_read_whatever_size_slack_tells(slack, reader, kind, name):
    page = "<!doctype html><html><body><p>We move on Friday; log in at /login.</p></body></html>"
    ts = slack.crowd.share_page("U0ANNA", DM, page, kind=kind, name=name)
    gathered = await reader.gather(event_at(slack, ts))
    assert "We move on Friday" in str(gathered.documents)
    assert not [note for note in gathered.notes if "files:read" in note]


@pytest.mark.parametrize("login", ["page", "redirect"])
@pytest.mark.parametrize("kind", ["quip", "file"])
async def test_the_scope_is_named_where_slack_asks_to_sign_in(slack, reader, login, kind):
    if kind == "quip":
        ts = slack.crowd.share_page("U0ANNA", DM, "<html><body>x</body></html>", kind=kind, name="Plan")
    else:
        ts = slack.say("U0ANNA", DM, "see", files={"a.pdf": b"%PDF-1.4"})
    slack.change(login=login, bot_token="xoxb-renewed")
    assert "files:read" in (await reader.gather(event_at(slack, ts))).notes[0]


@pytest.mark.parametrize(("status", "words"), [(403, "HTTP 403"), (404, "no longer has"), (410, "no longer has")])
async def test_any_other_refusal_says_what_it_is(slack, reader, status, words):
    ts = slack.say("U0ANNA", DM, "see", files={"a.txt": b"x"})
    slack.change(file_status=status)
    (note,) = (await reader.gather(event_at(slack, ts))).notes
    assert words in note
    assert "files:read" not in note


# --- people of a sister workspace


async def test_a_person_of_a_sister_workspace_is_no_stranger(slack, reader):
    slack.change(enterprise=True)
    recipient = replace(RECIPIENT, enterprise="E0GRAND", is_sister={"W0SISTER"}.__contains__)
    ts = slack.say("W0SISTER", "C0SHARED", "@bellhop hello")
    event = event_at(slack, ts, recipient)
    assert (await reader.gather(event)).speaker == "sita"
    answer = slack.say("W0SISTER", "C0SHARED", "more", ts)
    asked = slack.say("U0OUTSIDER", "C0SHARED", "psst", ts)
    question = slack.say("U0ANNA", "C0SHARED", "@bellhop so?", ts)
    WebClient(slack.bot_token, base_url=slack.api_url).chat_postMessage(channel="C0SHARED", thread_ts=ts, text="hm")
    del answer, asked
    turns = (await reader.gather(event_at(slack, question))).turns
    assert [turn.speaker for turn in turns] == ["sita", "sita", "olga (not known to be trusted)"]
