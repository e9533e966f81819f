"""The operator's page: the doors' health in words, whichever process runs them."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.events import Delivery, Health, Receipt
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


WORDS = "every Monday at 08:00, Europe/Berlin; next: Mon 30 Nov 08:00, Mon 7 Dec 08:00, Mon 14 Dec 08:00"


@pytest.mark.parametrize("may_fire", [True, False])
def test_a_schedule_is_told_in_words_with_a_button_for_whoever_knows_the_token(may_fire):
    html = html_of(Sight({}, 1, (), {}, NOW, NOW, schedules={"week": WORDS}, may_fire=may_fire))
    assert "Every Monday at 08:00, Europe/Berlin." in html
    assert "Next: Mon 30 Nov 08:00, Mon 7 Dec 08:00, Mon 14 Dec 08:00" in html
    assert ('<button name="rule" value="week">Run now</button>' in html) is may_fire


def test_below_a_path_the_button_leads_below_it_too():
    html = html_of(Sight({}, 1, (), {}, NOW, NOW, schedules={"week": WORDS}, may_fire=True), "/hop")
    assert 'action="/hop/fire"' in html


def test_where_an_answer_went_is_told_with_its_link():
    there, not_there = (
        Delivery("slack:C1", "delivered", link="https://here/p1"),
        Delivery("mail:a@b.c", "failed", "No <such> box"),
    )
    receipt = Receipt("e1", "schedule", "week", "week, Mon", "c", "failed", NOW, deliveries=(there, not_there))
    html = html_of(Sight({}, 1, (receipt,), {}, NOW, NOW))
    assert '<a href="https://here/p1">open</a>' in html
    assert "mail:a@b.c: No &lt;such&gt; box" in html
