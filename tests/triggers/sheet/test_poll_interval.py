"""How often a spreadsheet is looked at."""

import pytest

from triggers.sheet.poll_interval import pause_s, soonest_s


@pytest.mark.parametrize(
    ("quiet_s", "settles_in_s", "wrote", "sheets", "expected_s"),
    [
        (0.0, None, False, 1, 2.0),
        (119.0, None, False, 1, 2.0),
        (180.0, None, False, 1, 8.0),
        (3_600.0, None, False, 1, 15.0),
        (0.0, None, True, 1, 2.1),
        (0.0, 1.2, True, 1, 1.2),
        (0.0, 0.3, True, 1, 1.0),
        (3_600.0, 4.0, False, 1, 4.0),
        (0.0, None, False, 10, 12.0),
    ],
)
def test_it_is_looked_at_often_while_something_happens_and_when_a_row_will_have_settled(
    quiet_s, settles_in_s, wrote, sheets, expected_s
):
    found_s = pause_s(quiet_s=quiet_s, settles_in_s=settles_in_s, wrote=wrote, sheets=sheets)
    assert found_s == pytest.approx(expected_s)


def test_a_wake_up_waits_for_the_calls_of_the_last_round():
    assert (soonest_s(wrote=False), soonest_s(wrote=True)) == (1.0, 2.1)
