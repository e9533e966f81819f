"""The tests of the Slack reply: each question gets one complete answer, whatever Slack does meanwhile."""

import asyncio
import random
from datetime import UTC, datetime, timedelta

import pytest

from benchmarks.slack_streams import prose
from bot.errors import NotWanted, Refused, Waits
from bot.events import Attachment, SlackThread
from tests.bot.doors.slack.fake_slack import FakeSlack, visible
from tests.bot.doors.slack.virtual_time import now_s, run_virtually
from tests.handlers.replies.slack.rig import answer, event, reply_on, stream, workspace_on

FEEDBACK = ["bellhop_feedback_up", "bellhop_feedback_down"]


async def edited(_event_id):
    return "edit"


def buttons(post):
    return [
        element["action_id"] for block in post.blocks if block["type"] == "actions" for element in block["elements"]
    ]


def small_print(post):
    return [element["text"] for block in post.blocks if block["type"] == "context" for element in block["elements"]]


def texts(slack, thread_ts="100.0"):
    return [post.text for post in slack.thread(thread_ts)]


async def answered(slack, text, seconds, workspace=None, asked=None, **final):
    """One question answered by a stream of `seconds`; returns how late the final was, in seconds."""
    reply = reply_on(workspace or workspace_on(slack), asked)
    await reply.open(None)
    await stream(reply, text, seconds)
    done_at = now_s()
    await reply.finish(answer(text, **final))
    return now_s() - done_at


def test_a_short_answer_is_posted_once_and_never_edited():
    slack = FakeSlack()
    run_virtually(answered(slack, "Four.", 1.0))
    (post,) = slack.thread()
    assert post.text == "Four."
    assert buttons(post) == FEEDBACK
    assert slack.count("chat.postMessage") == 1
    assert slack.count("chat.update") == 0


def test_a_long_answer_grows_in_one_message_and_ends_exactly():
    slack = FakeSlack()
    text = prose(4_000)
    late_s = run_virtually(answered(slack, text, 20.0))
    (post,) = slack.thread()
    assert post.text == text
    assert late_s < 0.5
    lengths = [len(shown) for _, shown in post.versions]
    assert lengths == sorted(lengths)
    assert 8 < len(lengths) < 20
    assert all(text.startswith(shown) for _, shown in post.versions)


def test_the_first_text_is_there_one_and_a_half_seconds_after_the_first_token():
    slack = FakeSlack()

    async def main():
        reply = reply_on(workspace_on(slack))
        await reply.open(None)
        came = await stream(reply, prose(1_000), 5.0)
        await reply.finish(answer(prose(1_000)))
        return came[0][0]

    first_token_at = run_virtually(main())
    (post,) = slack.thread()
    assert post.versions[0][0] - first_token_at < 1.5


def test_the_stop_button_stands_there_while_it_grows_and_feedback_in_the_end():
    slack = FakeSlack()
    seen = []
    slack.mishap = lambda method, arguments: seen.append((method, arguments.get("blocks")))
    run_virtually(answered(slack, prose(1_000), 5.0))
    drawn = [blocks or [] for method, blocks in seen if method in ("chat.postMessage", "chat.update")]
    assert [blocks[-1]["elements"][0]["action_id"] for blocks in drawn[:-1]] == ["bellhop_stop"] * (len(drawn) - 1)
    assert drawn[-1][-1]["elements"][0]["action_id"] == "bellhop_feedback_up"


def test_every_message_carries_the_events_id_and_unfurls_nothing():
    slack = FakeSlack()
    run_virtually(answered(slack, prose(800), 4.0))
    for _, method, arguments in slack.calls:
        if method in ("chat.postMessage", "chat.update"):
            assert arguments["metadata"]["event_payload"] == {"event_id": "e1", "part": 0}
            assert arguments["parse"] == "none"
            assert "link_names" not in arguments
        if method == "chat.postMessage":
            assert (arguments["unfurl_links"], arguments["unfurl_media"]) == (False, False)


