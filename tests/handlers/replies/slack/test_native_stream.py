"""The tests of native streaming, which may fail at any step without losing a character."""

import asyncio

import pytest

from benchmarks.slack_streams import prose
from tests.bot.doors.slack.fake_slack import FakeSlack
from tests.bot.doors.slack.virtual_time import run_virtually
from tests.handlers.replies.slack.rig import answer, event, reply_on, stream, workspace_on
from tests.handlers.replies.slack.test_reply import answered, buttons, texts


def streamed(slack, text, seconds, **more):
    return run_virtually(answered(slack, text, seconds, workspace_on(slack, native=True), **more))


def test_an_answer_streams_and_its_end_costs_no_append_and_no_edit():
    slack = FakeSlack()
    text = prose(3_000)
    assert streamed(slack, text, 15.0) < 0.5
    (post,) = slack.thread()
    assert post.text == text
    assert post.metadata["event_payload"] == {"event_id": "e1", "part": 0}
    assert buttons(post) == ["bellhop_feedback_up", "bellhop_feedback_down"]
    assert slack.count("chat.startStream") == slack.count("chat.stopStream") == 1
    assert slack.count("chat.update") == slack.count("chat.postMessage") == 0


def test_a_short_answer_is_posted_even_where_answers_stream():
    slack = FakeSlack()
    streamed(slack, "Four.", 0.5)
    assert texts(slack) == ["Four."]
    assert slack.count("chat.startStream") == 0


def test_a_stream_is_left_after_four_minutes_and_goes_on_by_edits_in_the_same_message():
    slack = FakeSlack()
    text = prose(9_000)
    streamed(slack, text, 400.0)
    (post,) = slack.thread()
    assert post.text == text
    assert slack.count("chat.update") > 5
    assert slack.deleted == []


@pytest.mark.parametrize("method", ["chat.startStream", "chat.appendStream", "chat.stopStream"])
@pytest.mark.parametrize(
    "mishap", ["deny:unknown_method", "deny:message_not_in_streaming_state", "lost", "dropped", "hang"]
)
def test_whatever_goes_wrong_the_text_is_there_once_and_exact(method, mishap):
    slack = FakeSlack()
    slack.mishap = lambda called, _: mishap if called == method else None
    text = prose(2_000)
    streamed(slack, text, 10.0)
    assert texts(slack) == [text]


def test_a_stream_that_a_reader_stopped_goes_on_by_edits_and_its_session_is_ended():
    slack = FakeSlack()
    stopped = {"chat.appendStream", "chat.stopStream"}

    def mishap(method, arguments):
        if method in stopped:
            next(iter(slack.posts.values())).live = False
            return "deny:stopped_by_user"
        return None

    slack.mishap = mishap
    text = prose(2_000)
    streamed(slack, text, 10.0)
    assert texts(slack) == [text]
    ended = [dict(arguments) for _, method, arguments in slack.calls if method == "agents.sessions.setStatus"]
    assert ended == [{"channel_id": "C1", "thread_ts": "100.0", "status": "active"}]


def test_a_workspace_that_does_not_know_streams_is_not_asked_again():
    slack = FakeSlack()
    slack.mishap = lambda called, _: "deny:feature_not_enabled" if called == "chat.startStream" else None

    async def main():
        workspace = workspace_on(slack, native=True)
        await answered(slack, prose(500), 4.0, workspace)
        await answered(slack, prose(500), 4.0, workspace, event("e2", thread_ts="200.0"))

    run_virtually(main())
    assert slack.count("chat.startStream") == 1
    assert texts(slack, "200.0") == [prose(500)]


def test_an_answer_that_outgrows_one_message_goes_on_by_edits():
    slack = FakeSlack()
    text = prose(15_000)
    streamed(slack, text, 10.0)
    assert "".join(texts(slack)) == text


def test_a_failure_ends_the_stream_and_marks_it():
    slack = FakeSlack()

    async def main():
        reply = reply_on(workspace_on(slack, native=True))
        await reply.open(None)
        await stream(reply, prose(900), 5.0)
        await reply.fail("Overloaded.")

    run_virtually(main())
    (post,) = slack.thread()
    assert not post.live
    assert buttons(post) == ["bellhop_retry"]


def test_after_a_crash_the_broken_stream_is_found_and_written_over():
    slack = FakeSlack()
    text = prose(2_000)

    async def main():
        first = reply_on(workspace_on(slack, native=True))
        place = await first.open(None)
        streaming = asyncio.ensure_future(stream(first, text, 10.0))
        await asyncio.sleep(5)
        streaming.cancel()
        assert first._run.growing is not None
        first._run.growing.cancel()
        await asyncio.sleep(1)
        second = reply_on(workspace_on(slack, native=True))
        await second.open(place)
        await stream(second, text, 10.0)
        await second.finish(answer(text))

    run_virtually(main())
    assert texts(slack) == [text]
    assert slack.deleted == []
