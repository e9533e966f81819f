"""What a call cost, by the price list in force: the table in price_table.py, and `prices.toml` before it."""

from __future__ import annotations

from functools import cache

from bot.events import Usage
from bot.money import usd_of
from handlers.claude.price_file import read_prices
from handlers.claude.price_table import Price, PriceList


@cache
def price_list() -> PriceList:
    """The prices in force in this process: the table here, and `prices.toml` before it. Raises SettingsError."""
    return read_prices()


def price_of(model: str) -> Price | None:
    """The price of a model, or of its family; None for a model of none."""
    found = price_list().quote(model)
    return found.price if found else None


def cost_usd(model: str, usage: Usage, *, batch: bool = False) -> float:
    """What one call cost in US dollars; a model of no known family counts as the dearest."""
    return usd_of(price_list().cost_pico(model, usage, batch=batch))


def is_assumed(model: str) -> bool:
    """Whether the price of this model stands in no list."""
    found = price_list().quote(model)
    return found is None or found.is_assumed
