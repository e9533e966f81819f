"""Only this machine's own page may look, and only with its token may it act."""

import pytest

from playground.page.guard import MAX_BODY_BYTES, refusal

HERE = {"host": "127.0.0.1:8080"}


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost:8080", "127.0.0.1", "LOCALHOST:8080"])
def test_this_machine_may_look(host):
    assert refusal("GET", {"host": host}, "t") == ""


@pytest.mark.parametrize(
    "host",
    ["", "evil.example:8080", "127.0.0.1.evil.example:8080", "a@127.0.0.1:8080", "0.0.0.0:8080", "127.0.0.1:x", "[::1"],
)
def test_another_name_for_this_address_is_refused(host):
    assert refusal("GET", {"host": host}, "t")


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "http://evil.example",
        "http://127.0.0.1:8081",
        "https://127.0.0.1:8080",
        "http://127.0.0.1:8080.evil.example",
    ],
)
def test_another_pages_origin_is_refused(origin):
    assert refusal("GET", {**HERE, "origin": origin}, "t")
    assert refusal("POST", {**HERE, "origin": origin, "x-playground-token": "t"}, "t")


def test_another_sites_fetch_is_refused_and_its_link_is_not():
    assert refusal("GET", {**HERE, "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}, "t")
    assert refusal("GET", {**HERE, "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}, "t") == ""


def test_acting_takes_the_token_of_this_start():
    assert refusal("POST", HERE, "t")
    assert refusal("POST", {**HERE, "x-playground-token": "old"}, "t")
    assert refusal("POST", {**HERE, "x-playground-token": "t", "origin": "http://localhost:8080"}, "t") == ""


def test_a_body_has_an_end():
    acting = {**HERE, "x-playground-token": "t"}
    assert refusal("POST", {**acting, "content-length": str(MAX_BODY_BYTES + 1)}, "t")
    assert refusal("POST", {**acting, "content-length": "many"}, "t")
