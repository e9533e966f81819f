"""The tests of the sign of life."""

import asyncio

import pytest

from bot.doors.slack.status import Asked, status_words
from bot.events import Attachment
from tests.bot.doors.slack.fake_slack import FakeSlack
from tests.bot.doors.slack.virtual_time import run_virtually
from tests.handlers.replies.slack.rig import workspace_on


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ([], "is thinking…"),
        (["a.pdf"], "is reading your PDF…"),
        (["a.xlsx"], "is reading your spreadsheet…"),
        (["a.pdf", "b.pdf"], "is reading your 2 PDFs…"),
        (["a.pptx", "b.pptx"], "is reading your 2 slides…"),
        (["a.pdf", "b.docx"], "is reading your 2 files…"),
        (["strange"], "is reading your file…"),
    ],
)
def test_the_status_names_what_is_read(names, words):
    assert status_words([Attachment(name) for name in names]) == words


def keep(slack, seconds, questions=1):
    async def one(workspace, number):
        over = asyncio.Event()
        keeping = asyncio.ensure_future(
            workspace.status.keep(Asked("C1", f"{number}.0", f"{number}.0"), "is thinking…", over, lambda: False)
        )
        await asyncio.sleep(seconds)
        over.set()
        await keeping

    async def main():
        workspace = workspace_on(slack)
        for number in range(questions):
            await one(workspace, number)

    run_virtually(main())
    return [method for _, method, _ in slack.calls]


def test_a_status_is_said_again_before_slack_takes_it_away():
    assert keep(FakeSlack(), 200.0) == ["assistant.threads.setStatus"] * 3


def test_where_there_is_no_status_the_question_gets_eyes_and_the_refusal_is_remembered():
    slack = FakeSlack()
    slack.mishap = lambda method, _: "deny:unknown_method" if "setStatus" in method else None
    assert keep(slack, 5.0, questions=2) == ["assistant.threads.setStatus", "reactions.add", "reactions.add"]


def test_a_refusal_for_one_thread_says_nothing_about_the_next():
    slack = FakeSlack()
    slack.mishap = lambda method, _: "deny:channel_not_found" if "setStatus" in method else None
    assert keep(slack, 5.0, questions=2) == ["assistant.threads.setStatus", "reactions.add"] * 2
