"""The promise of the Slack door, kept by the whole program: one complete answer for each question, whatever happens."""

import signal
import time

import pytest

from playground.claude import ClaudeStandIn, Pace
from playground.claude import Fault as ClaudeFault
from playground.slack import Options, SlackStandIn
from playground.slack.people import BOT_USER
from tests.bot.running import bot, until
from tests.crash.slack_storm import house, is_text, storm

PROSE = "word " * 500 + "end."


def test_every_question_has_exactly_one_complete_answer(tmp_path):
    """Few questions here; `python -m benchmarks.slack_storm` asks a thousand, through three kills."""
    outcome = storm(tmp_path, 25, 1, seed=25, per_s=6.0)
    assert outcome.wrong == {}
    assert outcome.exact == 25
    assert sum(outcome.faults.values()) > 0


@pytest.mark.parametrize(
    ("shown", "exact"),
    [
        (["ab"], True),
        (["a", "b"], True),
        (["a"], False),
        (["ab", "ab"], False),
        (["ab "], False),
        (["```py\na\n```", "```py\nb\n```"], False),
    ],
)
def test_the_judge_of_the_storm_sees_what_is_missing_doubled_or_changed(shown, exact):
    assert is_text(shown, "ab") is exact


def test_the_judge_of_the_storm_allows_a_fence_to_be_reopened_at_a_cut():
    assert is_text(["```py\na\n```", "```py\nb\n```"], "```py\na\nb\n```")
    assert not is_text(["```py\na\n```", "```py\nc\n```"], "```py\na\nb\n```")


@pytest.fixture
def slack():
    return SlackStandIn(options=Options())


@pytest.fixture
def claude():
    """About three seconds for PROSE."""
    stand_in = ClaudeStandIn(pace=Pace(0.1, 200.0))
    stand_in.answer_with(PROSE)
    return stand_in


def ours(slack, ts):
    """Our messages under a question, deleted ones too."""
    return [one for one in slack.messages("D0ANNA") if one.thread_ts == ts and one.user == BOT_USER]


def buttons(message):
    return [one["action_id"] for block in message.blocks if block["type"] == "actions" for one in block["elements"]]


def test_a_kind_stop_in_the_middle_ends_in_time_and_the_same_message_is_completed_later(tmp_path, slack, claude):
    claude.pace = Pace(0.1, 50.0)
    with house(tmp_path, slack, claude) as home:
        with home.run("run0.log") as process:
            ts = slack.say("U0ANNA", "D0ANNA", "Question 1 please")
            until(lambda: ours(slack, ts))
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0
        (half,) = ours(slack, ts)
        assert half.visible != PROSE
        claude.pace = Pace()
        with home.run("run1.log"):
            until(lambda: ours(slack, ts)[0].visible == PROSE and "bellhop_stop" not in buttons(ours(slack, ts)[0]))
        (whole,) = ours(slack, ts)
    assert whole.ts == half.ts
    assert "Traceback" not in home.log()


def test_the_stop_button_ends_the_call_and_keeps_what_is_there(tmp_path, slack, claude):
    claude.pace = Pace(0.1, 50.0)
    with house(tmp_path, slack, claude) as home, home.run("run0.log"):
        ts = slack.say("U0ANNA", "D0ANNA", "Question 1 please")
        until(lambda: ours(slack, ts))
        (growing,) = ours(slack, ts)
        slack.click("U0BEN", growing.ts, "bellhop_stop")
        time.sleep(0.5)
        assert not claude.disconnects
        slack.click("U0ANNA", growing.ts, "bellhop_stop")
        until(lambda: claude.disconnects)
        until(lambda: "bellhop_stop" not in buttons(ours(slack, ts)[0]))
        (message,) = ours(slack, ts)
    assert PROSE.startswith(message.visible)
    assert 0 < len(message.visible) < len(PROSE)


def test_slacks_own_stop_ends_a_native_answer_for_the_asker_alone(tmp_path, slack, claude):
    claude.pace = Pace(0.1, 50.0)
    with house(tmp_path, slack, claude, SLACK_STREAMING="native") as home, home.run("run0.log"):
        ts = slack.say("U0ANNA", "D0ANNA", "Question 1 please")
        until(lambda: ours(slack, ts))
        (growing,) = ours(slack, ts)
        slack.crowd.stop_stream("U0BEN", "D0ANNA", growing.ts)
        until(lambda: "bellhop_stop" in buttons(ours(slack, ts)[0]))  # it goes on by edits
        assert not claude.disconnects
        again = slack.say("U0ANNA", "D0ANNA", "Question 2 please")
        until(lambda: ours(slack, again))
        slack.crowd.stop_stream("U0ANNA", "D0ANNA", ours(slack, again)[0].ts)
        until(lambda: claude.disconnects)
        until(lambda: "bellhop_feedback_up" in buttons(ours(slack, again)[0]))
        (message,) = ours(slack, again)
        until(lambda: slack.workspace.sessions["D0ANNA", again] == "active")
    assert PROSE.startswith(message.visible)
    assert 0 < len(message.visible) < len(PROSE)


def test_an_edited_question_has_one_answer_and_its_first_run_leaves_nothing(tmp_path, slack, claude):
    claude.pace = Pace(1.5, 2_000.0)
    with house(tmp_path, slack, claude) as home, home.run("run0.log"):
        ts = slack.say("U0ANNA", "D0ANNA", "Question 1 please")
        until(lambda: claude.tally.calls)
        slack.crowd.edit("U0ANNA", "D0ANNA", ts, "Question 2 please")
        until(lambda: ours(slack, ts) and ours(slack, ts)[-1].visible == PROSE)
        time.sleep(1.0)
    assert [message.visible for message in ours(slack, ts)] == [PROSE]


def test_what_failed_is_answered_by_its_retry_button(tmp_path, slack, claude):
    claude.pace = Pace()
    claude.fault(ClaudeFault("status", status=400, message="no"), times=1)
    with house(tmp_path, slack, claude) as home, home.run("run0.log"):
        ts = slack.say("U0ANNA", "D0ANNA", "Question 1 please")
        until(lambda: ours(slack, ts) and "bellhop_retry" in buttons(ours(slack, ts)[0]))
        slack.click("U0ANNA", ours(slack, ts)[0].ts, "bellhop_retry")
        until(lambda: [one.visible for one in ours(slack, ts) if not one.deleted] == [PROSE])


def test_two_programs_on_one_file_are_refused(tmp_path, slack, claude):
    with house(tmp_path, slack, claude) as home, home.run("run0.log"):
        second = bot(tmp_path, "run", **home.variables)
    assert second.returncode == 2
    assert "already running" in second.stderr
