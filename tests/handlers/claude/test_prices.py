"""The tests of prices: known models, their snapshots, families, batches, and models nobody knows."""

import pytest
from structlog.testing import capture_logs

from bot.events import Usage
from handlers.claude.prices import cost_usd, price_of


@pytest.mark.parametrize(
    ("model", "usage", "dollars"),
    [
        ("claude-sonnet-5-5", Usage(1_000_000, 1_000_000), 12.0),
        ("claude-sonnet-5-5", Usage(cache_read_tokens=1_000_000, cache_write_tokens=1_000_000), 2.7),
        ("claude-opus-5-5-20260922", Usage(output_tokens=1_000_000), 20.0),
        ("claude-opus-4-8", Usage(1_000_000), 5.0),
        ("claude-haiku-5-5", Usage(100_000, 1_000_000), 0.51),
        ("claude-haiku-5-5", Usage(100_001, 0), 0.0500005),
        ("claude-haiku-4-5-20251001", Usage(1_000_000), 1.0),
        ("claude-sonnet-9", Usage(1_000_000), 2.0),
        ("claude-mythos-5-2", Usage(1_000_000, 1_000_000), 60.0),
        ("someone-elses-model", Usage(1_000_000), 10.0),
    ],
)
def test_an_answer_costs_what_the_price_list_says(model, usage, dollars):
    assert cost_usd(model, usage) == pytest.approx(dollars)


def test_a_model_of_unknown_price_counts_for_a_ceiling_and_is_said_once():
    with capture_logs() as logs:
        paid = [cost_usd("a-model-nobody-knows", Usage(10, 10)) for _ in range(3)]
    assert min(paid) > 0
    assert [entry["model"] for entry in logs] == ["a-model-nobody-knows"]


def test_a_batch_costs_half():
    usage = Usage(1000, 1000, 1000, 1000)
    assert cost_usd("claude-opus-5-5", usage, batch=True) == pytest.approx(cost_usd("claude-opus-5-5", usage) / 2)


def test_a_snapshot_is_not_taken_for_an_older_model():
    assert price_of("claude-fable-5-2") != price_of("claude-fable-5-1") == price_of("claude-fable-5")
