"""What a Slack message says as its event keeps it, and what its edit changes."""

import json

import pytest

from bot.doors.slack.carried import MESSAGE, QUOTED, carried
from tests.triggers.slack.test_decision import RECIPIENT, body, decision, shortcut
from triggers.slack.buttons import question_from_shortcut
from triggers.slack.decision import Edit, Ignored, Question
from triggers.slack.words import own_words, subject_of

TABLE = {"type": "table", "rows": [[{"type": "raw_text", "text": "Item"}], [{"type": "raw_text", "text": "Tea"}]]}
SAID = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "hi"}]}]}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<@UBOT> hello", "hello"),
        ("  <@UBOT> <@UBOT>: hello", "hello"),
        ("<@UBOT|bellhop>, hello", "hello"),
        ("ask <@UBOT> what <@UBOT> can do", "ask @Bellhop what @Bellhop can do"),
        ("hello <@UBOT>", "hello @Bellhop"),
        ("<@UBOT> - one\n- two", "- one\n- two"),
        ("<@U2> <@UBOT> can you?", "<@U2> @Bellhop can you?"),
        ("<@UBOT>", ""),
        ("a &lt; b", "a < b"),
    ],
)
def test_a_mention_of_us_is_dropped_at_the_beginning_and_a_word_elsewhere(text, words):
    assert own_words(text, "UBOT") == words


@pytest.mark.parametrize(
    ("message", "subject"),
    [
        ({"text": "<@UBOT> see <#C1|ops> &amp; <https://x.example|page> <!here>"}, "see #ops & page @here"),
        ({"text": "", "attachments": [{"pretext": "New", "title": "CPU", "text": "New", "fallback": "x"}]}, "New CPU"),
        ({"text": "", "blocks": [TABLE]}, "Item Tea"),
        ({"text": "x" * 90}, "x" * 80 + "…"),
        ({"text": "", "files": [{"name": "a.pdf"}]}, "(a file)"),
    ],
)
def test_the_subject_is_what_people_would_call_it(message, subject):
    assert subject_of(message) == subject


def test_a_message_of_blocks_alone_is_a_question_that_carries_them_along():
    event = decision(body(text="", channel="D1", channel_type="im", blocks=[TABLE])).event
    whole = carried(event, MESSAGE)
    assert event.text == ""
    assert whole is not None
    assert whole.message["blocks"] == [TABLE]
    assert whole.own_user == "UBOT"


def test_a_mention_that_stands_in_the_blocks_alone_is_one():
    mention = {"type": "rich_text_section", "elements": [{"type": "user", "user_id": "UBOT"}]}
    blocks = [{"type": "rich_text", "elements": [mention]}]
    assert isinstance(decision(body(text="", blocks=blocks)), Question)
    forwarded = [{"is_share": True, "message_blocks": [{"message": {"blocks": blocks}}]}]
    assert isinstance(decision(body(text="look", blocks=[SAID], attachments=forwarded)), Ignored)


def test_half_a_character_is_carried_as_it_is_so_that_it_can_be_mended():
    event = decision(body(text="<@UBOT> \ud83d", blocks=[SAID])).event
    assert "\ud83d" in event.fields[MESSAGE]
    assert json.loads(event.fields[MESSAGE])["message"]["text"].endswith("\ud83d")


def test_what_is_too_large_goes_without_its_blocks():
    blocks = [{"type": "markdown", "text": "x" * 500_000}]
    whole = carried(decision(body(text="<@UBOT> hi", blocks=blocks)).event, MESSAGE)
    assert whole is not None
    assert "blocks" not in whole.message
    assert whole.message["text"] == "<@UBOT> hi"


def edit(**changes):
    before = {"ts": "101.000001", "user": "U1", "text": "<@UBOT> sum", "client_msg_id": "x"}
    now = {**before, "edited": {"ts": "102.0"}, **changes}
    outer = {"type": "message", "subtype": "message_changed", "channel": "C1", "channel_type": "channel"}
    return {"event": {**outer, "message": now, "previous_message": {**before, "blocks": [{**SAID, "block_id": "a"}]}}}


def test_an_edit_of_a_table_is_an_edit_and_new_ids_of_the_same_blocks_are_none():
    assert isinstance(decision(edit(blocks=[{**SAID, "block_id": "b"}, TABLE])), Edit)
    assert isinstance(decision(edit(blocks=[{**SAID, "block_id": "b"}])), Ignored)


def test_the_shortcut_carries_its_message_and_the_moment_it_was_used():
    payload = shortcut("T1", "T1")
    payload["message"]["attachments"] = [{"title": "CPU high"}]
    payload["action_ts"] = "1764289800.000100"
    asked = question_from_shortcut(payload, RECIPIENT)
    assert isinstance(asked, Question)
    event, quoted = asked.event, carried(asked.event, QUOTED)
    assert quoted is not None
    assert quoted.message["attachments"] == [{"title": "CPU high"}]
    assert carried(event, MESSAGE) is None
    assert event.time.year == 2025
