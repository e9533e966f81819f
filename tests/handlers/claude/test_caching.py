"""What is kept in Claude's cache: threads and their documents, what comes again, and nothing that costs more."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from bot.errors import Refused
from handlers.claude.ask import Ask, Cache, File, request_of
from handlers.claude.caching import LEADS_S, CacheMemory, plan
from playground.claude import Fault
from playground.claude.playing import Pace
from tests.handlers.claude.test_answering import never

pytestmark = pytest.mark.anyio

LONG = "Reply in the house style. " * 200
CHAT = Ask("Be brief.", ({"role": "user", "content": "word " * 600},), "claude-sonnet-5-5", 500, goes_on=True)
ROW = Ask(LONG, ({"role": "user", "content": "Sum up."},), "claude-sonnet-5-5", 500)


def paper(words="page " * 2_000, name="a.pdf"):
    return File(name, ({"type": "text", "text": f"<{name}>"}, {"type": "text", "text": words}), own=True)


def about(*files, asked="why?", **more):
    return replace(ROW, messages=({"role": "user", "content": [*files, {"type": "text", "text": asked}]},), **more)


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def memory(clock):
    return CacheMemory(clock)


def once(memory, ask):
    with memory.asking(ask) as planned:
        return planned.cache


def lives(request):
    """The lives of the marks, in order."""
    blocks = [*request.get("system", []), *(b for m in request["messages"] for b in m["content"] if type(b) is dict)]
    return [mark.get("ttl", "5m") for block in blocks if (mark := block.get("cache_control"))]


def test_a_conversation_is_kept_for_five_minutes_and_its_documents_for_an_hour():
    assert plan(CHAT, "", "") == Cache("5m", "", "5m", "5m")
    assert plan(about(paper(), goes_on=True), "", "") == Cache("1h", "1h", "5m", "5m")


def test_what_is_shorter_than_can_be_cached_has_no_marks():
    assert plan(replace(CHAT, messages=({"role": "user", "content": "hi"},)), "5m", "5m") == Cache()
    assert plan(replace(ROW, model="claude-haiku-4-5"), "5m", "") == Cache()


def test_a_single_row_or_file_is_not_kept(memory):
    assert once(memory, ROW) == Cache()
    assert once(memory, about(paper())) == Cache("5m")
    assert once(memory, about(paper(), system="Be brief.")) == Cache()


def test_a_rule_is_kept_by_its_rhythm(memory, clock):
    found = []
    for minutes in (0, 4, 30, 20, 59, 61):
        clock.now += minutes * 60
        found.append(once(memory, ROW).system)
    assert found == ["", "5m", "1h", "1h", "", ""]


def test_what_is_in_the_cache_is_read_however_rarely_it_is_asked(memory, clock):
    for minutes in (0, 20, 20):
        clock.now += minutes * 60
        with memory.asking(ROW) as planned:
            memory.begun(planned, is_there=True)
    clock.now += 59 * 60
    assert once(memory, ROW).system == "5m"


def test_several_at_once_are_a_rhythm(memory):
    with memory.asking(ROW) as first, memory.asking(ROW) as second:
        assert (first.cache.system, second.cache.system) == ("", "5m")


def test_the_same_file_is_kept_from_the_second_time_within_the_hour(memory, clock):
    asked = about(paper(), system="Be brief.")
    assert once(memory, asked) == Cache()
    clock.now += 1_000
    assert once(memory, about(paper(), asked="how?", system="Be brief.")) == Cache("", "1h")
    clock.now += 4_000
    assert once(memory, asked) == Cache()
    assert once(memory, about(paper("other " * 2_000), system="Be brief.")) == Cache()


def test_answers_are_taken_to_become_as_long_as_the_last_ones(memory):
    found = []
    for tokens in (100, 100, 600):
        with memory.asking(ROW) as planned:
            memory.answered(planned, tokens)
        found.append(round(planned.answer_tokens))
    assert found == [600, 120, 120]
    with memory.asking(ROW) as planned:
        assert round(planned.answer_tokens) == 240


def test_at_the_shell_a_file_is_kept_for_the_next_question():
    assert plan(about(paper(), keeps_files="5m", system="Be brief."), "", "") == Cache("", "5m")


def test_marks_stand_after_the_system_prompt_the_files_the_thread_and_the_question():
    first = {"role": "user", "content": [paper(), {"type": "text", "text": "why?"}]}
    thread = (first, {"role": "assistant", "content": "So."}, {"role": "user", "content": "And?"})
    ask = replace(ROW, messages=thread, goes_on=True, cache=Cache("1h", "1h", "5m", "5m"))
    request = request_of(ask, ask.messages)
    assert lives(request) == ["1h", "1h", "5m", "5m"]
    assert [("cache_control" in block) for block in request["messages"][0]["content"]] == [False, True, False]


def test_a_new_document_in_an_old_thread_never_puts_an_hour_behind_five_minutes():
    thread = (*CHAT.messages, {"role": "assistant", "content": "So."})
    ask = about(paper(), goes_on=True, cache=Cache("1h", "1h", "5m", "5m"))
    ask = replace(ask, messages=(*thread, *ask.messages))
    assert lives(request_of(ask, ask.messages)) == ["1h", "1h", "1h", "5m"]


async def test_of_many_at_once_one_writes_the_long_prompt_and_the_others_read_it(claude, stand_in):
    stand_in.pace = Pace(first_token_s=0.2)
    system = f"{LONG}{stand_in.next_serial()}"
    asks = [replace(ROW, system=system, messages=({"role": "user", "content": f"Sum up {n}."},)) for n in range(8)]
    answers = await asyncio.gather(*(claude.complete(ask, never()) for ask in asks))
    wrote = [answer.usage.cache_write_tokens > 0 for answer in answers]
    assert wrote.count(True) == 1
    assert sum(answer.usage.cache_read_tokens > 0 for answer in answers) >= 6


async def test_a_leader_that_fails_holds_nobody_up(claude, stand_in):
    system = f"{LONG}{stand_in.next_serial()}"
    stand_in.fault(Fault("status", status=529), times=3)
    asks = [replace(ROW, system=system, messages=({"role": "user", "content": f"Sum up {n}."},)) for n in range(4)]
    answers = await asyncio.gather(*(claude.complete(ask, never()) for ask in asks))
    assert all(answer.stop_reason == "end_turn" for answer in answers)


class Empty:
    """A till where there is no money."""

    async def reserve(self, call):
        raise Refused("The day's budget is spent.")

    async def settle(self, model, usage, cost_usd):
        assert cost_usd == 0


async def test_a_leader_that_may_not_ask_holds_nobody_up(claude, stand_in):
    system = f"{LONG}{stand_in.next_serial()}"
    leader, follower = (replace(ROW, system=system, messages=({"role": "user", "content": n},)) for n in ("1", "2"))
    for _ in range(2):
        once(claude._memory, leader)
    results: tuple[Any, ...] = await asyncio.gather(
        claude.complete(leader, never(), Empty()),
        asyncio.wait_for(claude.complete(follower, never()), LEADS_S / 2),
        return_exceptions=True,
    )
    assert isinstance(results[0], Refused)
    assert results[1].stop_reason == "end_turn"
