"""The tests of reading: threads, history, channels, people, reactions, statuses and views."""

import pytest

from tests.playground.slack.conftest import error_of


@pytest.fixture
def root(slack):
    ts = slack.say("U0ANNA", "C0HELP", "root")
    for number in range(4):
        slack.say("U0BEN", "C0HELP", f"reply {number}", ts)
    return ts


def test_a_thread_is_read_parent_first(web, root):
    messages = web.conversations_replies(channel="C0HELP", ts=root)["messages"]
    assert [one["text"] for one in messages] == ["root", "reply 0", "reply 1", "reply 2", "reply 3"]
    assert (messages[0]["reply_count"], messages[0]["thread_ts"]) == (4, root)
    assert "reply_count" not in messages[1]


def test_a_thread_is_read_page_by_page(web, root):
    texts, cursor = [], None
    while cursor != "":
        answer = web.conversations_replies(channel="C0HELP", ts=root, limit=2, cursor=cursor)
        texts += [one["text"] for one in answer["messages"]]
        cursor = (answer.get("response_metadata") or {}).get("next_cursor", "")
    assert texts == ["root", "reply 0", "reply 1", "reply 2", "reply 3"]
    assert error_of(web.conversations_replies, channel="C0HELP", ts=root, cursor="made-up")[0] == "invalid_cursor"


def test_a_thread_can_be_read_from_a_time_on(slack, web, root):
    second = slack.thread("C0HELP", root)[1].ts

    def texts(**wish):
        return [one["text"] for one in web.conversations_replies(channel="C0HELP", ts=root, **wish)["messages"]]

    assert texts(oldest=second) == ["root", "reply 2", "reply 3"]
    assert texts(oldest=second, inclusive=True) == ["root", "reply 1", "reply 2", "reply 3"]
    assert texts(latest=second) == ["root", "reply 0"]


def test_a_deleted_parent_leaves_a_tombstone(slack, web, root):
    slack.crowd.delete("C0HELP", root)
    assert web.conversations_replies(channel="C0HELP", ts=root)["messages"][0]["subtype"] == "tombstone"
    alone = slack.say("U0ANNA", "C0HELP", "alone")
    slack.crowd.delete("C0HELP", alone)
    assert error_of(web.conversations_replies, channel="C0HELP", ts=alone)[0] == "thread_not_found"


def test_history_is_newest_first_without_replies(slack, web, root):
    slack.say("U0BEN", "C0HELP", "next")
    slack.say("U0BEN", "C0HELP", "also to the channel", root, broadcast=True)
    texts = [one["text"] for one in web.conversations_history(channel="C0HELP")["messages"]]
    assert texts == ["also to the channel", "next", "root"]


def test_channels_and_people_are_listed(web):
    kinds = "public_channel,private_channel,im,mpim"
    channels = {one["id"]: one for one in web.conversations_list(types=kinds, exclude_archived=True)["channels"]}
    assert "C0OLD" not in channels
    assert channels["D0ANNA"]["user"] == "U0ANNA"
    assert channels["C0QUIET"]["is_member"] is False
    people = {one["id"]: one for one in web.users_list()["members"]}
    assert people["U0OUTSIDER"]["is_stranger"]
    assert people["U0GONE"]["deleted"]
    assert people["U0OTHERBOT"]["is_bot"]


def test_single_things_are_looked_up(web):
    assert web.conversations_info(channel="C0SHARED")["channel"]["is_ext_shared"]
    assert "U0ANNA" in web.conversations_members(channel="C0HELP")["members"]
    assert web.users_info(user="U0ANNA")["user"]["profile"]["display_name"] == "anna"
    assert error_of(web.users_info, user="U0NONE")[0] == "user_not_found"
    assert web.bots_info(bot="B0OTHERBOT")["bot"]["app_id"] == "A0OTHERBOT"
    assert web.team_info()["team"]["domain"] == "bellhop-demo"
    assert web.conversations_open(users="U0BEN")["channel"]["id"] == "D0BEN"
    assert web.api_test(foo="bar")["args"]["foo"] == "bar"


