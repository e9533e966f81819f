"""Secrets by their form: what is told from other text, and what may be quoted."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.secrecy import hidden, holds_a_key, looks_secret, passwords_in, shown, shown_path

KEY_FILE = json.dumps(
    {"type": "service_account", "private_key": "-----BEGIN PRIVATE KEY-----\nMIIEvQtop\n-----END PRIVATE KEY-----\n"}
)
PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEvQtopsecret\n-----END RSA PRIVATE KEY-----"
TOKENS = ["sk-ant-api03-topsecret", "xoxb-1-topsecret", "xapp-1-A-topsecret", "ghp_topsecret1", "ya29.topsecret-x"]


@pytest.mark.parametrize("key", [KEY_FILE, "\n " + KEY_FILE, "\ufeff" + KEY_FILE, PEM, f"'{KEY_FILE}'", "{"])
def test_a_key_files_content_is_known(key):
    assert holds_a_key(key)
    assert looks_secret(key) is (key != "{")


def test_braces_alone_make_no_secret():
    assert not looks_secret("{Question}")


def test_a_key_file_in_base64_is_known():
    assert holds_a_key(base64.b64encode(KEY_FILE.encode()).decode())
    assert holds_a_key(base64.urlsafe_b64encode((KEY_FILE + "ÿþ").encode()).decode())


@pytest.mark.parametrize(
    "path", ["key.json", "/run/secrets/key.json", "C:\\keys\\a.json", "~/bell hop/ö.json", "sk/key.json", "a" * 80]
)
def test_a_path_is_no_key(path):
    assert not looks_secret(path)
    assert shown_path(path) == path


@pytest.mark.parametrize("token", TOKENS)
def test_tokens_are_hidden_wherever_they_stand(token):
    assert looks_secret(token)
    for text in (token, f"cannot use {token!r} here", f"/srv/{token}/x", f"key={token}&x", f"({token})"):
        assert "topsecret" not in hidden(text)
        assert "topsecret" not in shown_path(text)


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://bot:topsecret@db/name",
        "postgresql://bot:to@psecret-topsecret@db/name",
        "https://u:topsecret@proxy.example",
        "postgresql://db/name?user=u&password=topsecret&x=1",
        KEY_FILE.replace("MIIEvQtop", "topsecret"),
        PEM,
        PEM[:60],
    ],
)
def test_passwords_and_keys_are_hidden(text):
    assert "topsecret" not in hidden(f"it failed: {text}")
    assert "topsecret" not in hidden(text)


@pytest.mark.parametrize(
    "text",
    [
        'rules.toml:8: rule "triage", key "max_tokens": expected a whole number',
        "Make one at https://api.slack.com/apps: your app, scope connections:write.",
        "put it into .env as ANTHROPIC_API_KEY=sk-…",
        "risk-free, task-1, disk-full: a mask-like word",
        "mail ada@example.org at https://example.org:8080/x",
    ],
)
def test_words_stay_as_they_are(text):
    assert hidden(text) == text


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("fold", "'fold'"),
        ("500", "'500'"),
        ("fax:one", "'fax:one'"),
        ("", "''"),
        (True, "true"),
        (-2.5, "-2.5"),
        ([1, 2], "a list of 2"),
        ({}, "a table"),
        ("xoxb-12-topsecret", "a text of 17 characters"),
        ("hunter2", "a text of 7 characters"),
        ("https://hooks.slack.com/services/T/B/x", "a text of 38 characters"),
    ],
)
def test_a_value_of_a_rule_is_quoted_only_when_it_is_plain(value, words):
    assert shown(value) == words


def test_the_passwords_of_a_url_are_found_as_written_and_as_meant():
    assert passwords_in("postgresql://bot:a%40b@db/x?sslpassword=c") == ("a%40b", "a@b", "c")
    assert passwords_in("sqlite:///state/bot.db") == passwords_in("bot:a@b") == ()


def test_an_id_of_random_letters_is_not_quoted():
    assert shown_path("/srv/8f742231b10e8888abcd99deadbeef85") == "/srv/***"


@given(st.text(max_size=200))
def test_any_text_is_taken(text):
    hidden(text)
    shown(text)
    shown_path(text)
    looks_secret(text)
