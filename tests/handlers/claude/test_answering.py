"""The tests of one answer over real sockets: every fault of the wire, healed or told in plain words."""

import asyncio
import random
from dataclasses import dataclass, field
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.errors import FAULT, Refused, TryAgain, Waits
from handlers.claude import Claude, Clockwork
from handlers.claude.answering import CUT, DECLINED
from handlers.claude.question import FORGOT
from playground.claude import Fault, FaultKind
from playground.claude.playing import Pace
from tests.bot.engines import until
from tests.handlers.claude.conftest import ask_of

pytestmark = pytest.mark.anyio

TEXT = (
    "The harbour 🚢 was quiet when the ferry came in. Cafe\u0301 owners — 店主たち — had not slept.\n\n"
    "| Boat | Berth |\n|---|---|\n| Ada 👩‍👩‍👧 | 12 |\n| Grace | 12 |\n\n"
    "1. Nobody spoke, ha ha ha.\n2. Everybody knew: 港は静かだった。\n"
) * 3 + "The end, said the pilot, and it was."


def never() -> asyncio.Event:
    return asyncio.Event()


def last_words_of(stand_in, number=-1):
    content = stand_in.requests[number].body["messages"][-1]["content"]
    return content if isinstance(content, str) else content[-1]["text"]


async def test_a_whole_answer_is_shown_as_it_comes(claude, stand_in, screen):
    stand_in.answer_with(TEXT)
    answer = await claude.stream(ask_of(), screen.show, never())
    assert answer.text == TEXT == screen.texts[-1]
    assert all(TEXT.startswith(text) for text in screen.texts)
    assert (answer.stop_reason, answer.notes, answer.model) == ("end_turn", (), "claude-sonnet-5-5")
    assert answer.usage.output_tokens == stand_in.tally.output_tokens
    assert answer.cost_usd > 0


CUTS = ["reset", "torn", "early_end", "error_event", "bad_chunk", "pings", "stall"]


CAUSES = {
    "early_end": "ended too early",
    "not_sse": "ended too early",
    "pings": "silence",
    "bad_chunk": "JSONDecodeError",
}


@pytest.mark.parametrize("kind", CAUSES)
async def test_the_log_says_what_every_repeated_call_is_repeated_for(claude, stand_in, screen, kind):
    stand_in.answer_with(TEXT)
    stand_in.fault(Fault(kind, after_chars=200, seconds=0.1))
    with capture_logs() as logs:
        await claude.stream(ask_of(), screen.show, never())
    assert [(entry["event"], entry.get("error")) for entry in logs if "again" in str(entry)] == [
        ("call to claude failed", CAUSES[kind]),
        ("asking claude again", None),
    ]


@pytest.mark.parametrize("ways", [{}, {"overlap_chars": 0}, {"overlap_chars": 23}, {"start_anew": True}])
@pytest.mark.parametrize("kind", CUTS)
async def test_a_broken_stream_is_healed_to_the_last_character(claude, stand_in, screen, kind, ways):
    stand_in.answer_with(TEXT)
    for name, value in ways.items():
        setattr(stand_in, name, value)
    stand_in.fault(Fault(kind, after_chars=200, seconds=5 if kind == "stall" else 0.1))
    answer = await claude.stream(ask_of(), screen.show, never())
    assert answer.text == TEXT == screen.texts[-1]
    assert answer.stop_reason == "end_turn"
    assert [len(text) for text in screen.texts] == sorted(len(text) for text in screen.texts)
    assert len(stand_in.requests) == 2
    assert "<already_shown>" in last_words_of(stand_in)


@pytest.mark.parametrize("kind", ["lost", "not_sse", "never", "status"])
async def test_a_fault_before_the_first_word_is_asked_again(claude, stand_in, screen, kind):
    stand_in.answer_with(TEXT)
    stand_in.fault(Fault(kind))
    answer = await claude.stream(ask_of(), screen.show, never())
    assert answer.text == TEXT
    assert len(stand_in.requests) == 2


async def test_an_unknown_event_changes_nothing(claude, stand_in, screen):
    stand_in.answer_with(TEXT)
    stand_in.fault(Fault("unknown_event", after_chars=100))
    assert (await claude.stream(ask_of(), screen.show, never())).text == TEXT
    assert len(stand_in.requests) == 1


async def test_characters_torn_across_writes_arrive_whole(claude, stand_in, screen):
    stand_in.answer_with(TEXT)
    stand_in.fault(Fault("split", seed=3))
    assert (await claude.stream(ask_of(), screen.show, never())).text == TEXT