def test_notes_footer_and_hosts_of_links_stand_in_the_small_print():
    slack = FakeSlack()
    workspace = workspace_on(slack, footer=True)
    text = "See [docs](https://docs.example/a)."
    run_virtually(
        answered(slack, text, 0.5, workspace, notes=("The PDF was cut.",), model="m1", duration_s=3.21, cost_usd=0.0042)
    )
    (post,) = slack.thread()
    assert post.text == text
    assert small_print(post) == ["The PDF was cut.", "Links lead to docs.example", "m1 · 3.2 s · $0.0042"]


def test_nobody_is_pinged_on_any_path_not_even_by_a_token_split_between_two_deltas():
    slack = FakeSlack()
    seen = []
    slack.mishap = lambda method, arguments: seen.append(repr(arguments))
    text = "Dear <!channel>, <@U0ANNA> and <@UASKER>: " + prose(900) + " <!here>"
    run_virtually(answered(slack, text, 6.0))
    assert not any("<!" in call or "<@U0ANNA" in call for call in seen)
    assert "<@UASKER>" in slack.thread()[0].text


def test_a_long_answer_continues_in_a_second_message_and_only_the_last_has_buttons():
    slack = FakeSlack()
    text = prose(20_000)
    run_virtually(answered(slack, text, 30.0))
    assert "".join(texts(slack)) == text
    assert [buttons(post) for post in slack.thread()] == [[], FEEDBACK]
    assert [post.metadata["event_payload"]["part"] for post in slack.thread()] == [0, 1]


def test_a_message_at_the_channels_root_is_continued_in_its_own_thread():
    slack = FakeSlack()
    asked = event(thread_ts=None)
    run_virtually(answered(slack, prose(15_000), 5.0, asked=asked))
    first, second = slack.posts.values()
    assert (first.thread_ts, second.thread_ts) == (None, first.ts)


def test_an_answer_beyond_three_messages_becomes_a_file_with_its_beginning_in_the_message():
    slack = FakeSlack()
    text = prose(45_000)
    run_virtually(answered(slack, text, 40.0))
    message, file = slack.thread()
    assert text.startswith(message.text)
    assert len(message.text) > 5_000
    assert any("in the file" in words for words in small_print(message))
    assert slack.uploads[file.files[0]["name"]].decode() == text
    assert len(slack.shared) == 1


def test_without_permission_for_files_a_very_long_answer_takes_more_messages():
    slack = FakeSlack()
    slack.mishap = lambda method, _: "deny:missing_scope" if method.startswith("files.") else None
    text = prose(45_000)
    run_virtually(answered(slack, text, 5.0))
    assert "".join(texts(slack)) == text
    assert len(slack.thread()) == 5


def test_a_failed_answer_keeps_what_is_there_marked_and_with_a_way_to_retry():
    slack = FakeSlack()

    async def main():
        reply = reply_on(workspace_on(slack))
        await reply.open(None)
        await stream(reply, "Half of what was to be said ", 4.0)
        await reply.fail("The model is overloaded. Try again in a minute.")

    run_virtually(main())
    (post,) = slack.thread()
    assert post.text == "Half of what was to be said "
    assert buttons(post) == ["bellhop_retry"]
    assert small_print(post)[0].startswith("⚠️ Unfinished: The model is overloaded. Try again in a minute. (ref ")


def test_a_failure_before_the_first_text_says_why():
    slack = FakeSlack()

    async def main():
        reply = reply_on(workspace_on(slack))
        await reply.open(None)
        await reply.fail("The day's budget is used up. It starts anew at midnight.")

    run_virtually(main())
    (post,) = slack.thread()
    assert "budget is used up" in visible(post.blocks)
    assert buttons(post) == ["bellhop_retry"]


def test_a_retry_after_a_failure_writes_into_the_same_message():
    slack = FakeSlack()

    async def main():
        workspace = workspace_on(slack)
        failed = reply_on(workspace)
        await failed.open(None)
        await failed.fail("Overloaded.")
        await answered(slack, "All is well.", 0.5, workspace)

    run_virtually(main())
    assert texts(slack) == ["All is well."]


