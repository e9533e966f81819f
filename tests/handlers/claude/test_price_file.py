"""prices.toml: it goes before the price list, and a mistake in it is named with its line."""

import pytest

from bot.errors import SettingsError
from bot.events import Usage
from bot.money import pico_of
from handlers.claude.price_file import read_prices
from handlers.claude.price_table import PriceList

M = 1_000_000


def read(folder, text):
    (folder / "prices.toml").write_text(text)
    return read_prices(folder / "prices.toml")


def test_without_a_file_the_list_stands(tmp_path):
    assert read_prices(tmp_path / "prices.toml") == PriceList()


def test_a_new_input_price_brings_that_of_its_cache_along(tmp_path):
    prices = read(tmp_path, "[claude-sonnet-5-5]\ninput_usd = 4\noutput_usd = 20.5\n")
    usage = Usage(M, M, M, M, M)
    assert prices.cost_pico("claude-sonnet-5-5", usage) == pico_of(32.7)
    assert prices.cost_pico("claude-opus-5-5", Usage(M)) == pico_of(4)


def test_one_figure_alone_may_be_said(tmp_path):
    prices = read(tmp_path, "[claude-sonnet-5-5]\ncache_read_usd = 0.20\n[tools]\nweb_search_usd = 0.02\n")
    usage = Usage(M, cache_read_tokens=M, web_searches=1)
    assert prices.cost_pico("claude-sonnet-5-5", usage) == pico_of(2.22)


def test_a_model_of_ones_own_is_not_assumed(tmp_path):
    prices = read(tmp_path, "[claude-lyric-1]\ninput_usd = 1\noutput_usd = 7\nlong_from_tokens = 10\nlong_share = 2\n")
    found = prices.quote("claude-lyric-1-20270101")
    assert found
    assert not found.is_assumed
    assert prices.cost_pico("claude-lyric-1", Usage(M, M, M)) == pico_of(16.2)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[claude-x]\ninput_usd = 1\n", r'prices.toml:1: \[claude-x\], key "output_usd": it is missing'),
        ("[claude-opus-5-5]\nouput_usd = 1\n", r'prices.toml:2: .*"ouput_usd": there is no such key'),
        ('[claude-opus-5-5]\noutput_usd = "1"\n', r"expected a number such as 2.50"),
        ("[claude-opus-5-5]\noutput_usd = -1\n", r"not below 0"),
        ("[claude-opus-5-5]\noutput_usd = inf\n", r"expected a number"),
        ("[claude-opus-5-5]\nlong_from_tokens = 1.5\n", r"of tokens a whole one"),
        ("claude = 1\n", r"expected a table"),
        ("[claude\n", r"prices.toml:1: .*not valid TOML"),
    ],
)
def test_a_mistake_is_named(tmp_path, text, words):
    with pytest.raises(SettingsError, match=words):
        read(tmp_path, text)
