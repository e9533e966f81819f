"""The stand-in's prompt cache bills as the vendor does: least lengths, lives, how far it looks back, and when."""

import pytest

from playground.claude.cache import PromptCache, min_tokens
from playground.claude.turn import Prompt

LONG = "word " * 600  # 1,000 tokens
MARK = {"type": "ephemeral"}
HOUR = {"type": "ephemeral", "ttl": "1h"}


class Clock:
    def __init__(self):
        self.now = 1_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def cache(clock):
    return PromptCache(clock)


def text(words, mark=None):
    return {"type": "text", "text": words, **({"cache_control": mark} if mark else {})}


def body(*blocks, system=(), model="claude-sonnet-5-5", **more):
    return {"model": model, "system": list(system), "messages": [{"role": "user", "content": list(blocks)}], **more}


def test_what_was_written_is_read_until_its_life_ends_and_each_reading_prolongs_it(cache, clock):
    ask = body(text(LONG, MARK), text("why?"))
    assert cache.account(ask) == Prompt(2, 1003)
    for _ in range(3):
        clock.now += 299
        assert cache.account(ask) == Prompt(2, cache_read_tokens=1003)
    clock.now += 301
    assert cache.account(ask) == Prompt(2, 1003)


def test_an_hour_is_an_hour_whoever_reads_it(cache, clock):
    cache.account(body(text(LONG, HOUR), text("why?")))
    clock.now += 3_500
    assert cache.account(body(text(LONG, MARK), text("how?"))).cache_read_tokens == 1003
    clock.now += 3_500
    assert cache.account(body(text(LONG, MARK), text("how?"))).cache_read_tokens == 1003


def test_both_lives_are_told_apart(cache):
    asked = body(text(LONG, HOUR), text(LONG), text(LONG, MARK), text("why?"))
    assert cache.account(asked) == Prompt(2, 2000, 1003)


@pytest.mark.parametrize(
    ("model", "least"),
    [
        ("claude-sonnet-5-5-20260928", 512),
        ("claude-opus-5", 512),
        ("claude-sonnet-5", 1024),
        ("claude-opus-4-8", 1024),
        ("claude-opus-4-7", 2048),
        ("claude-opus-4-5", 4096),
        ("claude-haiku-4-5", 4096),
        ("claude-haiku-5-5", 512),
    ],
)
def test_a_prefix_below_the_least_length_of_its_model_is_not_kept(cache, model, least):
    assert min_tokens(model) == least
    asked = body(text("abc" * (least - 4), MARK), model=model)
    assert cache.account(asked) == cache.account(asked) == Prompt(least - 1)
    asked = body(text("abc" * (least - 3), MARK), model=model)
    assert cache.account(asked).cache_write_5m_tokens == least


def test_an_earlier_prefix_is_found_twenty_blocks_back_and_no_farther(cache):
    cache.account(body(text(LONG, MARK)))
    for blocks, read in ((19, 1003), (20, 1003), (21, 0)):
        more = [text(f"{blocks} {n}") for n in range(blocks - 1)]
        assert cache.account(body(text(LONG), *more, text("last", MARK))).cache_read_tokens == read


def test_what_another_call_writes_is_read_only_once_that_one_answers(cache, clock):
    ask = body(text(LONG, MARK), text("why?"))
    cache.account(ask, first_token_s=2.0)
    clock.now += 1
    assert cache.account(ask, first_token_s=2.0).cache_read_tokens == 0
    clock.now += 1.5
    assert cache.account(ask, first_token_s=2.0).cache_read_tokens == 1003


def test_other_thinking_leaves_the_system_prompt_as_it_is_and_nothing_more(cache):
    system = [text(LONG, MARK)]
    cache.account(body(text(LONG, MARK), system=system, thinking={"type": "adaptive"}))
    other = cache.account(body(text(LONG, MARK), system=system, thinking={"type": "disabled"}))
    assert other == Prompt(0, 1000, 0, 1003)