def test_joining_makes_a_channel_readable(web):
    assert error_of(web.conversations_history, channel="C0QUIET")[0] == "not_in_channel"
    web.conversations_join(channel="C0QUIET")
    assert web.conversations_history(channel="C0QUIET")["messages"] == []
    assert web.conversations_join(channel="C0QUIET")["warning"] == "already_in_channel"


def test_reactions_come_and_go(slack, web, root):
    where = {"channel": "C0HELP", "timestamp": root, "name": "eyes"}
    web.reactions_add(**where)
    assert error_of(web.reactions_add, **where)[0] == "already_reacted"
    assert web.reactions_get(channel="C0HELP", timestamp=root)["message"]["reactions"][0]["count"] == 1
    web.reactions_remove(**where)
    assert error_of(web.reactions_remove, **where)[0] == "no_reaction"
    assert error_of(web.reactions_add, **{**where, "name": "Not An Emoji"})[0] == "invalid_name"


def test_a_status_goes_with_the_answer_or_after_two_minutes(slack, web, clock, root):
    where = {"channel_id": "C0HELP", "thread_ts": root}
    web.assistant_threads_setStatus(**where, status="is thinking…", loading_messages=["a", "b"])
    assert slack.status("C0HELP", root) == "is thinking…"
    web.chat_postMessage(channel="C0HELP", thread_ts=root, text="done")
    assert slack.status("C0HELP", root) == ""
    web.assistant_threads_setStatus(**where, status="is reading…")
    clock.advance(121)
    assert slack.status("C0HELP", root) == ""
    too_many = ["x"] * 11
    assert (
        error_of(web.assistant_threads_setStatus, **where, status="x", loading_messages=too_many)[0]
        == "invalid_arguments"
    )
    assert (
        error_of(web.assistant_threads_setStatus, channel_id="C0HELP", thread_ts="1.1", status="x")[0]
        == "invalid_thread_ts"
    )


def test_titles_and_prompts_belong_to_a_thread(slack, web):
    channel, thread_ts = slack.crowd.open_assistant("U0ANNA", "C0HELP")
    where = {"channel_id": channel, "thread_ts": thread_ts}
    web.assistant_threads_setTitle(**where, title="About cats")
    web.assistant_threads_setSuggestedPrompts(**where, prompts=[{"title": "Try", "message": "Tell me"}])
    assert slack.workspace.titles[(channel, thread_ts)] == "About cats"
    five = [{"title": "t", "message": "m"}] * 5
    assert error_of(web.assistant_threads_setSuggestedPrompts, **where, prompts=five)[0] == "invalid_arguments"


def test_a_view_opens_once_per_trigger(slack, web, clock):
    view = {"type": "modal", "title": {"type": "plain_text", "text": "T"}, "blocks": [{"type": "divider"}]}
    trigger = slack.crowd.global_shortcut("U0ANNA", "ask").payload["trigger_id"]
    opened = web.views_open(trigger_id=trigger, view=view)["view"]
    assert error_of(web.views_open, trigger_id=trigger, view=view)[0] == "exchanged_trigger_id"
    late = slack.crowd.global_shortcut("U0ANNA", "ask").payload["trigger_id"]
    clock.advance(4)
    assert error_of(web.views_open, trigger_id=late, view=view)[0] == "expired_trigger_id"
    assert error_of(web.views_open, trigger_id="made-up", view=view)[0] == "invalid_trigger_id"
    assert slack.crowd.submit_view("U0ANNA", opened["id"], {}).payload["view"]["id"] == opened["id"]


def test_a_home_is_published_for_one_person(slack, web):
    view = {"type": "home", "blocks": [{"type": "divider"}]}
    first = web.views_publish(user_id="U0ANNA", view=view)["view"]
    web.views_publish(user_id="U0ANNA", view=view, hash=first["hash"])
    assert error_of(web.views_publish, user_id="U0ANNA", view=view, hash=first["hash"])[0] == "hash_conflict"
    slack.crowd.open_home("U0ANNA")
    assert slack.deliveries[-1].payload["event"]["view"]["id"] == first["id"]
