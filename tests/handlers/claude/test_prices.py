"""The tests of prices: known models, their snapshots, families, batches, tools, and models nobody knows."""

import pytest
from structlog.testing import capture_logs

from bot.events import Usage
from handlers.claude.price_table import FAMILIES, PRICES, PriceList
from handlers.claude.prices import cost_usd, is_assumed, price_of

M = 1_000_000


@pytest.mark.parametrize(
    ("model", "usage", "dollars"),
    [
        ("claude-sonnet-5-5", Usage(M, M), 12.0),
        ("claude-sonnet-5-5", Usage(cache_read_tokens=M, cache_write_tokens=M), 2.6),
        ("claude-sonnet-5-5", Usage(cache_write_tokens=M, cache_write_1h_tokens=M), 4.0),
        ("claude-sonnet-5-5", Usage(cache_write_tokens=3 * M, cache_write_1h_tokens=M), 9.0),
        ("claude-sonnet-5-5", Usage(output_tokens=M, thinking_tokens=M), 10.0),
        ("claude-sonnet-5-5", Usage(web_searches=7), 0.07),
        ("claude-opus-5-5-20260922", Usage(cache_read_tokens=M, output_tokens=M), 20.2),
        ("claude-opus-5-5", Usage(cache_write_tokens=M, cache_write_1h_tokens=M), 8.0),
        ("claude-opus-4-8", Usage(M), 5.0),
        ("claude-haiku-5-5", Usage(100_000, M), 0.51),
        ("claude-haiku-5-5", Usage(100_001, 0), 0.0500005),
        ("claude-haiku-5-5", Usage(0, M, 60_000, 60_000, 60_000), 2.5 + 0.003 + 0.06),
        ("claude-haiku-4-5-20251001", Usage(M), 1.0),
        ("claude-fable-5-1", Usage(cache_read_tokens=M), 0.25),
        ("claude-sonnet-9", Usage(M), 2.0),
        ("claude-sonnet-5-9", Usage(M), 2.0),
        ("claude-mythos-5-2", Usage(M, M), 60.0),
        ("someone-elses-model", Usage(M), 10.0),
        ("claude-haiku-5-5", Usage(1, 1, 1, 1, 1), 0.00000081),
    ],
)
def test_a_call_costs_exactly_what_the_price_list_says(model, usage, dollars):
    assert cost_usd(model, usage) == dollars


def test_a_model_without_a_price_has_an_assumed_one_and_that_is_said_once():
    with capture_logs() as logs:
        paid = [cost_usd("claude-opus-7", Usage(10, 10)) for _ in range(3)]
        assert cost_usd("a-model-nobody-knows", Usage(10, 10)) > 0
    assert min(paid) > 0
    assert [(entry["model"], entry["price_of"]) for entry in logs] == [
        ("claude-opus-7", "claude-opus-5-5"),
        ("a-model-nobody-knows", "claude-fable-5-1"),
    ]
    assert is_assumed("claude-opus-7")
    assert not is_assumed("claude-opus-5-5-20260922")


def test_a_batch_costs_half_but_its_searches_the_whole():
    usage = Usage(1000, 1000, 1000, 1000, 500)
    assert cost_usd("claude-opus-5-5", usage, batch=True) == cost_usd("claude-opus-5-5", usage) / 2
    assert cost_usd("claude-opus-5-5", Usage(web_searches=1), batch=True) == 0.01


def test_a_snapshot_is_not_taken_for_an_older_model():
    assert price_of("claude-fable-5-2") != price_of("claude-fable-5-1") != price_of("claude-fable-5")


def test_every_family_has_a_price():
    assert set(FAMILIES.values()) <= set(PRICES)
    assert PriceList().dearest().price.output_usd == max(price.output_usd for price in PRICES.values())
