"""The tests of posting, editing, deleting and their limits."""

import pytest

from tests.playground.slack.conftest import error_of

BUTTON = {"type": "button", "action_id": "stop", "text": {"type": "plain_text", "text": "Stop"}, "value": "1"}


@pytest.fixture
def posted(web):
    return web.chat_postMessage(channel="C0HELP", text="first")["ts"]


def markdown(text):
    return [{"type": "markdown", "text": text}]


def test_a_post_stands_in_its_channel(slack, web):
    answer = web.chat_postMessage(channel="C0HELP", text="hello", unfurl_links=False, unfurl_media=False)
    message = slack.message("C0HELP", answer["ts"])
    assert (message.text, message.unfurl_links, message.unfurl_media) == ("hello", False, False)
    assert answer["message"]["bot_id"] == "B0BELLHOP"
    assert answer["channel"] == "C0HELP"


@pytest.mark.parametrize(
    ("channel", "error"),
    [
        ("C0NONE", "channel_not_found"),
        ("C0QUIET", "not_in_channel"),
        ("C0OLD", "is_archived"),
        ("", "channel_not_found"),
    ],
)
def test_a_post_needs_a_channel_the_bot_is_in(web, channel, error):
    assert error_of(web.chat_postMessage, channel=channel, text="x")[0] == error


def test_a_person_can_be_written_to_directly(web):
    assert web.chat_postMessage(channel="U0ANNA", text="hello")["channel"] == "D0ANNA"
    assert error_of(web.chat_postMessage, channel="U0GONE", text="hello")[0] == "user_disabled"


@pytest.mark.filterwarnings("ignore:The top-level `text` argument")
def test_nothing_to_say_is_no_text(web, posted):
    assert error_of(web.chat_postMessage, channel="C0HELP", text="")[0] == "no_text"
    assert error_of(web.chat_update, channel="C0HELP", ts=posted)[0] == "no_text"


def test_a_reply_to_no_thread_is_refused(web):
    assert error_of(web.chat_postMessage, channel="C0HELP", text="x", thread_ts="1.000001")[0] == "thread_not_found"


def test_a_reply_to_a_reply_joins_its_thread(slack, web, posted):
    reply = web.chat_postMessage(channel="C0HELP", text="reply", thread_ts=posted)["ts"]
    nested = web.chat_postMessage(channel="C0HELP", text="nested", thread_ts=reply)["ts"]
    assert [one.ts for one in slack.thread("C0HELP", posted)] == [reply, nested]


def test_an_edit_by_text_is_marked_and_drops_the_blocks(slack, web):
    ts = web.chat_postMessage(channel="C0HELP", text="x", blocks=markdown("**x**"))["ts"]
    web.chat_update(channel="C0HELP", ts=ts, text="plain")
    message = slack.message("C0HELP", ts)
    assert (message.visible, message.blocks, message.edited is not None) == ("plain", [], True)


def test_an_edit_by_blocks_is_not_marked(slack, web, posted):
    web.chat_update(channel="C0HELP", ts=posted, text="fallback", blocks=markdown("**y**"))
    message = slack.message("C0HELP", posted)
    assert (message.visible, message.edited) == ("**y**", None)


def test_every_version_is_kept_with_its_time(slack, web, clock, posted):
    clock.advance(2)
    web.chat_update(channel="C0HELP", ts=posted, text="second")
    clock.advance(3)
    web.chat_delete(channel="C0HELP", ts=posted)
    message = slack.message("C0HELP", posted)
    assert [(one.how, one.visible) for one in message.versions] == [
        ("post", "first"), ("update", "second"), ("delete", "second"),
    ]  # fmt: skip
    assert [one.at - message.versions[0].at for one in message.versions] == [0, 2, 5]


def test_only_own_messages_can_be_changed(slack, web):
    ts = slack.say("U0ANNA", "C0HELP", "mine")
    assert error_of(web.chat_update, channel="C0HELP", ts=ts, text="x")[0] == "cant_update_message"
    assert error_of(web.chat_delete, channel="C0HELP", ts=ts)[0] == "cant_delete_message"
    assert error_of(web.chat_update, channel="C0HELP", ts="1.000001", text="x")[0] == "message_not_found"


def test_an_old_message_may_be_closed_for_edits(slack, web, clock, posted):
    slack.change(edit_window_s=60.0)
    clock.advance(61)
    assert error_of(web.chat_update, channel="C0HELP", ts=posted, text="x")[0] == "edit_window_closed"


def test_an_edit_takes_four_thousand_characters(web, posted):
    web.chat_update(channel="C0HELP", ts=posted, text="x" * 4000)
    assert error_of(web.chat_update, channel="C0HELP", ts=posted, text="x" * 4001)[0] == "msg_too_long"


def test_a_long_post_is_split_in_two_messages(slack, web):
    text = "line\n" * 900
    web.chat_postMessage(channel="C0HELP", text=text)
    pieces = [one.text for one in slack.messages("C0HELP")]
    assert len(pieces) == 2
    assert "".join(pieces) == text


def test_a_very_long_post_is_cut(slack, web):
    slack.change(split_long_posts=False)
    web.chat_postMessage(channel="C0HELP", text="x" * 40_001)
    assert len(slack.messages("C0HELP")[0].text) == 40_000


def test_markdown_is_counted_over_all_blocks(web, posted):
    fits = markdown("x" * 6000) + markdown("y" * 6000)
    web.chat_update(channel="C0HELP", ts=posted, text="x", blocks=fits)
    error, _ = error_of(web.chat_update, channel="C0HELP", ts=posted, text="x", blocks=fits + markdown("z"))
    assert error == "msg_blocks_too_long"