@pytest.mark.parametrize("native", [False, True])
@pytest.mark.parametrize("seconds", [0.0, 5.0])
def test_what_was_stopped_for_an_edited_question_leaves_nothing(native, seconds):
    slack = FakeSlack()

    async def main():
        reply = reply_on(workspace_on(slack, native=native, withdrawn=edited))
        await reply.open(None)
        text = ""
        if seconds:
            text = prose(500)
            await stream(reply, text, seconds)
        await reply.finish(answer(text, stop_reason="stopped", notes=("Stopped on request.",)))

    run_virtually(main())
    assert slack.thread() == []
    assert len(slack.deleted) == (1 if seconds else 0)


def test_what_a_person_stopped_before_the_first_text_says_so():
    slack = FakeSlack()
    run_virtually(answered(slack, "", 0.0, stop_reason="stopped", notes=("Stopped on request.",)))
    (post,) = slack.thread()
    assert small_print(post) == ["Stopped on request."]


def test_a_failure_of_an_edited_question_leaves_nothing():
    slack = FakeSlack()

    async def main():
        reply = reply_on(workspace_on(slack, withdrawn=edited))
        await reply.open(None)
        await reply.fail("This was stopped before there was an answer.")

    run_virtually(main())
    assert slack.thread() == []


def test_finishing_twice_changes_nothing():
    slack = FakeSlack()

    async def main():
        workspace = workspace_on(slack)
        await answered(slack, "Yes.", 0.5, workspace)
        calls = len(slack.calls)
        again = reply_on(workspace)
        await again.finish(answer("Yes."))
        return len(slack.calls) - calls

    assert run_virtually(main()) == 0
    assert texts(slack) == ["Yes."]


@pytest.mark.parametrize("crash_after_s", [0.5, 1.6, 4.0, 12.0])
def test_after_a_crash_the_answer_is_found_again_and_edited_on(crash_after_s):
    slack = FakeSlack()
    text = prose(16_000)

    async def main():
        first = reply_on(workspace_on(slack))
        place = await first.open(None)
        streaming = asyncio.ensure_future(stream(first, text, 15.0))
        await asyncio.sleep(crash_after_s)
        streaming.cancel()
        first._workspace.pacer.withdraw("e1/0")
        if first._run.growing:
            first._run.growing.cancel()
        await asyncio.sleep(1)
        second = reply_on(workspace_on(slack))
        await second.open(place)
        await stream(second, text, 15.0)
        await second.finish(answer(text))

    run_virtually(main())
    assert "".join(texts(slack)) == text
    assert slack.count("chat.postMessage") == 2


def test_after_a_crash_a_failure_marks_what_stands_there():
    slack = FakeSlack()

    async def main():
        first = reply_on(workspace_on(slack))
        place = await first.open(None)
        await stream(first, prose(600), 3.0)
        await first._quiet()
        second = reply_on(workspace_on(slack))
        await second.open(place)
        await second.fail("The PDF is encrypted.")

    run_virtually(main())
    (post,) = slack.thread()
    assert post.blocks[0]["type"] == "rich_text"
    assert small_print(post)[-1].startswith("⚠️ Unfinished: The PDF is encrypted.")
    assert buttons(post) == ["bellhop_retry"]


def test_where_an_earlier_run_may_have_written_its_message_is_looked_for():
    slack = FakeSlack()

    async def main():
        await answered(slack, "Yes.", 0.5)
        second = reply_on(workspace_on(slack))
        await second.open({})
        await second.finish(answer("Yes."))

    run_virtually(main())
    assert texts(slack) == ["Yes."]


def test_a_backlog_that_never_began_is_answered_after_one_look_whether_its_question_still_stands():
    slack = FakeSlack()
    old = datetime.now(UTC) - timedelta(hours=3)
    run_virtually(answered(slack, prose(900), 5.0, asked=event(time=old)))
    assert slack.count("conversations.replies") == 1


@pytest.mark.parametrize("mishap", ["lost", "dropped", "hang", "limited"])
@pytest.mark.parametrize("method", ["chat.postMessage", "chat.update"])
def test_each_first_call_of_a_method_may_go_wrong(method, mishap):
    slack = FakeSlack()
    left = [2]

    def once(called, _arguments):
        if called == method and left[0]:
            left[0] -= 1
            return mishap
        return None

    slack.mishap = once
    text = prose(1_500)
    run_virtually(answered(slack, text, 8.0))
    assert texts(slack) == [text]


