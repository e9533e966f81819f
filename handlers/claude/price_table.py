"""The price list: what every model and every tool costs, and by it a call, to the last fraction of a cent.

Source: https://platform.claude.com/docs/en/about-claude/pricing, by what others who checked that page in October 2026
noted of it. As of 2026-11-29. `prices.toml` in the working directory goes before this table (see price_file.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache

import structlog

from bot.events import Usage
from bot.money import PICO

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for a million tokens. A prompt over `long_from_tokens` costs `long_share` times more, output too.

    `cache_write_usd` is for entries that live five minutes. Thinking is output. A batch costs `batch_share` of all.
    """

    input_usd: Decimal
    output_usd: Decimal
    cache_read_usd: Decimal
    cache_write_usd: Decimal
    cache_write_1h_usd: Decimal
    batch_share: Decimal = Decimal("0.5")
    long_from_tokens: int | None = None
    long_share: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True)
class Quote:
    """What a model costs. `of`: the model whose price it is; `is_assumed`: that of its family, or of the dearest."""

    price: Price
    of: str
    is_assumed: bool = False


def price(
    input_usd: str, output_usd: str, *, read: str = "0.1", long_from_tokens: int | None = None, long_share: str = "1"
) -> Price:
    """A price as most are: writing to the cache costs 1.25 (an hour: 2) times the input, reading a share of it."""
    base = Decimal(input_usd)
    return Price(
        base,
        Decimal(output_usd),
        cache_read_usd=base * Decimal(read),
        cache_write_usd=base * Decimal("1.25"),
        cache_write_1h_usd=base * 2,
        long_from_tokens=long_from_tokens,
        long_share=Decimal(long_share),
    )


PRICES: Mapping[str, Price] = {
    "claude-sonnet-5-5": price("2", "10", read="0.05"),  # reading was cut to half on 2026-10-07
    "claude-sonnet-5": price("2", "10"),
    "claude-sonnet-4-6": price("3", "15"),
    "claude-sonnet-4-5": price("3", "15"),
    "claude-opus-5-5": price("4", "20", read="0.05"),
    "claude-opus-5": price("5", "25"),
    "claude-opus-4-8": price("5", "25"),
    "claude-opus-4-7": price("5", "25"),
    "claude-opus-4-6": price("5", "25"),
    "claude-opus-4-5": price("5", "25"),
    "claude-haiku-5-5": price("0.10", "0.50", long_from_tokens=100_000, long_share="5"),
    "claude-haiku-4-5": price("1", "5"),
    "claude-fable-5-2": price("8", "40", read="0.025"),
    "claude-fable-5-1": price("10", "50", read="0.025"),
    "claude-fable-5": price("10", "50"),
    "claude-mythos-5-1": price("10", "50", read="0.025"),
    "claude-mythos-5": price("10", "50"),
}
FAMILIES = {
    "sonnet": "claude-sonnet-5-5",
    "opus": "claude-opus-5-5",
    "haiku": "claude-haiku-5-5",
    "fable": "claude-fable-5-2",
    "mythos": "claude-mythos-5-1",
}
"""Whose price a model has that is not in the table: the newest of its family."""
WEB_SEARCH_USD = Decimal("0.01")
"""One search, by night as well. Fetching a page costs its tokens; code runs free for 1,550 hours a month."""

_SNAPSHOT = re.compile(r"[-@]\d{8}|-latest")


@dataclass(frozen=True, slots=True)
class PriceList:
    """The prices in force."""

    models: Mapping[str, Price] = field(default_factory=lambda: PRICES)
    web_search_usd: Decimal = WEB_SEARCH_USD

    def quote(self, model: str) -> Quote | None:
        """The price of a model or its snapshot, else the one of its family; None for a model of none."""
        name = _SNAPSHOT.sub("", model)
        if name in self.models:
            return Quote(self.models[name], name)
        family = next((newest for family, newest in FAMILIES.items() if family in model), None)
        return Quote(self.models[family], family, is_assumed=True) if family else None

    def dearest(self) -> Quote:
        """What a model of no known family is taken to cost: a ceiling of money must not be blind to it."""
        name = max(self.models, key=lambda name: self.models[name].output_usd)
        return Quote(self.models[name], name, is_assumed=True)

    def cost_pico(self, model: str, usage: Usage, *, batch: bool = False) -> int:
        """What one call cost, in picodollars (bot/money.py)."""
        found = self.quote(model) or self.dearest()
        if found.is_assumed:
            _say_assumed(model, found.of)
        price = found.price
        prompt_tokens = usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens
        is_long = price.long_from_tokens is not None and prompt_tokens > price.long_from_tokens
        share = (price.long_share if is_long else 1) * (price.batch_share if batch else 1)
        by_tokens = (
            usage.input_tokens * price.input_usd
            + usage.output_tokens * price.output_usd
            + usage.cache_read_tokens * price.cache_read_usd
            + (usage.cache_write_tokens - usage.cache_write_1h_tokens) * price.cache_write_usd
            + usage.cache_write_1h_tokens * price.cache_write_1h_usd
        )
        usd = by_tokens * share / 1_000_000 + usage.web_searches * self.web_search_usd
        return int((usd * PICO).to_integral_value())


@cache
def _say_assumed(model: str, of: str) -> None:
    # Cached, so that it is said once for each model and not once for each answer.
    log.warning("no price known for this model: it is assumed", model=model, price_of=of, mend="prices.toml")
