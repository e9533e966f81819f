"""A schedule in words."""

from datetime import UTC, datetime

import pytest

from bot.doors.schedule.timetable import Timetable
from bot.doors.schedule.words import in_words, rhythm

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)


def test_a_schedule_is_told_with_its_zone_and_its_next_instants():
    words = in_words(Timetable("0 8 * * 1", "Europe/Berlin"), NOW)
    assert words == "every Monday at 08:00, Europe/Berlin; next: Mon 30 Nov 08:00, Mon 7 Dec 08:00, Mon 14 Dec 08:00"


def test_an_instant_of_another_year_names_it():
    assert in_words(Timetable("0 8 1 1 *", "UTC"), NOW, 1).endswith("next: Fri 1 Jan 2027 08:00")


@pytest.mark.parametrize(
    ("cron", "words"),
    [
        ("* * * * *", "every minute"),
        ("*/15 * * * *", "every 15 minutes"),
        ("5 * * * *", "every hour at minute 5"),
        ("0 8 * * *", "every day at 08:00"),
        ("0 8,12 * * *", "every day at 08:00 and 12:00"),
        ("30 17 * * 1-5", "every weekday (Monday to Friday) at 17:30"),
        ("0 8 * * MON,thu", "every Monday and Thursday at 08:00"),
        ("0 9 * * 7", "every Sunday at 09:00"),
        ("0 9 1,15 * *", "on day 1 and 15 of every month at 09:00"),
        ("0 9 L * *", "on the last day of every month at 09:00"),
        ("*/7 * * * *", "every seventh minute of every hour"),
        ("0 8 1 1 *", "at 08:00 on January 1"),
    ],
)
def test_a_line_is_told_as_people_say_it(cron, words):
    assert rhythm(cron) == words
