"""Who calls, behind proxies of ours and others', and whether a page of ours sent it."""

import pytest

from bot.errors import SettingsError
from bot.settings import load_settings
from bot.web.clients import client_of, is_from_here, networks_of

PROXIES = networks_of(("10.0.0.0/8", "2001:db8::/32", "127.0.0.1"))


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("203.0.113.9", "", "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "1.2.3.4, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "1.2.3.4, 198.51.100.1, 10.9.9.9", "198.51.100.1"),
        ("10.0.0.1", "10.0.0.2", "10.0.0.2"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "unknown", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.1:4711", "198.51.100.1"),
        ("::ffff:10.0.0.1", "[2001:db9::7]:4711", "2001:db9::/64"),
        ("2001:db8::1", "2001:db9:1:2:3:4:5:6", "2001:db9:1:2::/64"),
        ("", "198.51.100.1", ""),
    ],
)
def test_only_what_our_own_proxies_say_is_believed(peer, forwarded, client):
    assert client_of(peer, forwarded, PROXIES) == client


@pytest.mark.parametrize(
    ("headers", "fine"),
    [
        ({}, True),
        ({"origin": "https://bot.example"}, True),
        ({"origin": "http://bot.example"}, True),
        ({"origin": "https://evil.example"}, False),
        ({"origin": "https://bot.example.evil.example"}, False),
        ({"origin": "https://bot.example@evil.example"}, False),
        ({"origin": "null"}, False),
        ({"origin": "http://["}, False),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "same-site"}, False),
        ({"sec-fetch-site": "same-origin"}, True),
        ({"referer": "https://evil.example/form"}, False),
        ({"referer": "https://bot.example/forms/bug"}, True),
        ({"origin": "https://evil.example", "sec-fetch-site": "same-origin"}, False),
    ],
)
def test_what_another_site_sends_is_told(headers, fine):
    assert is_from_here(headers, ("bot.example", "")) is fine


def test_a_wrong_network_is_refused_at_the_start():
    with pytest.raises(SettingsError, match="TRUSTED_PROXIES"):
        load_settings(_env_file=None, trusted_proxies="10.0.0.0/8, proxy.local")
    assert load_settings(_env_file=None, trusted_proxies="10.0.0.0/8, ::1").trusted_proxies == ("10.0.0.0/8", "::1")
