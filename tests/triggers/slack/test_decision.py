"""What counts as a question, which event it makes, and what is left alone."""

import pytest

from bot.doors.slack.rule import SlackRule
from bot.events import SlackThread
from bot.rules.rule import Rule
from triggers.slack.buttons import question_from_shortcut
from triggers.slack.decision import Deleted, Edit, Ignored, NotAllowed, Question, Recipient, Stop, decide

RECIPIENT = Recipient(team="T1", bot_user="UBOT", bot_id="BBOT", rules=(Rule(name="slack", on="slack"),))
OURS = "slack:T1:C1:100.000001"


def body(**event):
    base = {"type": "message", "channel": "C1", "channel_type": "channel", "user": "U1", "ts": "101.000001"}
    return {"event": {**base, "client_msg_id": "x", "text": "hello", **event}}


def decision(payload, recipient=RECIPIENT, ours=()):
    return decide(payload, recipient, lambda conversation: conversation in ours)


def test_a_mention_is_a_question_and_its_twin_makes_the_same_event():
    message = decision(body(text="<@UBOT> what is up?"))
    mention = decision(body(type="app_mention", text="<@UBOT> what is up?"))
    assert isinstance(message, Question)
    assert message == mention
    event = message.event
    assert (event.id, event.text) == ("slack:T1:C1:101.000001", "what is up?")
    assert event.conversation == "slack:T1:C1:101.000001"
    assert event.reply_to == SlackThread("T1", "C1", "101.000001", "101.000001", "U1")


def test_other_mentions_stay_in_the_text():
    assert decision(body(text="<@UBOT> ask <@U2> about it")).event.text == "ask <@U2> about it"


def test_slacks_escapes_are_undone():
    assert decision(body(text="<@UBOT> why is a &lt; b &amp; c?")).event.text == "why is a < b & c?"


def test_a_direct_message_needs_no_mention():
    assert isinstance(decision(body(channel="D1", channel_type="im")), Question)


def test_chatter_in_a_channel_is_not_for_us():
    assert isinstance(decision(body()), Ignored)


def test_a_reply_in_our_thread_needs_no_mention_and_joins_its_conversation():
    question = decision(body(thread_ts="100.000001"), ours={OURS})
    assert isinstance(question, Question)
    assert question.event.conversation == OURS


def test_a_reply_in_our_thread_to_somebody_else_is_theirs():
    assert isinstance(decision(body(thread_ts="100.000001", text="<@U2> can you?"), ours={OURS}), Ignored)


@pytest.mark.parametrize("token", ["<!subteam^S1|@support>", "<!here>", "<!channel|channel>"])
def test_a_reply_in_our_thread_to_a_group_is_theirs(token):
    assert isinstance(decision(body(thread_ts="100.000001", text=f"{token} can you?"), ours={OURS}), Ignored)
    assert isinstance(decision(body(thread_ts="100.000001", text=f"{token} <@UBOT> can you?"), ours={OURS}), Question)


def shortcut(author_team, presser_team):
    return {
        "type": "message_action",
        "user": {"id": "U1", "team_id": presser_team},
        "channel": {"id": "C1"},
        "message": {"ts": "101.000001", "user": "U2", "text": "hm", "team": author_team, "user_team": author_team},
        "action_ts": "102.000001",
    }


def test_the_shortcut_is_for_people_of_this_workspace_whoever_wrote_the_message():
    assert isinstance(question_from_shortcut(shortcut("T2", "T1"), RECIPIENT), Question)
    assert isinstance(question_from_shortcut(shortcut("T1", "T2"), RECIPIENT), Ignored)


def test_the_shortcut_keeps_the_way_to_tell_whoever_pressed_it():
    pressed = shortcut("T1", "T1") | {"response_url": "https://hooks.slack.com/actions/T1/1/x"}
    asked = question_from_shortcut(pressed, RECIPIENT)
    assert isinstance(asked, Question)
    assert isinstance(asked.event.reply_to, SlackThread)
    assert asked.event.reply_to.response_url == pressed["response_url"]


def test_a_reply_in_a_strange_thread_is_not_for_us():
    assert isinstance(decision(body(thread_ts="100.000001")), Ignored)


@pytest.mark.parametrize(
    "event",
    [
        {"bot_id": "B2", "text": "<@UBOT> hi"},
        {"bot_profile": {"id": "B2"}, "text": "<@UBOT> hi"},
        {"subtype": "bot_message", "text": "<@UBOT> hi"},
        {"user": "UBOT", "text": "<@UBOT> hi"},
        {"user": "USLACKBOT", "channel": "D1", "channel_type": "im"},
        {"subtype": "channel_join", "text": "<@UBOT> joined"},
        {"subtype": "message_deleted", "user": None},
        {"app_id": "A2", "client_msg_id": None, "text": "<@UBOT> hi"},
    ],
)
def test_bots_and_notices_are_left_alone(event):
    assert isinstance(decision(body(**event)), Ignored)


def test_a_body_without_an_inner_event_is_left_alone():
    assert isinstance(decision({"type": "app_rate_limited", "minute_rate_limited": 1}), Ignored)


def test_a_file_alone_is_a_question_with_its_attachment():
    file = {"name": "a.pdf", "url_private_download": "https://files.slack.com/a.pdf", "size": 9}
    event = decision(body(channel="D1", channel_type="im", subtype="file_share", text="", files=[file])).event
    assert event.attachments[0].url == "https://files.slack.com/a.pdf"
    assert event.subject == "(a file)"


