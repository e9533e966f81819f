"""When a schedule runs, against a walk over every quarter of an hour that knows nothing of cronsim."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.doors.schedule.timetable import NoTimetable, Timetable
from tests.triggers.schedule.walk import LINES, ZONES, walked

START, END = datetime(2010, 1, 1, tzinfo=UTC), datetime(2015, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("zone", ZONES)
def test_five_years_of_a_zone_have_the_instants_that_a_walk_finds(zone):
    for cron, instants in walked(zone, LINES, START, END).items():
        assert list(Timetable(cron, zone).between(START, END)) == instants, cron


@pytest.mark.parametrize(
    ("cron", "zone", "after", "wanted"),
    [
        pytest.param("30 2 * * *", "America/New_York", "2026-03-07T12:00Z", "2026-03-08T07:00Z", id="skipped"),
        pytest.param("30 1 * * *", "America/New_York", "2026-10-31T12:00Z", "2026-11-01T05:30Z", id="comes twice"),
        pytest.param("30 1 * * *", "America/New_York", "2026-11-01T05:30Z", "2026-11-02T06:30Z", id="but runs once"),
        pytest.param("15 2 * * *", "Australia/Lord_Howe", "2026-10-03T00:00Z", "2026-10-03T15:30Z", id="half an hour"),
        pytest.param("0 8 * * *", "Pacific/Apia", "2011-12-30T00:00Z", "2011-12-30T10:00Z", id="a day that never was"),
        pytest.param("0 8 29 2 *", "Europe/Berlin", "2026-01-01T00:00Z", "2028-02-29T07:00Z", id="29 February"),
        pytest.param("0 8 31 * *", "Europe/Berlin", "2026-11-01T00:00Z", "2026-12-31T07:00Z", id="the 31st"),
        pytest.param("0 8 * * 0", "UTC", "2026-11-28T12:00Z", "2026-11-29T08:00Z", id="0 is Sunday"),
        pytest.param("0 8 * * 7", "UTC", "2026-11-28T12:00Z", "2026-11-29T08:00Z", id="so is 7"),
        pytest.param("0 8 * * *", "UTC", "2026-11-28T08:00:00.5Z", "2026-11-29T08:00Z", id="a moment too late"),
    ],
)
def test_an_instant_is_where_the_wall_shows_its_time_or_first_could(cron, zone, after, wanted):
    assert next(Timetable(cron, zone).after(datetime.fromisoformat(after))) == datetime.fromisoformat(wanted)


@pytest.mark.parametrize(
    ("cron", "zone", "key", "words"),
    [
        ("61 * * * *", "UTC", "cron", "minute"),
        ("0 8 * * 8", "UTC", "cron", "weekday"),
        ("0 8 * *", "UTC", "cron", "five fields"),
        ("0 0 8 * * 1", "UTC", "cron", "five fields"),
        ("@daily", "UTC", "cron", "five fields"),
        ("0 0 30 2 *", "UTC", "cron", "day of month"),
        ("0 8 * * 1", "Europe/Berln", "zone", 'did you mean "Europe/Berlin"'),
        ("0 8 * * 1", "../../etc/passwd", "zone", "expected a time zone"),
    ],
)
def test_a_line_that_never_comes_and_a_zone_that_is_none_are_named(cron, zone, key, words):
    with pytest.raises(NoTimetable) as caught:
        Timetable(cron, zone)
    assert caught.value.key == key
    assert words in caught.value.words


def test_the_following_instants_are_told_in_the_zone():
    (first, second) = Timetable("0 8 * * *", "Europe/Berlin").following(datetime(2026, 10, 24, tzinfo=UTC), 2)
    assert second - first == timedelta(days=1)  # on the wall; an hour more has passed
    assert first.tzinfo == ZoneInfo("Europe/Berlin")
