"""The tests of the payloads: what the app is sent when people say, share and press things."""

import pytest

BUTTON = {"type": "button", "action_id": "stop", "text": {"type": "plain_text", "text": "Stop"}, "value": "turn-1"}
VOTE = {
    "type": "feedback_buttons",
    "action_id": "vote",
    "positive_button": {"text": {"type": "plain_text", "text": "Good"}, "value": "up"},
    "negative_button": {"text": {"type": "plain_text", "text": "Bad"}, "value": "down"},
}


def last_event(slack):
    return slack.deliveries[-1].payload["event"]


@pytest.fixture
def with_buttons(web):
    blocks = [
        {"type": "actions", "block_id": "turn", "elements": [BUTTON]},
        {"type": "context_actions", "elements": [VOTE]},
    ]
    return web.chat_postMessage(channel="C0HELP", text="x", blocks=blocks)["ts"]


def test_a_message_by_a_person_has_a_client_msg_id_and_rich_text(slack):
    slack.say("U0ANNA", "C0HELP", "hi")
    event = last_event(slack)
    assert event["client_msg_id"]
    assert event["blocks"][0]["type"] == "rich_text"
    assert (event["team"], event["channel"], event["event_ts"]) == ("T0BELLHOP", "C0HELP", event["ts"])


def test_a_reply_names_its_thread_and_its_starter(slack):
    root = slack.say("U0ANNA", "C0HELP", "root")
    slack.say("U0BEN", "C0HELP", "reply", root)
    event = last_event(slack)
    assert (event["thread_ts"], event["parent_user_id"]) == (root, "U0ANNA")


def test_a_direct_message_is_one_event(slack):
    slack.say("U0ANNA", "D0ANNA", "@bellhop hi")
    assert [one.payload["event"]["channel_type"] for one in slack.deliveries] == ["im"]


def test_a_mention_event_has_no_channel_type(slack):
    slack.say("U0ANNA", "C0HELP", "@bellhop hi")
    event = last_event(slack)
    assert (event["type"], "channel_type" in event, "subtype" in event) == ("app_mention", False, False)


def test_a_file_share_has_files_and_no_client_msg_id(slack):
    slack.say("U0ANNA", "C0HELP", "@bellhop read", files={"report.pdf": b"%PDF"})
    event = slack.deliveries[0].payload["event"]
    assert (event["subtype"], "client_msg_id" in event) == ("file_share", False)
    assert event["files"][0]["mimetype"] == "application/pdf"
    assert event["files"][0]["url_private"].startswith(slack.workspace.base_url)


def test_other_bots_are_marked(slack):
    slack.crowd.say_as_bot("U0OTHERBOT", "C0HELP", "beep")
    assert (last_event(slack)["bot_id"], last_event(slack)["app_id"]) == ("B0OTHERBOT", "A0OTHERBOT")
    slack.crowd.say_as_bot("U0OTHERBOT", "C0HELP", "beep", classic=True)
    assert last_event(slack)["subtype"] == "bot_message"


def test_an_outsider_is_marked_by_team_and_channel(slack):
    slack.say("U0OUTSIDER", "C0SHARED", "hi")
    assert last_event(slack)["user_team"] == "T0PARTNER"
    assert slack.deliveries[-1].payload["is_ext_shared_channel"]


def test_an_edit_carries_both_messages(slack):
    ts = slack.say("U0ANNA", "C0HELP", "old")
    slack.crowd.edit("U0ANNA", "C0HELP", ts, "new")
    event = last_event(slack)
    assert (event["subtype"], event["message"]["text"], event["previous_message"]["text"]) == (
        "message_changed", "new", "old",
    )  # fmt: skip
    assert event["message"]["edited"]["user"] == "U0ANNA"


def test_a_deletion_names_what_is_gone(slack):
    ts = slack.say("U0ANNA", "C0HELP", "oops")
    slack.crowd.delete("C0HELP", ts)
    assert (last_event(slack)["subtype"], last_event(slack)["deleted_ts"]) == ("message_deleted", ts)