def test_markdown_text_excludes_text_and_blocks(slack, web):
    answer = web.chat_postMessage(channel="C0HELP", markdown_text="**bold**")
    assert slack.message("C0HELP", answer["ts"]).visible == "**bold**"
    assert error_of(web.chat_postMessage, channel="C0HELP", markdown_text="x", text="y")[0] == "markdown_text_conflict"
    assert error_of(web.chat_postMessage, channel="C0HELP", markdown_text="x" * 12_001)[0] == "msg_too_long"


def test_markdown_comes_back_as_rich_text(web):
    answer = web.chat_postMessage(channel="C0HELP", text="x", blocks=markdown("**x**"))
    assert [block["type"] for block in answer["message"]["blocks"]] == ["rich_text"]


def test_wrong_blocks_are_explained(web):
    error, answer = error_of(web.chat_postMessage, channel="C0HELP", text="x", blocks=[{"type": "poem"}])
    assert error == "invalid_blocks"
    assert answer["response_metadata"]["messages"] == ["[ERROR] unsupported type: poem [json-pointer:/blocks/0/type]"]


def test_metadata_is_told_whole_only_when_asked_for(slack, web, posted):
    metadata = {"event_type": "answer", "event_payload": {"id": "e1"}}
    web.chat_postMessage(channel="C0HELP", text="x", thread_ts=posted, metadata=metadata)

    def read(**wish):
        return web.conversations_replies(channel="C0HELP", ts=posted, **wish)["messages"][1]["metadata"]

    assert read() == {"event_type": "answer"}
    assert read(include_all_metadata=True) == metadata


@pytest.mark.parametrize(
    ("metadata", "error"),
    [
        ({"event_type": "x"}, "invalid_metadata_schema"),
        ({"event_type": "x", "event_payload": {"long": "x" * 9000}}, "metadata_too_large"),
        ("nonsense", "invalid_metadata_format"),
    ],
)
def test_metadata_is_checked(web, metadata, error):
    assert error_of(web.chat_postMessage, channel="C0HELP", text="x", metadata=metadata)[0] == error


def test_pings_are_noted_wherever_they_stand(slack, web):
    answer = web.chat_postMessage(channel="C0HELP", text="<!here>", blocks=markdown("<@U0BEN> and <!subteam^S1|devs>"))
    assert slack.message("C0HELP", answer["ts"]).pings == ("!here", "@U0BEN", "!subteam^S1")


def test_link_names_turns_bare_names_into_pings(slack, web):
    harmless = web.chat_postMessage(channel="C0HELP", text="@channel &lt;!channel&gt;")["ts"]
    loud = web.chat_postMessage(channel="C0HELP", text="@channel @anna", link_names=True)["ts"]
    assert slack.message("C0HELP", harmless).pings == ()
    assert slack.message("C0HELP", loud).pings == ("@channel", "@anna")


def test_an_ephemeral_message_is_for_one_person(slack, web):
    web.chat_postEphemeral(channel="C0HELP", user="U0ANNA", text="only you")
    assert slack.messages("C0HELP") == []
    assert [(one.only_for, one.text) for one in slack.workspace.ephemerals] == [("U0ANNA", "only you")]
    error, _ = error_of(web.chat_postEphemeral, channel="C0PRIVATE", user="U0BEN", text="x")
    assert error == "user_not_in_channel"


def test_a_permalink_leads_to_a_thread(web, posted):
    reply = web.chat_postMessage(channel="C0HELP", text="x", thread_ts=posted)["ts"]
    link = web.chat_getPermalink(channel="C0HELP", message_ts=reply)["permalink"]
    assert link.endswith(f"/archives/C0HELP/p{reply.replace('.', '')}?thread_ts={posted}&cid=C0HELP")


def test_a_message_that_slack_refuses_says_nothing_about_others(web, slack):
    slack.change(refused_words="POISON")
    assert error_of(web.chat_postMessage, channel="C0HELP", blocks=markdown("POISON"))[0] == "invalid_blocks"
    assert web.chat_postMessage(channel="C0HELP", text="x", blocks=markdown("fine"))["ok"]
    slack.change(markdown_blocks=False)
    assert error_of(web.chat_postMessage, channel="C0HELP", text="x", blocks=markdown("fine"))[0] == "invalid_blocks"


def test_what_is_meant_for_a_dead_thread_lands_in_the_channel(web, slack):
    ts = slack.say("U0ANNA", "C0HELP", "question")
    slack.crowd.delete("C0HELP", ts)
    posted = web.chat_postMessage(channel="C0HELP", text="x", thread_ts=ts)
    assert "thread_ts" not in posted["message"]
    assert error_of(web.conversations_replies, channel="C0HELP", ts=ts)[0] == "thread_not_found"


def test_a_locked_thread_and_a_read_only_channel_take_nothing_and_say_so(web, slack):
    ts = slack.say("U0ANNA", "C0HELP", "question")
    slack.message("C0HELP", ts).locked = True
    refused = error_of(web.chat_postMessage, channel="C0HELP", text="x", thread_ts=ts)[0]
    assert refused == "restricted_action_thread_locked"
    slack.workspace.channels["C0HELP"].is_read_only = True
    assert error_of(web.chat_postMessage, channel="C0HELP", text="x")[0] == "restricted_action_read_only_channel"
    assert web.conversations_info(channel="C0HELP")["channel"]["is_read_only"]
