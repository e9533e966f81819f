"""What a call will probably use, and at most: text, pages, pictures, the answer, and what keeping it costs more."""

from dataclasses import replace

import pytest

from bot.events import Usage
from handlers.claude.ask import Ask, Cache, File
from handlers.claude.forecast import forecast, text_tokens

ASK = Ask("s" * 300, ({"role": "user", "content": "w" * 3_000},), "claude-sonnet-5-5", 1_000)


def pdf(chars):
    return {"type": "document", "source": {"type": "base64", "data": "x" * chars}}


def with_file(*blocks, pages=0):
    return replace(ASK, messages=({"role": "user", "content": [File("a", blocks, pages)]},))


def test_text_is_three_letters_to_a_token_and_never_more_than_one_for_two_bytes():
    found = forecast(ASK)
    assert found.likely == Usage(1_100, 600)
    assert found.most == Usage(1_650, 1_000)
    assert text_tokens("港は静かだった") == 7


def test_the_answer_is_as_long_as_such_answers_are_and_never_longer_than_it_may_be():
    assert forecast(replace(ASK, answer_tokens=50.0)).likely.output_tokens == 50
    assert forecast(replace(ASK, max_tokens=90)).likely.output_tokens == 90


def test_a_call_has_a_price_for_every_length_of_its_answer_that_is_allowed():
    found = forecast(ASK)
    assert found.usd_with(100) == pytest.approx((1_100 * 2 + 100 * 10) / 1e6)
    assert (
        found.usd_with(5_000) == pytest.approx((1_100 * 2 + 1_000 * 10) / 1e6) == 2 * found.usd_with(5_000, batch=True)
    )


@pytest.mark.parametrize(
    ("file", "likely", "most"),
    [
        (with_file({"type": "image", "source": {"data": "x" * 90_000}}), 1_600, 1_700),
        (with_file(pdf(9_000_000), pages=7), 14_000, 32_200),
        (with_file(pdf(3_000)), 2_000, 2_000),
        (with_file({"type": "document", "source": {"type": "text", "data": "x" * 3_000}}), 1_000, 1_500),
    ],
)  # fmt: skip
def test_files_count_by_their_pages_pictures_and_words(file, likely, most):
    found = forecast(file)
    assert (found.likely.input_tokens - 100, found.most.input_tokens - 150) == (likely, most)


def test_no_prompt_is_longer_than_its_model_reads():
    huge = with_file(pdf(30_000_000))
    assert forecast(huge).most.input_tokens == 1_000_000


def test_a_prompt_that_is_kept_costs_more():
    kept = forecast(replace(ASK, cache=Cache("1h", "", "5m")))
    assert kept.most == Usage(0, 1_000, 0, 1_650, 1_650)
    plain, short = forecast(ASK), forecast(replace(ASK, cache=Cache("5m")))
    assert kept.most_usd() > short.most_usd() > plain.most_usd() == 2 * plain.most_usd(batch=True)