async def test_one_shot_answers_are_healed_alike(claude, stand_in):
    stand_in.answer_with(TEXT)
    stand_in.fault(Fault("reset", after_chars=300))
    assert (await claude.complete(ask_of(), never())).text == TEXT


async def test_a_structured_answer_is_asked_anew_and_never_continued(claude, stand_in):
    stand_in.answer_with('{"name": "Ada Lovelace", "berth": 12, "boat": "a long name of a boat"}')
    stand_in.fault(Fault("reset", after_chars=40))
    schema = {
        "type": "object",
        "properties": {"name": {"type": "string"}},
        "required": ["name"],
        "additionalProperties": False,
    }
    answer = await claude.complete(ask_of(schema=schema), never())
    assert answer.text.startswith('{"name": "Ada')
    assert answer.text.endswith('a boat"}')
    assert "already_shown" not in str(stand_in.requests[-1].body)


BREAKS: list[FaultKind] = ["reset", "torn", "early_end", "error_event", "bad_chunk", "lost", "not_sse", "status"]


async def heal_at_random(claude, stand_in, screen, seed):
    chance = random.Random(seed)
    words = [
        "the",
        "bell",
        "rings",
        "🚢",
        "港は静か",
        "e\u0301",
        "1999",
        "berth",
        "12",
        "said",
        "nobody,",
        "\n\n-",
        "👩‍👩‍👧",
    ]
    text = " ".join(f"{chance.choice(words)} {number}" for number in range(chance.randint(20, 120)))
    stand_in.answer_with(text)
    stand_in.split_seed = seed if chance.random() < 0.2 else None
    stand_in.overlap_chars = chance.choice([None, 0, 14, 30, 60])
    stand_in.start_anew = chance.random() < 0.25
    for _ in range(chance.randint(1, 4)):
        kind = chance.choice(BREAKS)
        stand_in.fault(Fault(kind, after_chars=chance.randint(0, len(text)), seed=seed))
    answer = await claude.stream(ask_of(), screen.show, never())
    assert answer.text == text, f"seed {seed}"
    stand_in.reset()


async def test_random_streams_with_random_faults_give_the_text_to_the_last_byte(claude, stand_in, screen):
    for seed in range(60):
        await heal_at_random(claude, stand_in, screen, seed)


@pytest.mark.full
@pytest.mark.parametrize("first", range(60, 560, 100))
async def test_five_hundred_more_of_them_do_too(claude, stand_in, screen, first):
    for seed in range(first, first + 100):
        await heal_at_random(claude, stand_in, screen, seed)


async def test_usage_counts_every_call_of_an_answer(claude, stand_in, screen):
    stand_in.answer_with(TEXT)
    stand_in.fault(Fault("early_end", after_chars=200))
    answer = await claude.stream(ask_of(), screen.show, never())
    assert answer.usage.input_tokens + answer.usage.cache_read_tokens + answer.usage.cache_write_tokens >= (
        stand_in.tally.input_tokens
    )


async def test_silence_with_pings_counts_as_silence(settings, stand_in, screen, naps):
    stand_in.answer_with(TEXT)
    stand_in.fault(Fault("pings", after_chars=50, seconds=0.05), times=5)
    claude = Claude(settings, Clockwork(silence_s=0.2, sleep=naps.sleep))
    with pytest.raises(TryAgain, match="silent"):
        await claude.stream(ask_of(), screen.show, never())
    assert len(stand_in.requests) == 5
    await claude.aclose()


async def test_a_claude_that_says_nothing_at_all_is_not_tried_so_often_that_nobody_is_told(settings, stand_in, screen):
    stand_in.pace = Pace(first_token_s=60)
    claude = Claude(settings, Clockwork(silence_s=0.2, unheard_s=0.3))
    with pytest.raises(TryAgain, match="does not answer") as caught:
        await claude.stream(ask_of(), screen.show, never())
    assert caught.value.code == FAULT
    assert len(stand_in.requests) < 5
    await claude.aclose()


async def test_a_reply_that_shows_slowly_is_not_taken_for_silence(settings, stand_in, naps):
    stand_in.answer_with(TEXT)
    slow = [0]

    async def show(_text):
        slow[0] += 1
        if slow[0] == 3:
            await asyncio.sleep(0.4)

    claude = Claude(settings, Clockwork(silence_s=0.2, sleep=naps.sleep))
    assert (await claude.stream(ask_of(), show, never())).text == TEXT
    assert len(stand_in.requests) == 1
    await claude.aclose()


