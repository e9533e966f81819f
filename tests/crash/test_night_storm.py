"""The night lane under kill -9: every document is answered once, from its own content, and paid once."""

import pytest

from benchmarks.night import storm

pytestmark = pytest.mark.full


def test_kills_a_lost_response_and_failing_entries_leave_one_spend():
    night = storm(21, kills=5, seed=3, limit_s=240.0)
    assert (night.own, night.paid_twice) == (21, 0)


def test_a_disk_that_is_full_now_and_then_neither_loses_an_answer_nor_pays_one_twice():
    night = storm(14, kills=0, full_disks=5, seed=5, limit_s=240.0)
    assert (night.own, night.paid_twice) == (14, 0)
