"""The tests of native streams: their states, their recipients and their early end."""

import pytest

from tests.playground.slack.conftest import error_of

RECIPIENT = {"recipient_team_id": "T0BELLHOP", "recipient_user_id": "U0ANNA"}


@pytest.fixture
def root(slack):
    return slack.say("U0ANNA", "C0HELP", "question")


@pytest.fixture
def stream(web, root):
    answer = web.chat_startStream(channel="C0HELP", thread_ts=root, markdown_text="one ", **RECIPIENT)
    return {"channel": "C0HELP", "ts": answer["ts"]}


def test_a_stream_grows_and_stops(slack, web, stream):
    web.chat_appendStream(**stream, markdown_text="two ")
    button = {"type": "button", "action_id": "again", "text": {"type": "plain_text", "text": "Retry"}}
    web.chat_stopStream(**stream, markdown_text="three", blocks=[{"type": "actions", "elements": [button]}])
    message = slack.message("C0HELP", stream["ts"])
    assert (message.visible, message.stream.state) == ("one two three", "stopped")
    assert [one.how for one in message.versions] == ["start", "append", "stop"]
    assert error_of(web.chat_appendStream, **stream, markdown_text="x")[0] == "message_not_in_streaming_state"


def test_the_sdks_own_stream_works(slack, web, root):
    streamer = web.chat_stream(channel="C0HELP", thread_ts=root, buffer_size=4, **RECIPIENT)
    for word in ("Hello ", "wide ", "world"):
        streamer.append(markdown_text=word)
    streamer.stop()
    assert slack.message("C0HELP", streamer.ts).visible == "Hello wide world"


@pytest.mark.parametrize(
    ("recipient", "error"),
    [
        ({}, "missing_recipient_team_id"),
        ({"recipient_team_id": "T0BELLHOP"}, "missing_recipient_user_id"),
        ({**RECIPIENT, "recipient_user_id": "U0NOBODY"}, "user_not_found"),
    ],
)
def test_a_stream_in_a_channel_needs_its_reader(web, root, recipient, error):
    assert error_of(web.chat_startStream, channel="C0HELP", thread_ts=root, **recipient)[0] == error


def test_a_direct_message_needs_no_recipient_but_a_thread(slack, web):
    ts = slack.say("U0ANNA", "D0ANNA", "hi")
    assert web.chat_startStream(channel="D0ANNA", thread_ts=ts)["ok"]
    assert error_of(web.chat_startStream, channel="D0ANNA", thread_ts="1.000001")[0] == "invalid_thread_ts"


def test_an_outsiders_stream_cannot_be_stopped(slack, web):
    ts = slack.say("U0OUTSIDER", "C0SHARED", "hi")
    recipient = {"recipient_team_id": "T0PARTNER", "recipient_user_id": "U0OUTSIDER"}
    started = web.chat_startStream(channel="C0SHARED", thread_ts=ts, **recipient)["ts"]
    assert error_of(web.chat_stopStream, channel="C0SHARED", ts=started)[0] == "user_not_found"


def test_a_live_stream_cannot_be_edited_an_expired_one_can(slack, web, clock, stream):
    assert error_of(web.chat_update, **stream, text="x")[0] == "streaming_state_conflict"
    clock.advance(299)
    web.chat_appendStream(**stream, markdown_text="late ")
    clock.advance(1)
    assert error_of(web.chat_appendStream, **stream, markdown_text="x")[0] == "message_not_in_streaming_state"
    assert error_of(web.chat_stopStream, **stream)[0] == "message_not_in_streaming_state"
    web.chat_update(**stream, text="rewritten")
    assert slack.message("C0HELP", stream["ts"]).visible == "rewritten"


def test_an_expired_stream_can_be_edited_without_another_try(web, clock, stream):
    clock.advance(301)
    web.chat_update(**stream, text="rewritten")


def test_idle_expiry_counts_from_the_last_append(slack, web, clock, stream):
    slack.change(stream_expiry="idle")
    for _ in range(3):
        clock.advance(200)
        web.chat_appendStream(**stream, markdown_text="still here ")
    clock.advance(300)
    assert error_of(web.chat_appendStream, **stream, markdown_text="x")[0] == "message_not_in_streaming_state"


def test_a_person_can_stop_a_stream(slack, web, stream):
    slack.crowd.stop_stream("U0ANNA", "C0HELP", stream["ts"])
    assert error_of(web.chat_appendStream, **stream, markdown_text="x")[0] == "stopped_by_user"
    event = slack.deliveries[-1].payload["event"]
    assert (event["type"], event["streaming_message_ts"]) == ("agent_session_stopped", [stream["ts"]])
    assert error_of(web.chat_stopStream, **stream)[0] == "stopped_by_user"
    assert list(slack.workspace.sessions.values()) == ["processing"]
    web.agents_sessions_setStatus(channel_id="C0HELP", thread_ts=event["thread_ts"], status="active")
    assert list(slack.workspace.sessions.values()) == ["active"]


def test_a_workspace_may_not_know_streams(slack, web, root):
    slack.change(streaming_error="feature_not_enabled")
    assert error_of(web.chat_startStream, channel="C0HELP", thread_ts=root, **RECIPIENT)[0] == "feature_not_enabled"


def test_chunks_are_checked_and_kept(slack, web, stream):
    task = {"type": "task_update", "id": "t1", "title": "reading", "status": "complete"}
    web.chat_appendStream(**stream, chunks=[task, {"type": "markdown_text", "text": "read"}])
    assert slack.message("C0HELP", stream["ts"]).stream.chunks == [task]
    assert error_of(web.chat_appendStream, **stream, chunks=[{"type": "song"}])[0] == "invalid_chunks"
    assert error_of(web.chat_appendStream, **stream, chunks=[{"type": "plan_update"}])[0] == "invalid_chunks"
    assert error_of(web.chat_appendStream, **stream, markdown_text="")[0] == "no_text"
    assert error_of(web.chat_appendStream, **stream, markdown_text="x" * 12_001)[0] == "msg_too_long"


def test_twenty_streams_start_in_a_minute(web, root):
    for _ in range(20):
        web.chat_startStream(channel="C0HELP", thread_ts=root, **RECIPIENT)
    assert error_of(web.chat_startStream, channel="C0HELP", thread_ts=root, **RECIPIENT)[0] == "ratelimited"
