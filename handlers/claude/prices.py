"""The price of every model, and what an answer cost.

Source: https://platform.claude.com/docs/en/about-claude/pricing, read in November 2026.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import structlog

from bot.events import Usage

log = structlog.get_logger()

BATCH_SHARE = 0.5
"""Message Batches cost half of everything."""


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for a million tokens. A prompt over `long_from_tokens` costs `long_share` times more, output too."""

    input_usd: float
    output_usd: float
    cache_read_usd: float
    cache_write_usd: float  # entries that live five minutes, the only kind we write
    long_from_tokens: int | None = None
    long_share: float = 1.0


def _plain(input_usd: float, output_usd: float) -> Price:
    return Price(input_usd, output_usd, cache_read_usd=input_usd * 0.1, cache_write_usd=input_usd * 1.25)


_HAIKU = Price(0.10, 0.50, cache_read_usd=0.01, cache_write_usd=0.125, long_from_tokens=100_000, long_share=5.0)

PRICES = {
    "claude-sonnet-5-5": _plain(2, 10),
    "claude-sonnet-5": _plain(2, 10),
    "claude-sonnet-4": _plain(3, 15),
    "claude-opus-5-5": _plain(4, 20),
    "claude-opus-5": _plain(5, 25),
    "claude-opus-4": _plain(5, 25),
    "claude-haiku-5-5": _HAIKU,
    "claude-haiku-4-5": _plain(1, 5),
    "claude-fable-5-2": _plain(8, 40),
    "claude-fable-5": _plain(10, 50),
}
DEAREST = max(PRICES.values(), key=lambda price: price.output_usd)
"""What a model of unknown price is taken to cost: a ceiling of money must not be blind to it."""
FAMILIES = {"sonnet": "claude-sonnet-5-5", "opus": "claude-opus-5-5", "haiku": "claude-haiku-5-5"} | {
    "fable": "claude-fable-5-2"
}


def price_of(model: str) -> Price | None:
    """The price of a model or its snapshot; a newer member of a known family is taken to cost what its family does."""
    known = max((name for name in PRICES if _is(model, name)), key=len, default=None)
    if known is None:
        known = next((name for family, name in FAMILIES.items() if family in model), None)
    return PRICES[known] if known else None


def _is(model: str, name: str) -> bool:
    # "claude-sonnet-5-9" is no snapshot of "claude-sonnet-5" for sure, but costs no less than its line did.
    return model == name or model.startswith(f"{name}-")


def cost_usd(model: str, usage: Usage, *, batch: bool = False) -> float:
    """What these tokens cost in US dollars; a model whose price nobody knows counts as the dearest that is known."""
    price = price_of(model) or _guessed(model)
    prompt_tokens = usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens
    is_long = price.long_from_tokens is not None and prompt_tokens > price.long_from_tokens
    share = (price.long_share if is_long else 1.0) * (BATCH_SHARE if batch else 1.0)
    paid = (
        usage.input_tokens * price.input_usd
        + usage.output_tokens * price.output_usd
        + usage.cache_read_tokens * price.cache_read_usd
        + usage.cache_write_tokens * price.cache_write_usd
    )
    return paid * share / 1_000_000


@cache
def _guessed(model: str) -> Price:
    # Cached, so that it is said once for each model and not once for each answer.
    words = f"counted as the dearest known: ${DEAREST.input_usd:g} and ${DEAREST.output_usd:g} a million tokens"
    log.warning("no price known for this model", model=model, cost=words)
    return DEAREST
