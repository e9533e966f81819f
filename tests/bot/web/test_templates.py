"""What pages load beside: only what is there, and nothing is remembered of what is not."""

from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from bot.web import templates
from bot.web.templates import asset, asset_url


def test_what_pages_load_is_served_for_long_and_what_is_not_there_is_not_remembered():
    with TestClient(Starlette(routes=[Route("/assets/{name}", asset)])) as client:
        found = client.get(asset_url("event.js"))
        assert found.status_code == 200
        assert "immutable" in found.headers["cache-control"]
        before = len(templates._assets())
        for number in range(20):
            assert client.get(f"/assets/no{number}.js").status_code == 404
        assert client.get("/assets/event.html").status_code == 404
        assert len(templates._assets()) == before