def test_outsiders_are_left_alone_unless_let_in():
    outsider = body(text="<@UBOT> hi", user_team="T2")
    assert isinstance(decision(outsider), Ignored)
    open_recipient = Recipient("T1", "UBOT", "BBOT", RECIPIENT.rules, allow_outsiders=True)
    assert isinstance(decision(outsider, open_recipient), Question)


def test_people_named_by_our_own_organisation_are_no_outsiders():
    asked = body(text="<@UBOT> hi", user_team="E1")
    assert isinstance(decision(asked), Ignored)
    assert isinstance(decision(asked, Recipient("T1", "UBOT", "BBOT", RECIPIENT.rules, enterprise="E1")), Question)


@pytest.mark.parametrize(
    ("allow", "user", "channel", "fine"),
    [
        (("U1",), "U1", "C1", True),
        (("U1",), "U2", "C1", False),
        (("C1",), "U2", "C1", True),
        (("C2",), "U2", "C1", False),
        (("U1", "C2"), "U1", "C1", False),
        (("U1", "C2"), "U1", "D1", True),
    ],
)
def test_the_allow_list_names_people_and_channels(allow, user, channel, fine):
    recipient = Recipient("T1", "UBOT", "BBOT", RECIPIENT.rules, allow=allow)
    answer = decision(body(text="<@UBOT> hi", user=user, channel=channel), recipient)
    assert isinstance(answer, Question if fine else NotAllowed)


def test_the_rule_that_names_the_channel_wins_and_a_channel_without_rule_is_told():
    rules = (Rule(name="all", on="slack"), Rule(name="support", on="slack", options=SlackRule(channels=("C1",))))
    assert decision(body(text="<@UBOT> hi"), Recipient("T1", "UBOT", "BBOT", rules)).event.rule == "support"
    only = Recipient("T1", "UBOT", "BBOT", rules[1:])
    assert isinstance(decision(body(text="<@UBOT> hi", channel="C2"), only), NotAllowed)


def test_the_bare_word_stop_in_a_thread_is_no_question():
    assert decision(body(text=" Stop ", thread_ts="100.000001"), ours={OURS}) == Stop(OURS, "U1")
    assert isinstance(decision(body(text="stop the deploy at noon?", thread_ts="100.000001"), ours={OURS}), Question)


@pytest.mark.parametrize("place", [{"channel": "D1", "channel_type": "im"}, {"channel": "C1", "text": "<@UBOT> stop!"}])
def test_stop_outside_threads_ends_what_runs_for_that_person_in_the_channel(place):
    assert decision(body(**{"text": "stop"} | place)) == Stop(f"slack:T1:{place['channel']}:", "U1")


def test_stop_between_people_in_a_channel_is_not_for_us():
    assert isinstance(decision(body(text="stop")), Ignored)


def deletion(**before):
    message = {"type": "message", "user": "U1", "ts": "101.000001", "text": "<@UBOT> hi"} | before
    return body(subtype="message_deleted", deleted_ts="101.000001", ts="109.000001", previous_message=message)


def test_a_deleted_message_names_the_question_it_would_be():
    assert decision(deletion()) == Deleted("slack:T1:C1:101.000001")
    assert decision(deletion(thread_ts="100.000001")) == Deleted("slack:T1:C1:101.000001")
    assert isinstance(decision(deletion(bot_id="BBOT")), Ignored)
    assert isinstance(decision(body(subtype="message_deleted")), Ignored)


def test_what_is_left_of_a_deleted_message_with_replies_is_a_deletion_too():
    left = edit("<@UBOT> hi", "This message was deleted.", subtype="tombstone", user="USLACKBOT")
    assert decision(left) == Deleted("slack:T1:C1:101.000001")


def test_an_edit_that_adds_the_mention_is_the_same_event_as_its_mention():
    changed = decision(edit("what is up?", "<@UBOT> what is up?"))
    mention = decision(body(type="app_mention", text="<@UBOT> what is up?", edited={"user": "U1", "ts": "105.000000"}))
    assert isinstance(changed, Question)
    assert changed == mention


@pytest.mark.parametrize("kind", ["agent_session_stopped", "message_stream_stopped"])
def test_slacks_own_stop_is_a_stop(kind):
    pressed = body(type=kind, thread_ts="100.000001", streaming_message_ts=["100.000002"])
    assert decision(pressed) == Stop(OURS, "U1")
    assert isinstance(decision({"event": {"type": kind, "channel": "C1"}}), Ignored)


def edit(old, new, **message):
    inner = {"type": "message", "user": "U1", "ts": "101.000001", "text": new, "client_msg_id": "x"}
    inner |= {"edited": {"user": "U1", "ts": "105.000000"}} | message
    return {
        "event": {
            "type": "message",
            "subtype": "message_changed",
            "channel": "C1",
            "channel_type": "channel",
            "ts": "105.000001",
            "message": inner,
            "previous_message": {**inner, "text": old},
        }
    }


def test_an_edited_question_is_a_new_event_that_names_the_first():
    answer = decision(edit("<@UBOT> one", "<@UBOT> two"))
    assert isinstance(answer, Edit)
    assert answer.first == "slack:T1:C1:101.000001"
    assert answer.question.id == "slack:T1:C1:101.000001:105.000000"
    assert answer.question.text == "two"


def test_an_unfurled_link_is_no_edit():
    assert isinstance(decision(edit("<@UBOT> one", "<@UBOT> one")), Ignored)


def test_our_own_edited_answer_is_left_alone():
    assert isinstance(decision(edit("a", "ab <@UBOT>", user="UBOT", bot_id="BBOT")), Ignored)
