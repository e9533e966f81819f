"""Which spreadsheet and which tab people mean."""

import pytest

from bot.doors.sheet.addresses import spreadsheet_id, tab_id

HOME = "https://docs.google.com/spreadsheets/d/1aB-c_9"


def test_an_id_is_taken_from_a_url():
    assert spreadsheet_id(f"{HOME}/edit?gid=0") == "1aB-c_9"
    assert spreadsheet_id(" 1aB-c_9 ") == "1aB-c_9"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{HOME}/edit#gid=77", 77),
        (f"{HOME}/edit?gid=77", 77),
        (f"{HOME}/edit?gid=5#gid=77", 77),
        (f"{HOME}/edit?usp=sharing&gid=77", 77),
        (f"{HOME}/edit#range=A1&gid=77", 77),
        (f"{HOME}/edit#gid=77&range=B2", 77),
        (f"{HOME}/edit#gid=0", 0),
        (f"{HOME}/edit?usp=sharing", None),
        ("1aB-c_9", None),
    ],
)
def test_the_tab_that_a_url_shows_is_taken_from_it(text, expected):
    assert tab_id(text) == expected
