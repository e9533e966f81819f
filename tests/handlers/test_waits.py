"""Tests of a long wait from the API's refusal to the people who wait, through the engine and over real sockets."""

import asyncio
import contextlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from bot.engine import Engine
from bot.errors import OUTAGE
from bot.rules.rule import Rule, RuleBook
from bot.settings import load_settings
from bot.wiring import known
from handlers.answer import AnswerHandler
from handlers.claude import Claude
from handlers.claude.answering import Clockwork
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


@pytest.mark.parametrize("status", [500, 529])
async def test_what_nobody_watches_outlives_an_outage_and_goes_on_by_itself(tmp_path, status):
    stand_in = ClaudeStandIn()
    thread: Any = Thread()
    events = [replace(event_of(f"{n} + 1"), id=f"slack:{n}", conversation=f"c{n}") for n in range(1, 9)]
    with serve(stand_in.app) as url:
        settings = load_settings(_env_file=None, anthropic_api_key=DEFAULT_KEY, anthropic_base_url=url)
        claude = Claude(settings, Clockwork(sleep=no_sleep))
        rules = RuleBook((Rule(name="slack", on="slack", stream=False),))
        clock = Ahead()
        async with running_handler(tmp_path, claude, rules, settings, thread, clock) as engine:
            stand_in.fault(Fault("status", status=status), times=1_000)
            for event in events:
                await engine.emit(event)
            await until(lambda: engine.receipts.counts()["waiting"] == 8)
            assert {engine.receipts.get(event.id).reason for event in events} == {"Claude does not answer just now"}
            assert all(len(thread.waits(event.id)) == 1 for event in events)
            asked = len(stand_in.requests)
            for round_ in range(2, 8):
                clock.ahead += timedelta(hours=3)
                await until(partial(are_parked, engine, events, round_))
            assert len(stand_in.requests) == asked + 6 * 5, "one event tries for all, in five calls"
            stand_in.faults.clear()
            clock.ahead += timedelta(hours=3)
            await until(lambda: engine.receipts.counts()["answered"] == 8)
        await claude.aclose()


async def test_a_question_that_alone_brings_claude_down_stops_while_others_are_answered(tmp_path):
    stand_in = ClaudeStandIn()
    thread: Any = Thread()
    with serve(stand_in.app) as url:
        settings = load_settings(_env_file=None, anthropic_api_key=DEFAULT_KEY, anthropic_base_url=url)
        claude = Claude(settings, Clockwork(sleep=no_sleep))
        rules = RuleBook((Rule(name="slack", on="slack", stream=False),))
        clock = Ahead()
        async with running_handler(tmp_path, claude, rules, settings, thread, clock) as engine:
            stand_in.fault(Fault("status", status=500), times=1_000, where=lambda body: "poison" in str(body))
            await engine.emit(replace(event_of("poison"), id="slack:0", conversation="c0"))
            await until(lambda: engine.receipts.counts()["waiting"] == 1)
            await engine.emit(replace(event_of("2 + 2"), id="slack:2", conversation="c2"))
            clock.ahead += timedelta(hours=3)
            await until(lambda: engine.receipts.counts()["answered"] == 1)
            await until(lambda: engine.receipts.counts()["failed"] == 1)
            poison = [one for one in stand_in.requests if "poison" in str(one.body)]
            assert len(poison) <= 5 * 7
        await claude.aclose()


def are_parked(engine, events, attempt):
    receipts = [engine.receipts.get(event.id) for event in events]
    return all(receipt.state == "waiting" and receipt.attempts >= attempt for receipt in receipts)


class Ahead:
    """The time, and what it is ahead of that."""

    def __init__(self):
        self.ahead = timedelta()

    def __call__(self):
        return datetime.now(UTC) + self.ahead


async def no_sleep(_seconds):
    await asyncio.sleep(0)


@contextlib.asynccontextmanager
async def running_handler(folder, claude, rules, settings, thread, clock):
    url = f"sqlite:///{folder / 'bot.db'}"
    engines: list[Engine] = []
    handler: Any = AnswerHandler(
        rules, settings, claude, {"slack": thread}, known(), now=clock, when_over=lambda: engines[0].hurry(OUTAGE)
    )
    async with running(url, handler, clock=lambda: clock().timestamp()) as engine:
        engines.append(engine)
        yield engine