def test_a_final_that_cannot_be_edited_soon_is_posted_anew_and_the_stale_one_deleted():
    slack = FakeSlack()
    slack.mishap = lambda method, _: "limited" if method == "chat.update" else None
    text = prose(900)
    late_s = run_virtually(answered(slack, text, 6.0))
    assert texts(slack) == [text]
    assert len(slack.deleted) == 1
    assert late_s < 3.0


@pytest.mark.parametrize("error", ["message_not_found", "edit_window_closed", "cant_update_message"])
def test_a_message_that_may_not_be_edited_is_posted_anew(error):
    slack = FakeSlack()
    slack.mishap = lambda method, _: f"deny:{error}" if method == "chat.update" else None
    text = prose(900)
    run_virtually(answered(slack, text, 6.0))
    assert texts(slack) == [text]
    assert slack.count("chat.update") == 1


def test_parts_stay_in_order_when_the_first_must_be_posted_anew():
    slack = FakeSlack()
    denied = []

    def first_part_denied(method, arguments):
        if method == "chat.update" and arguments["metadata"]["event_payload"]["part"] == 0:
            denied.append(arguments["ts"])
            return "deny:edit_window_closed"
        return None

    slack.mishap = first_part_denied
    text = prose(20_000)
    run_virtually(answered(slack, text, 20.0))
    assert denied
    assert "".join(texts(slack)) == text


def test_a_final_does_not_wait_for_a_partial_that_hangs():
    slack = FakeSlack()
    slack.mishap = lambda method, _: "hang" if method == "chat.update" else None
    text = prose(1_000)
    late_s = run_virtually(answered(slack, text, 3.0))
    assert texts(slack) == [text]
    assert late_s < 15.0


def test_a_workspace_without_markdown_blocks_gets_sections_and_is_not_asked_again():
    slack = FakeSlack()

    def no_markdown(method, arguments):
        markdown = any(block["type"] == "markdown" for block in arguments.get("blocks") or [])
        return "deny:invalid_blocks" if markdown else None

    slack.mishap = no_markdown

    async def main():
        workspace = workspace_on(slack)
        await answered(slack, "a **b**", 0.5, workspace)
        await asyncio.sleep(2)
        calls = len(slack.calls)
        await answered(slack, "c", 0.5, workspace, event("e2"))
        return [method for _, method, _ in slack.calls[calls:]]

    assert run_virtually(main()) == ["assistant.threads.setStatus", "chat.postMessage"]
    assert texts(slack) == ["a *b*", "c"]


@pytest.mark.parametrize("seconds", [0.5, 6.0])
def test_one_message_that_slack_refuses_says_nothing_about_the_next(seconds):
    slack = FakeSlack()
    slack.mishap = lambda _, arguments: "deny:invalid_blocks" if "POISON" in "".join(markdown_in(arguments)) else None

    async def main():
        workspace = workspace_on(slack)
        await answered(slack, "a **b** POISON [c](https://c.example/x) `d`\n\n" + prose(600), seconds, workspace)
        await asyncio.sleep(2)
        await answered(slack, "a **b**", 0.5, workspace, event("e2"))

    run_virtually(main())
    first, second = slack.thread()
    assert first.text.startswith("a *b* POISON <https://c.example/x|c> `d`\n\n")
    assert second.blocks[0] == {"type": "markdown", "text": "a **b**"}
    assert buttons(first) == buttons(second) == FEEDBACK


def test_a_message_refused_in_all_blocks_is_plain_text():
    slack = FakeSlack()
    slack.mishap = lambda _, arguments: "deny:invalid_blocks" if arguments.get("blocks") else None
    run_virtually(answered(slack, "a **b**\n\n- <!here> c", 0.5, notes=("A note.",)))
    (post,) = slack.thread()
    assert (post.blocks, post.arguments["text"]) == ([], "a *b*\n\n• &lt;!here&gt; c\n\nA note.")


def markdown_in(arguments):
    return [block["text"] for block in arguments.get("blocks") or [] if block["type"] == "markdown"]


