"""Tests of the line that a person reads while they wait."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.waiting import waiting_words

NOW = datetime(2026, 11, 29, 14, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("until", "zone", "words"),
    [
        (datetime(2026, 11, 29, 14, 45, tzinfo=UTC), None, "Claude is busy until about 14:45 UTC; I answer then."),
        (datetime(2026, 11, 29, 14, 44, 1, tzinfo=UTC), "Europe/Berlin", "until about 15:45; I answer then."),
        (datetime(2026, 11, 30, 0, 0, tzinfo=UTC), None, "until about 30 November, 00:00 UTC; I answer then."),
        (datetime(2026, 11, 30, 0, 0, tzinfo=UTC), "America/New_York", "until about 19:00; I answer then."),
        (None, None, "Claude is busy; I answer as soon as that is over."),
    ],
)
def test_the_time_is_the_persons_own_or_named_as_utc(until, zone, words):
    assert waiting_words("Claude is busy", until, NOW, ZoneInfo(zone) if zone else None).endswith(words)


def test_a_reason_that_is_a_sentence_does_not_end_twice():
    assert waiting_words("It waits.", None, NOW) == "It waits; I answer as soon as that is over."