async def test_a_reply_that_cannot_show_does_not_cost_the_answer(claude, stand_in):
    stand_in.answer_with(TEXT)

    async def show(_text):
        raise OSError("no screen")

    assert (await claude.stream(ask_of(), show, never())).text == TEXT


async def test_retry_after_is_waited_for(claude, stand_in, screen, naps):
    stand_in.fault(Fault("status", status=429, retry_after_s=7))
    await claude.stream(ask_of(), screen.show, never())
    assert naps.seconds == [7]


async def test_a_long_retry_after_goes_back_to_the_engine(claude, stand_in, screen, naps):
    stand_in.fault(Fault("status", status=429, retry_after_s=90))
    with pytest.raises(TryAgain) as caught:
        await claude.stream(ask_of(deadline_s=600.0), screen.show, never())
    assert caught.value.after_s == 90
    assert naps.seconds == []


LEAST_S, MOST_S = (0.37, 0.75, 1.5, 3), (0.5, 1, 2, 4)


async def test_waits_grow_and_end_after_five_tries(claude, stand_in, screen, naps):
    stand_in.fault(Fault("status", status=529), times=9)
    with pytest.raises(TryAgain, match="overloaded"):
        await claude.stream(ask_of(), screen.show, never())
    assert len(stand_in.requests) == 5
    assert all(low <= nap <= high for nap, low, high in zip(naps.seconds, LEAST_S, MOST_S, strict=True))


@pytest.mark.parametrize(
    ("status", "message", "words"),
    [
        (400, "messages: odd", "did not accept this question"),
        (400, "max_tokens: 9 > 8, which is too many", "Lower the rule's max_tokens"),
        (400, "Your credit balance is too low to access the API.", "has no credit"),
        (401, "", "API key was not accepted.*console.anthropic.com/settings/keys"),
        (402, "", "spend limit"),
        (403, "", "not allowed"),
        (404, "model: nothing", "does not know this model"),
        (413, "", "too large"),
    ],
)
async def test_what_no_retry_can_mend_is_refused_at_once_in_plain_words(
    claude, stand_in, screen, status, message, words
):
    stand_in.fault(Fault("status", status=status, message=message), times=9)
    with pytest.raises(Refused, match=words) as caught:
        await claude.stream(ask_of(), screen.show, never())
    assert not message or message not in caught.value.reason
    assert len(stand_in.requests) == 1


async def test_stop_closes_the_connection_and_keeps_what_is_there(claude, stand_in, screen):
    stand_in.answer_with(TEXT)
    stand_in.pace = Pace(first_token_s=0.0, tokens_per_s=60.0)
    stop = asyncio.Event()

    async def show(text):
        if len(text) > 60:
            stop.set()

    answer = await claude.stream(ask_of(), show, stop)
    assert answer.stop_reason == "stopped"
    assert TEXT.startswith(answer.text)
    assert 60 < len(answer.text) < len(TEXT)
    assert answer.notes == ("Stopped on request.",)
    await eventually(lambda: len(stand_in.disconnects) == 1 and stand_in.tally.in_flight == 0)


async def test_stop_before_the_first_word_gives_an_empty_answer(claude, stand_in, screen):
    stand_in.fault(Fault("never"))
    stop = asyncio.Event()
    asyncio.get_running_loop().call_later(0.1, stop.set)
    answer = await claude.stream(ask_of(), screen.show, stop)
    assert (answer.text, answer.stop_reason) == ("", "stopped")
    await eventually(lambda: stand_in.tally.in_flight == 0)


async def test_the_deadline_keeps_what_was_paid_and_says_so(claude, stand_in, screen):
    stand_in.answer_with(TEXT)
    stand_in.pace = Pace(tokens_per_s=50.0)
    answer = await claude.stream(ask_of(deadline_s=0.5), screen.show, never())
    assert answer.stop_reason == "deadline"
    assert TEXT.startswith(answer.text)
    assert "ask to continue" in answer.notes[0]
    await eventually(lambda: len(stand_in.disconnects) == 1)


async def test_a_deadline_without_a_word_is_tried_again_later(claude, stand_in, screen):
    stand_in.fault(Fault("never"))
    with pytest.raises(TryAgain, match=r"within 0\.3 seconds"):
        await claude.stream(ask_of(deadline_s=0.3), screen.show, never())