def test_the_assistant_pane_starts_a_thread_and_changes_context(slack):
    channel, thread_ts = slack.crowd.open_assistant("U0ANNA", "C0HELP")
    pane = last_event(slack)["assistant_thread"]
    assert (pane["channel_id"], pane["thread_ts"], pane["context"]["channel_id"]) == (channel, thread_ts, "C0HELP")
    slack.crowd.change_context("U0ANNA", thread_ts, "C0GENERAL")
    assert last_event(slack)["type"] == "assistant_thread_context_changed"
    slack.say("U0ANNA", channel, "hello", thread_ts)
    assert (last_event(slack)["thread_ts"], last_event(slack)["parent_user_id"]) == (thread_ts, "U0BELLHOP")


def test_joining_and_reactions_are_told(slack):
    slack.crowd.join("U0BELLHOP", "C0QUIET", inviter="U0ANNA")
    assert (last_event(slack)["type"], last_event(slack)["inviter"]) == ("member_joined_channel", "U0ANNA")
    ts = slack.say("U0ANNA", "C0HELP", "nice")
    slack.crowd.react("U0BEN", "C0HELP", ts, "eyes")
    slack.crowd.react("U0BEN", "C0HELP", ts, "eyes")
    assert [one.payload["event"]["type"] for one in slack.deliveries[-2:]] == ["reaction_added", "reaction_removed"]


def test_a_click_tells_who_pressed_what_where(slack, with_buttons):
    payload = slack.click("U0ANNA", with_buttons, "stop").payload
    assert (payload["type"], payload["user"]["id"], payload["channel"]["id"]) == ("block_actions", "U0ANNA", "C0HELP")
    assert payload["container"]["message_ts"] == with_buttons
    (action,) = payload["actions"]
    assert (action["action_id"], action["block_id"], action["value"]) == ("stop", "turn", "turn-1")
    assert payload["trigger_id"]


def test_feedback_buttons_tell_which_one(slack, with_buttons):
    action = slack.click("U0BEN", with_buttons, "vote", value="down").payload["actions"][0]
    assert (action["type"], action["value"], action["text"]["text"]) == ("feedback_buttons", "down", "Bad")


def test_a_button_that_is_gone_cannot_be_pressed(slack, web, with_buttons):
    web.chat_update(channel="C0HELP", ts=with_buttons, text="done")
    with pytest.raises(KeyError):
        slack.click("U0ANNA", with_buttons, "stop")


def test_a_click_without_a_socket_is_lost(slack, with_buttons):
    delivery = slack.click("U0ANNA", with_buttons, "stop")
    assert slack.wait_for(lambda: delivery.outcome == "given_up")


def test_a_shortcut_brings_the_message(slack):
    ts = slack.say("U0BEN", "C0HELP", "what is this?")
    payload = slack.crowd.shortcut("U0ANNA", ts, "ask_claude").payload
    assert (payload["type"], payload["callback_id"], payload["message"]["text"]) == (
        "message_action", "ask_claude", "what is this?",
    )  # fmt: skip


def test_a_slash_command_has_the_fields_of_its_form(slack):
    delivery = slack.crowd.slash("U0ANNA", "C0HELP", "/bellhop", "help")
    assert (delivery.kind, delivery.accepts_response) == ("slash_commands", True)
    assert (delivery.payload["command"], delivery.payload["channel_name"]) == ("/bellhop", "help")


def test_a_payload_can_be_delivered_once_more(slack):
    slack.say("U0ANNA", "C0HELP", "hi")
    again = slack.redeliver(slack.deliveries[0])
    assert again.payload["event_id"] == slack.deliveries[0].payload["event_id"]


def test_too_many_events_are_told_without_an_inner_event(slack):
    assert "event" not in slack.rate_limit_events().payload