def test_text_that_slack_counts_as_too_long_goes_out_in_smaller_pages():
    slack = FakeSlack()

    def counts_double(method, arguments):
        return "deny:msg_blocks_too_long" if len(visible(arguments.get("blocks") or [])) > 6_000 else None

    slack.mishap = counts_double
    text = prose(12_500)
    run_virtually(answered(slack, text, 10.0))
    assert "".join(texts(slack)) == text


def test_a_channel_that_refuses_bellhop_is_said_in_plain_words():
    slack = FakeSlack()
    slack.mishap = lambda method, _: "deny:not_in_channel" if method == "chat.postMessage" else None
    with pytest.raises(Refused, match="/invite") as refused:
        run_virtually(answered(slack, "Yes.", 0.5))
    assert refused.value.code == "not_in_channel"


def test_a_status_stands_at_once_and_names_what_is_read():
    slack = FakeSlack()

    async def main():
        asked = event(attachments=(Attachment("Report.PDF"),))
        reply = reply_on(workspace_on(slack), asked)
        await reply.open(None)
        await asyncio.sleep(0.1)
        await reply.finish(answer("Yes."))

    run_virtually(main())
    at, method, arguments = next(call for call in slack.calls if "setStatus" in call[1])
    assert (at, method, arguments["status"]) == (0.0, "assistant.threads.setStatus", "is reading your PDF…")


@pytest.mark.full
@pytest.mark.parametrize("seed", range(10))
def test_a_hundred_answers_under_every_mishap_are_each_there_once_and_exact(seed):
    storm(seed, 100)


def test_twenty_answers_under_every_mishap_are_each_there_once_and_exact():
    storm(0, 20)


def storm(seed, count):
    chance = random.Random(seed)
    slack = FakeSlack(seed=seed)
    mishaps = ["lost", "dropped", "hang", "limited", "deny:internal_error"]
    slack.mishap = lambda method, _: chance.choice(mishaps[:4]) if chance.random() < 0.15 else None

    async def one(workspace, number):
        await asyncio.sleep(chance.uniform(0, 3 * count))
        thread_ts = f"{number}.0"
        asked = event(f"e{number}", channel=f"C{number % 7}", thread_ts=thread_ts)
        text = prose(chance.choice([50, 800, 6_000, 15_000]), number)
        reply = reply_on(workspace, asked)
        await reply.open(None)
        await stream(reply, text, chance.uniform(0.5, 20))
        await reply.finish(answer(text))
        assert "".join(texts(slack, thread_ts)) == text

    async def main():
        workspace = workspace_on(slack)
        await asyncio.gather(*(one(workspace, number) for number in range(1, count + 1)))

    run_virtually(main())


def waited(slack, workspace=None):
    """A reply that said that it waits until 15:45 in its asker's zone."""
    reply = reply_on(workspace or workspace_on(slack))

    async def main():
        await reply.open(None)
        await reply.wait("Claude is busy", datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=20))

    return reply, main


def test_a_wait_is_one_line_in_the_thread_and_the_answer_is_posted_anew_in_its_place():
    slack = FakeSlack()
    reply, said = waited(slack)
    run_virtually(said())
    (line,) = slack.thread()
    assert visible(line.blocks).startswith("⏳ Claude is busy until about ")
    assert visible(line.blocks).endswith("; I answer then.")

    async def go_on():
        await reply.open({"channel": "C1"})
        await stream(reply, prose(600), 3.0)
        await reply.finish(answer(prose(600)))

    run_virtually(go_on())
    (post,) = slack.thread()
    assert post.text == prose(600)
    assert post.ts != line.ts


def test_a_wait_that_grows_longer_is_said_in_the_same_line():
    slack = FakeSlack()
    reply, said = waited(slack)

    async def main():
        await said()
        await reply.wait("Claude is busy", None)

    run_virtually(main())
    (line,) = slack.thread()
    assert visible(line.blocks) == "⏳ Claude is busy; I answer as soon as that is over."


def test_after_a_restart_the_line_gives_way_to_the_answer_or_to_the_reason_for_none():
    for end in ("finish", "fail"):
        slack = FakeSlack()
        run_virtually(waited(slack)[1]())

        async def main(slack=slack, end=end):
            again = reply_on(workspace_on(slack))
            await again.open({})
            await (again.finish(answer("Four.")) if end == "finish" else again.fail("No luck."))

        run_virtually(main())
        (post,) = slack.thread()
        assert "⏳" not in visible(post.blocks)