async def test_cancelling_the_caller_closes_the_connection(claude, stand_in, screen):
    stand_in.answer_with(TEXT)
    stand_in.pace = Pace(tokens_per_s=50.0)
    task = asyncio.create_task(claude.stream(ask_of(), screen.show, never()))
    await eventually(lambda: len(screen.texts) > 2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await eventually(lambda: len(stand_in.disconnects) == 1)


async def test_an_answer_at_its_length_limit_is_kept_and_marked(claude, stand_in, screen):
    stand_in.answer_with(TEXT)
    answer = await claude.stream(ask_of(max_tokens=40), screen.show, never())
    assert answer.stop_reason == "max_tokens"
    assert answer.notes == (CUT,)
    assert TEXT.startswith(answer.text)


async def test_a_refusal_without_text_is_told_friendly(claude, stand_in, screen):
    stand_in.fault(Fault("stop", stop_reason="refusal"))
    with pytest.raises(Refused, match="declined to answer"):
        await claude.stream(ask_of(), screen.show, never())


async def test_a_refusal_after_text_keeps_the_text_and_says_so(claude, stand_in, screen):
    stand_in.answer_with(TEXT)
    stand_in.fault(Fault("stop", after_chars=80, stop_reason="refusal"))
    answer = await claude.stream(ask_of(), screen.show, never())
    assert (answer.text, answer.notes) == (TEXT[:80], (DECLINED,))


@pytest.mark.parametrize("times", [1, 3])
async def test_a_paused_answer_is_sent_back_and_continued(claude, stand_in, screen, times):
    stand_in.answer_with(TEXT)
    stand_in.fault(Fault("stop", after_chars=60, stop_reason="pause_turn"), times=times)
    answer = await claude.stream(ask_of(), screen.show, never())
    assert answer.text == TEXT
    assert stand_in.requests[1].body["messages"][-1]["role"] == "assistant"


async def test_an_answer_that_pauses_for_ever_is_given_up(claude, stand_in, screen):
    stand_in.answer_with(TEXT * 20)
    stand_in.fault(Fault("stop", after_chars=60, stop_reason="pause_turn"), times=100)
    with pytest.raises(TryAgain, match="paused"):
        await claude.stream(ask_of(), screen.show, never())
    assert len(stand_in.requests) < 40


async def test_an_unexpected_tool_call_counts_as_broken(claude, stand_in, screen):
    stand_in.answer_with(TEXT)
    stand_in.fault(Fault("stop", after_chars=60, stop_reason="tool_use"))
    assert (await claude.stream(ask_of(), screen.show, never())).text == TEXT


def long_thread(turns=9):
    return tuple({"role": ("user", "assistant")[n % 2], "content": f"{n} " + "old words " * 400} for n in range(turns))


async def test_a_thread_over_the_window_is_shortened_and_asked_again(claude, stand_in, screen):
    stand_in.window_tokens = 6000
    stand_in.answer_with(TEXT)
    ask = ask_of()
    answer = await claude.stream(type(ask)(**{**as_dict(ask), "messages": long_thread()}), screen.show, never())
    assert answer.text == TEXT
    assert answer.notes == (FORGOT,)


async def test_a_question_over_the_window_is_refused_in_plain_words(claude, stand_in, screen):
    stand_in.window_tokens = 500
    with pytest.raises(Refused, match="longer than the model can read"):
        await claude.stream(ask_of("word " * 3000), screen.show, never())


async def test_an_answer_that_fills_the_window_is_kept_and_marked(claude, stand_in, screen):
    stand_in.answer_with(TEXT)
    stand_in.fault(Fault("stop", after_chars=90, stop_reason="model_context_window_exceeded"))
    answer = await claude.stream(ask_of(), screen.show, never())
    assert (answer.text, answer.notes) == (TEXT[:90], (CUT,))


@pytest.mark.parametrize(
    "words",
    [
        '"thinking.type.between_tools" is not supported for this model.',
        "output_config: Extra inputs are not permitted",
    ],
)
async def test_a_model_that_refuses_our_thinking_is_asked_without(claude, stand_in, screen, words):
    stand_in.fault(Fault("status", status=400, message=words))
    await claude.stream(ask_of(), screen.show, never())
    await claude.stream(ask_of(), screen.show, never())
    assert ["thinking" in request.body for request in stand_in.requests] == [True, False, False]


async def test_a_missing_key_names_the_variable(settings, screen):
    claude = Claude(settings.model_copy(update={"anthropic_api_key": None}))
    with pytest.raises(Refused, match=r"ANTHROPIC_API_KEY is not set.*settings/keys"):
        await claude.stream(ask_of(), screen.show, never())


@dataclass
class NotedTill:
    """A till that notes what is reserved and paid there, and turns the calls away that it is told to."""

    did: list[Any] = field(default_factory=list)
    paid_usd: float = 0.0
    turns_away: int = 0

    async def reserve(self, call):
        if self.did.count("reserve") == self.turns_away - 1:
            raise Waits("No money just now.")
        self.did.append("reserve")

    async def settle(self, model, usage, cost_usd):
        self.did.append(("settle", usage.input_tokens > 0))
        self.paid_usd += cost_usd


async def test_each_call_that_gives_no_answer_is_paid_when_it_is_over(claude, stand_in, screen):
    stand_in.answer_with(TEXT)
    stand_in.fault(Fault("early_end", after_chars=0), times=9)
    till = NotedTill()
    with pytest.raises(TryAgain):
        await claude.stream(ask_of(), screen.show, never(), till)
    assert till.did == ["reserve", ("settle", True)] * 5 + [("settle", False)]
    assert till.paid_usd == float(stand_in.bill.usd)


async def test_the_last_call_is_paid_with_the_answer_and_the_sum_is_the_bill(claude, stand_in, screen):
    stand_in.answer_with(TEXT)
    stand_in.fault(Fault("reset", after_chars=150))
    stand_in.fault(Fault("status", status=529))
    till = NotedTill()
    answer = await claude.stream(ask_of(), screen.show, never(), till)
    assert till.did == ["reserve", ("settle", True), "reserve", ("settle", False), "reserve"]
    assert till.paid_usd + answer.cost_usd == pytest.approx(float(stand_in.bill.usd), abs=1e-12)
    assert await whole_cost(claude, stand_in, screen) == float(stand_in.bill.usd)


async def whole_cost(claude, stand_in, screen):
    """What an answer without a till tells."""
    stand_in.reset()
    stand_in.fault(Fault("early_end", after_chars=150))
    return (await claude.stream(ask_of(), screen.show, never())).cost_usd


async def test_a_call_that_is_lost_on_its_way_is_taken_to_be_paid_and_a_refused_one_is_not(claude, stand_in, screen):
    stand_in.answer_with(TEXT)
    stand_in.fault(Fault("lost"))
    till = NotedTill()
    await claude.stream(ask_of("word " * 60), screen.show, never(), till)
    lost, _ = stand_in.bill.lines
    assert till.did[1] == ("settle", True)
    assert till.paid_usd == pytest.approx(float(lost.usd), rel=0.3)


async def test_a_call_whose_money_is_not_there_is_not_made(claude, stand_in, screen):
    stand_in.answer_with(TEXT)
    stand_in.fault(Fault("early_end", after_chars=100), times=1)
    till = NotedTill(turns_away=2)
    with pytest.raises(Waits):
        await claude.stream(ask_of(), screen.show, never(), till)
    assert till.did == ["reserve", ("settle", True)]
    assert stand_in.tally.calls == 1


async def test_a_stopped_answer_costs_what_was_said_until_then(claude, stand_in, screen):
    stand_in.answer_with(TEXT)
    stand_in.pace = Pace(tokens_per_s=100)
    stop = asyncio.Event()

    async def stops(text):
        stop.set()

    till = NotedTill()
    answer = await claude.stream(ask_of(), stops, stop, till)
    assert answer.stop_reason == "stopped"
    assert till.did == ["reserve"]
    await until(lambda: stand_in.bill.lines)
    assert answer.cost_usd == pytest.approx(float(stand_in.bill.usd), rel=0.3)


async def test_calls_at_once_are_bounded(settings, stand_in, screen, naps):
    stand_in.pace = Pace(first_token_s=0.05)
    claude = Claude(settings.model_copy(update={"claude_concurrency": 2}), Clockwork(silence_s=0.15, sleep=naps.sleep))
    await asyncio.gather(*(claude.stream(ask_of(str(n)), screen.show, never()) for n in range(8)))
    assert stand_in.tally.max_in_flight <= 2
    assert stand_in.tally.calls == 8
    await claude.aclose()


def as_dict(ask):
    return {name: getattr(ask, name) for name in type(ask).__slots__}


async def eventually(check, within_s=3.0):
    async with asyncio.timeout(within_s):
        while not check():  # noqa: ASYNC110  # what is waited for happens in the stand-in's thread
            await asyncio.sleep(0.01)
