"""What is said of a cost before anything is asked: by how long answers were, or, while nobody knows, as a range."""

from dataclasses import dataclass

import pytest

from bot.door import Profile
from bot.payments import AnswerLength
from bot.rules.rule import Rule
from bot.settings import load_settings
from handlers.claude.forecast import text_tokens
from handlers.estimates import (
    FEW_WORDS_TOKENS,
    PAGE_TOKENS,
    PARAGRAPH_TOKENS,
    Expected,
    backlog_cost,
    backlog_words,
    dollars,
    length_words,
)
from handlers.prompt import OUTSIDE

SETTINGS = load_settings(_env_file=None)
KNOWN = AnswerLength(1_000, 34)
PROFILE = Profile("p" * 30)
MILLION = 1_000_000


@dataclass(frozen=True)
class Waiting:
    """Ten files of 20,000 tokens each."""

    count: int = 10
    asked: int = 10
    tokens: int = 200_000
    root: str = "/in"
    words: str = "10 files wait in /in"
    rule: str = "letters"


def cost(rule, length=KNOWN, **changes):
    return backlog_cost(Waiting(**changes), rule, PROFILE, SETTINGS, length)


def test_a_file_costs_its_tokens_an_answer_as_long_as_they_were_and_what_is_said_with_it():
    found = cost(Rule("r", "folder", ask="Sum up."))
    assert found.answers == 34
    assert found.usd == pytest.approx((200_000 * 2 + 10_000 * 10) / MILLION, rel=0.03)
    assert found.usd > (200_000 * 2 + 10_000 * 10 + 10 * text_tokens(OUTSIDE) * 2) / MILLION


@pytest.mark.parametrize(
    ("changes", "times"),
    [
        ({"model": "claude-opus-5-5"}, 2),
        ({"model": "claude-haiku-5-5"}, 1 / 20),  # together they would cost five times as much
        ({"lane": "night"}, 1 / 2),
    ],
)
def test_model_and_lane_of_its_rule_say_what_a_token_costs(changes, times):
    plain, changed = cost(Rule("r", "folder", ask="Sum up.")), cost(Rule("r", "folder", ask="Sum up.", **changes))
    assert changed.usd == pytest.approx(plain.usd * times)


def test_an_answer_is_no_longer_than_its_rule_allows():
    plain, short = cost(Rule("r", "folder")), cost(Rule("r", "folder", max_tokens=100))
    assert plain.usd - short.usd == pytest.approx(10 * 900 * 10 / MILLION)


def test_a_long_system_prompt_is_paid_once_written_once_and_then_read():
    tokens = text_tokens("abc" * 5_000)
    plain, long = (cost(Rule("r", "folder", ask="Sum up.", system=system)) for system in ("", "abc" * 5_000))
    apart = tokens * (2 + 2.5 + 8 * 0.1) / MILLION
    assert long.usd - plain.usd == pytest.approx(apart, abs=10 * text_tokens(OUTSIDE) * 2 / MILLION)
    by_night = cost(Rule("r", "folder", ask="Sum up.", system="abc" * 5_000, lane="night"))
    assert by_night.usd == pytest.approx(plain.usd / 2 + 10 * tokens * 1 / MILLION, rel=0.001)


def test_a_file_that_is_refused_costs_nothing():
    rule = Rule("r", "folder", ask="Sum up.")
    assert cost(rule, asked=5, tokens=100_000).usd == pytest.approx(cost(rule).usd / 2)
    assert cost(rule, asked=0, tokens=0) == Expected(0, 0, 0, 34)


def test_what_nobody_knows_is_a_paragraph_and_said_as_a_range():
    found = cost(Rule("r", "folder"), None)
    assert (found.answers, PARAGRAPH_TOKENS) == (0, 200)
    assert found.usd - found.short_usd == pytest.approx(10 * (PARAGRAPH_TOKENS - FEW_WORDS_TOKENS) * 10 / MILLION)
    assert found.long_usd - found.usd == pytest.approx(10 * (PAGE_TOKENS - PARAGRAPH_TOKENS) * 10 / MILLION)


def test_the_operator_reads_where_the_figure_comes_from():
    known, unknown = Expected(1.25, 1, 2, 34), Expected(0.125, 0.1, 0.25, 0)
    assert backlog_words(Waiting(), known) == (
        "10 files wait in /in; to answer them costs about $1.25. Answers are taken to be as long as the last 34 were."
    )
    assert backlog_words(Waiting(), unknown) == (
        "10 files wait in /in; to answer them costs about $0.1250. "
        "Nobody knows yet how long the answers are: a few words each come to $0.1000, a page each to $0.2500."
    )
    assert length_words(unknown, each="") == (
        "Nobody knows yet how long the answer is: a few words come to $0.1000, a page to $0.2500."
    )


@pytest.mark.parametrize(
    ("usd", "words"), [(0, "$0.0000"), (0.12345, "$0.1235"), (0.99999, "$1.00"), (1234.5, "$1,234.50")]
)
def test_small_sums_are_said_to_a_hundredth_of_a_cent(usd, words):
    assert dollars(usd) == words
