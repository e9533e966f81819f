"""Tests of a long wait from the API's refusal to the people who wait, through the engine and over real sockets."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.rules.rule import Rule, RuleBook
from bot.settings import load_settings
from bot.wiring import known
from handlers.answer import AnswerHandler
from handlers.claude import Claude
from playground.claude import DEFAULT_KEY, ClaudeStandIn, Fault
from playground.serving import serve
from tests.bot.engines import running, until
from tests.handlers.test_answer import NotedReply
from tests.handlers.test_prompt import event_of

pytestmark = pytest.mark.anyio


class Thread:
    """Hands out one reply for each event, and remembers them."""

    def __init__(self):
        self.replies = {}

    def reply_for(self, event, *, watched):
        return self.replies.setdefault(event.id, NotedReply(event, watched))

    async def note(self, address, words):
        raise AssertionError(words)

    async def aclose(self):
        self.replies.clear()

    def waits(self, event_id):
        return [did for did in self.replies[event_id].did if did[0] == "wait"] if event_id in self.replies else []


async def test_both_questions_of_a_thread_are_told_until_when_claude_is_busy_and_answered_in_order(tmp_path):
    stand_in = ClaudeStandIn()
    thread: Any = Thread()
    first = replace(event_of("1 + 1"), id="slack:1")
    second = replace(event_of("2 + 2"), id="slack:2", time=first.time + timedelta(seconds=9))
    with serve(stand_in.app) as url:
        settings = load_settings(_env_file=None, anthropic_api_key=DEFAULT_KEY, anthropic_base_url=url)
        claude = Claude(settings)
        rules = RuleBook((Rule(name="slack", on="slack"),))
        handler: Any = AnswerHandler(rules, settings, claude, {"slack": thread}, known())
        stand_in.fault(Fault("status", status=429, retry_after_s=1800))
        async with running(f"sqlite:///{tmp_path / 'bot.db'}", handler) as engine:
            await engine.emit(first)
            await until(lambda: engine.receipts.get(first.id).state == "waiting", limit_s=90.0)
            await engine.emit(second)
            await until(lambda: thread.waits(second.id))
            ((_, reason, moment),) = thread.waits(first.id)
            assert thread.waits(second.id) == [("wait", reason, moment)]
            assert reason == "Claude is busy"
            assert timedelta(minutes=29) < moment - datetime.now(UTC) <= timedelta(minutes=30)
            assert len(stand_in.requests) == 1
            await engine.wake(first.id)
            await until(lambda: engine.receipts.get(second.id).state == "answered")
            assert [thread.replies[one.id].did[-1] for one in (first, second)] == [
                ("finish", "1 + 1 = 2"),
                ("finish", "2 + 2 = 4"),
            ]
        await claude.aclose()
