"""Ceilings hold whatever dies: at most one call over by Claude's own bill, and nothing stays reserved."""

import pytest

from tests.bot.engines import throwaway_database
from tests.crash.money_storm import money_storm

pytestmark = pytest.mark.full


def test_two_hundred_events_at_once_go_at_most_one_call_over(tmp_path):
    with throwaway_database("postgres", tmp_path) as url:
        found = money_storm(url, tmp_path / "house", workers=3, events=200, kills=3, limit_usd=0.06)
    assert found.bill_usd <= found.limit_usd + found.dearest_usd
    assert found.booked_usd >= found.limit_usd
    assert found.answered + found.waiting == 200
    assert found.answered > 0
    assert found.reserved == 0


def test_without_kills_what_is_booked_is_the_bill(tmp_path):
    with throwaway_database("sqlite", tmp_path) as url:
        found = money_storm(url, tmp_path / "house", workers=1, events=40, kills=0, limit_usd=0.02)
    assert found.booked_usd == pytest.approx(found.bill_usd, abs=1e-12)
    assert found.estimated_usd == 0
    assert found.limit_usd <= found.bill_usd <= found.limit_usd + found.dearest_usd