def test_a_wait_in_the_middle_of_an_answer_stands_under_what_is_there():
    slack = FakeSlack()

    async def main():
        reply = reply_on(workspace_on(slack))
        await reply.open(None)
        await stream(reply, prose(900), 6.0)
        await reply.wait("Claude is busy", None)
        (post,) = slack.thread()
        assert small_print(post) == ["⏳ Claude is busy; I answer as soon as that is over."]
        await stream(reply, prose(900), 3.0)
        await reply.finish(answer(prose(900)))

    run_virtually(main())
    (post,) = slack.thread()
    assert post.text == prose(900)
    assert "⏳" not in visible(post.blocks)


async def is_deleted(_event_id):
    return "delete"


class Deletion:
    """Tells of a deletion once `said` is set, as the receipts do."""

    def __init__(self):
        self.said = False

    async def __call__(self, _event_id):
        return "delete" if self.said else ""


def test_a_question_deleted_before_its_answer_begins_costs_nothing():
    slack = FakeSlack()

    async def main():
        with pytest.raises(NotWanted):
            await reply_on(workspace_on(slack, withdrawn=is_deleted)).open(None)

    run_virtually(main())
    assert slack.calls == []


@pytest.mark.parametrize("native", [False, True])
@pytest.mark.parametrize("end", ["finish", "fail"])
def test_a_question_deleted_in_the_middle_leaves_no_answer_no_failure_and_no_status(native, end):
    slack, deletion = FakeSlack(), Deletion()

    async def main():
        reply = reply_on(workspace_on(slack, native=native, withdrawn=deletion))
        await reply.open(None)
        await stream(reply, prose(900), 5.0)
        deletion.said = True
        if end == "fail":
            await reply.fail("Stopped.")
            return
        with pytest.raises(NotWanted):
            await reply.finish(answer(prose(900)))

    run_virtually(main())
    assert slack.thread() == []
    assert len(slack.deleted) == 1


def test_a_question_deleted_while_its_answer_is_delivered_leaves_nothing_and_no_later_part():
    slack, deletion = FakeSlack(), Deletion()

    def after_the_first_part(method, _arguments):
        deletion.said = deletion.said or method == "chat.postMessage"

    slack.mishap = after_the_first_part

    async def main():
        reply = reply_on(workspace_on(slack, withdrawn=deletion))
        await reply.open(None)
        with pytest.raises(NotWanted):
            await reply.finish(answer(prose(30_000)))

    run_virtually(main())
    assert slack.count("chat.postMessage") == 1
    assert slack.thread() == []


def test_a_post_that_lands_at_the_channels_root_because_its_thread_is_dead_is_taken_back():
    slack = FakeSlack()

    async def main():
        reply = reply_on(workspace_on(slack))
        await reply.open(None)
        slack.dead.add("100.0")
        with pytest.raises(NotWanted):
            await reply.finish(answer(prose(15_000)))
        await reply.fail("The question was deleted.")

    run_virtually(main())
    assert slack.posts == {}
    assert len(slack.deleted) == 1


@pytest.mark.parametrize("shown", [False, True])
def test_after_a_restart_a_question_that_was_deleted_meanwhile_leaves_nothing(shown):
    slack = FakeSlack()

    async def main():
        first = reply_on(workspace_on(slack))
        await first.open(None)
        if shown:
            await stream(first, prose(600), 4.0)
            await first._quiet()
        slack.dead.add("100.0")
        with pytest.raises(NotWanted):
            await reply_on(workspace_on(slack)).open({})

    run_virtually(main())
    assert slack.posts == {}


def test_a_status_that_lands_behind_the_answer_is_taken_back():
    slack = FakeSlack()
    slack.mishap = lambda method, arguments: "hang" if method.endswith("setStatus") and arguments["status"] else None

    async def main():
        await answered(slack, "Yes.", 0.5)
        await asyncio.sleep(15)

    run_virtually(main())
    assert [arguments["status"] for _, method, arguments in slack.calls if method.endswith("setStatus")][-1] == ""


