"""The reading of prices.toml, by which whoever runs the bot corrects or completes the price list.

[claude-sonnet-5-5]            # a model; what is left out stays as it is, or follows from the input's price
input_usd = 2.00               # for a million tokens, as all of these
[tools]
web_search_usd = 0.01          # for one search
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import fields, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from bot.errors import SettingsError
from bot.rules.lines import Source, no_toml, quoted
from handlers.claude.price_table import PRICES, WEB_SEARCH_USD, Price, PriceList, price

FILE = Path("prices.toml")
TOOLS = "tools"
_KEYS = tuple(one.name for one in fields(Price))


def read_prices(path: Path = FILE) -> PriceList:
    """The price list with what the file says before it. Raises SettingsError, one line with file, line and key."""
    if not path.is_file():
        return PriceList()
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: it cannot be read ({type(error).__name__}).") from None
    return _File(Source(str(path), text)).price_list()


class _File:
    def __init__(self, source: Source) -> None:
        self._source = source

    def price_list(self) -> PriceList:
        try:
            tables = tomllib.loads(self._source.text, parse_float=Decimal)
        except tomllib.TOMLDecodeError as error:
            raise no_toml(self._source, error) from None
        own = {name: self._price(name, table) for name, table in tables.items() if name != TOOLS}
        return PriceList({**PRICES, **own}, self._search(tables.get(TOOLS, {})))

    def _price(self, model: str, table: Any) -> Price:
        self._check(model, table, _KEYS)
        known = PRICES.get(model)
        if known is None:
            for key in ("input_usd", "output_usd"):
                if key not in table:
                    raise self._wrong(model, key, "it is missing; expected US dollars for a million tokens")
        if "input_usd" in table:
            known = _scaled(known, table["input_usd"], table.get("output_usd"))
        assert known is not None
        said: dict[str, Any] = {key: _typed(key, value) for key, value in table.items()}
        return replace(known, **said)

    def _search(self, table: Any) -> Decimal:
        self._check(TOOLS, table, ("web_search_usd",))
        return Decimal(table.get("web_search_usd", WEB_SEARCH_USD))

    def _check(self, name: str, table: Any, keys: tuple[str, ...]) -> None:
        if not isinstance(table, Mapping):
            raise self._wrong(name, name, "expected a table such as [claude-sonnet-5-5]")
        for key, value in table.items():
            if key not in keys:
                raise self._wrong(name, key, f"there is no such key; there are {', '.join(keys)}")
            if isinstance(value, bool) or not isinstance(value, int | Decimal) or not Decimal(value).is_finite():
                raise self._wrong(name, key, "expected a number such as 2.50")
            if value < 0 or (key == "long_from_tokens" and not isinstance(value, int)):
                raise self._wrong(name, key, "expected a number that is not below 0, of tokens a whole one")

    def _wrong(self, name: str, key: str, words: str) -> SettingsError:
        line = self._source.line_of(0, key)
        return SettingsError(f'{self._source.file}:{line}: [{quoted(name)}], key "{quoted(key)}": {words}.')


def _typed(key: str, value: int | Decimal) -> Any:
    return value if key == "long_from_tokens" else Decimal(value)


def _scaled(known: Price | None, input_usd: int | Decimal, output_usd: int | Decimal | None) -> Price:
    """A price with another input: what the cache costs follows from it in the share that it had."""
    if known is None or not known.input_usd:
        return price(str(input_usd), str(output_usd if output_usd is not None else input_usd))
    by = Decimal(input_usd) / known.input_usd
    cache = ("cache_read_usd", "cache_write_usd", "cache_write_1h_usd")
    return replace(known, input_usd=Decimal(input_usd), **{name: getattr(known, name) * by for name in cache})
