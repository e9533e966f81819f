"""Who may look at the operator's page: whoever knows WEB_TOKEN, or without one this machine alone."""

from datetime import UTC, datetime
from typing import Any

import pytest
from starlette.testclient import TestClient

from bot.settings import load_settings
from bot.web.house import House
from bot.web.server import web_app

NOW = datetime(2026, 11, 29, 11, 0, tzinfo=UTC)
HERE = {"host": "127.0.0.1:8080"}


class NoReceipts:
    """Nothing has happened yet."""

    def newest(self, limit):
        return []

    def counts(self):
        return {}


def look(*, headers=None, peer="127.0.0.1", query="", **settings):
    receipts: Any = NoReceipts()
    nothing: Any = None
    house = House(load_settings(_env_file=None, **settings), receipts, nothing, dict, lambda: 1, NOW, nothing)
    with TestClient(web_app(house), client=(peer, 40000)) as client:
        return client.get(f"/{query}", headers={**HERE, **(headers or {})}).status_code


def test_without_a_token_this_machine_looks_and_nobody_else():
    assert look() == 200
    assert look(headers={"host": "localhost"}) == 200
    assert look(peer="192.0.2.7") == 401
    assert look(headers={"host": "bot.example.com"}) == 401


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "Forwarded", "Via", "X-Forwarded-Host"])
def test_what_a_proxy_on_this_machine_passes_on_is_not_this_machine(header):
    assert look(headers={header: "192.0.2.7"}) == 401


def test_a_server_with_a_public_address_takes_the_token_from_everybody():
    # A proxy may say nothing of itself, and the name it calls us by is this machine's.
    assert look(public_url="https://bot.example.com") == 401
    assert look(public_url="https://bot.example.com", web_token="word", query="?token=word") == 200


def test_the_token_counts_wherever_it_stands():
    known = {"web_token": "word"}
    assert look(**known) == 401
    assert look(query="?token=word", **known) == 200
    assert look(headers={"authorization": "Bearer word"}, **known) == 200
    basic = {"authorization": "Basic cHJveHk6cGFzcw=="}
    assert look(headers=basic, **known) == 401
    assert look(headers=basic, query="?token=word", **known) == 200
    assert look(headers={**basic, "cookie": "bellhop=word"}, **known) == 200