def test_a_status_ends_where_the_answer_is_an_edit_of_what_an_earlier_run_left():
    slack = FakeSlack()

    async def main():
        first = reply_on(workspace_on(slack))
        await first.open(None)
        await stream(first, prose(600), 4.0)
        await first._quiet()
        second = reply_on(workspace_on(slack))
        await second.open({})
        await second.finish(answer(prose(600)))
        await asyncio.sleep(1)

    run_virtually(main())
    assert [arguments["status"] for _, method, arguments in slack.calls if method.endswith("setStatus")][-1] == ""


class Told(list[tuple[str, str]]):
    async def __call__(self, url, body):
        self.append((url, body["text"]))
        return True


CLOSED = [
    ({"is_member": False}, "not_in_channel", "/invite @Bellhop"),
    ({"is_archived": True}, "is_archived", "archived"),
    ({"is_read_only": True}, "restricted_action_read_only_channel", "takes no messages"),
]


@pytest.mark.parametrize(("channel", "error", "words"), CLOSED)
def test_where_nobody_could_see_an_answer_it_is_refused_before_it_is_asked_and_the_person_is_told(
    channel, error, words
):
    slack, told = FakeSlack(), Told()
    slack.channels["C1"] = channel
    asked = event(reply_to=SlackThread("T1", "C1", "100.0", "100.0", "UASKER", "https://hooks.slack.com/x"))

    async def main():
        reply = reply_on(workspace_on(slack, respond=told), asked)
        with pytest.raises(Refused) as refused:
            await reply.open(None)
        await reply.open({})
        await reply.fail(refused.value.reason)
        return refused.value.code

    assert run_virtually(main()) == error
    ((url, said),) = told
    assert url == "https://hooks.slack.com/x"
    assert words in said
    assert slack.posts == {}


def refusing(error):
    return lambda method, arguments: (
        f"deny:{error}" if method == "chat.postMessage" and arguments["channel"] == "C1" else None
    )


def test_without_a_response_url_the_person_is_told_beside_the_question_or_in_a_direct_message():
    for error, method in (("restricted_action", "chat.postEphemeral"), ("is_archived", "chat.postMessage")):
        slack = FakeSlack()
        slack.mishap = refusing(error)

        async def main(slack=slack):
            reply = reply_on(workspace_on(slack))
            await reply.open(None)
            with pytest.raises(Refused) as refused:
                await reply.finish(answer("Yes."))
            await reply.fail(refused.value.reason)

        run_virtually(main())
        _, called, arguments = [call for call in slack.calls if call[1].startswith("chat.")][-1]
        assert called == method
        assert "UASKER" in (arguments["channel"], arguments.get("user"))


def test_a_channel_that_turned_a_message_away_is_not_paid_for_again():
    slack = FakeSlack()
    slack.mishap = lambda method, _: "deny:thread_locked" if method == "chat.postMessage" else None

    async def main():
        workspace = workspace_on(slack)
        with pytest.raises(Refused):
            await answered(slack, "Yes.", 0.5, workspace)
        with pytest.raises(Refused, match="locked"):
            await reply_on(workspace, event("e2")).open(None)

    run_virtually(main())


@pytest.mark.parametrize("resting", [("chat.update",), ("chat.postMessage",), ("chat.update", "chat.postMessage")])
def test_a_rest_of_an_hour_ends_growing_and_the_answer_waits_without_a_worker(resting):
    slack = FakeSlack()

    async def main():
        workspace = workspace_on(slack)
        reply = reply_on(workspace)
        await reply.open(None)
        for method in resting:
            workspace.pacer.limits.limited(method, 3_600.0, now_s())
        await stream(reply, prose(900), 5.0)
        await reply.finish(answer(prose(900)))

    if "chat.postMessage" in resting:
        with pytest.raises(Waits, match="Slack takes no messages") as waits:
            run_virtually(main())
        assert waits.value.until
        assert waits.value.until > datetime.now(UTC) + timedelta(minutes=50)
    else:
        run_virtually(main())
        assert texts(slack) == [prose(900)]
