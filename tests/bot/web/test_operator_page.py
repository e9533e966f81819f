"""The operator's page: the doors' health in words, whichever process runs them."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.events import Health
from bot.web.operator_page import Sight, ago, html_of, sentence

NOW = datetime(2026, 11, 29, 11, 0, tzinfo=UTC)


def page(doors, workers=1):
    return html_of(Sight(doors, workers, (), {"answered": 2}, NOW - timedelta(days=1), NOW))


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "just now"),
        (0.4, "just now"),
        (3, "3 s ago"),
        (89, "89 s ago"),
        (300, "5 min ago"),
        (7_300, "2 h ago"),
        (200_000, "on 27 Nov 2026 at 03:26 UTC"),
    ],
)
def test_how_long_ago_is_said_in_words(seconds, words):
    assert ago(NOW - timedelta(seconds=seconds), NOW) == words


def test_a_door_that_works_says_when_it_was_heard_and_when_it_last_made_an_event():
    slack = Health(ok=True, words="Connected to Slack (2 of 2 sockets).", heard_at=NOW - timedelta(seconds=3))
    html = page({"slack": slack})
    assert "<strong>Slack</strong>" in html
    assert "Connected to Slack (2 of 2 sockets)." in html
    assert "Heard 3 s ago" in html
    assert "last event" not in html
    assert "<title>Bellhop</title>" in html


def test_what_needs_attention_is_in_the_title_and_said_at_its_door():
    html = page({"folder": Health(ok=False, words="/in is missing <b>")}, workers=0)
    assert "something needs attention" in html
    assert "/in is missing &lt;b&gt;." in html
    assert "Not heard from yet" in html
    assert "No worker runs" in html


def test_words_become_a_sentence():
    assert sentence("watching 2 spreadsheets") == "Watching 2 spreadsheets."
    assert sentence("Fine.") == "Fine."
    assert sentence("") == ""
