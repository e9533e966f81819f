"""A person's zone out of what Slack says of them, which is not always a zone that this machine knows."""

from datetime import timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from bot.doors.slack.zone import zone_from_user


@pytest.mark.parametrize(
    ("user", "zone"),
    [
        ({"tz": "Europe/Berlin", "tz_offset": 0}, ZoneInfo("Europe/Berlin")),
        ({"tz": "Mars/Phobos", "tz_offset": 3_600}, timezone(timedelta(hours=1))),
        ({"tz": "../etc/passwd", "tz_offset": 3_600}, timezone(timedelta(hours=1))),
        ({"tz_offset": -1_800}, timezone(timedelta(minutes=-30))),
        ({"tz": None, "tz_offset": 90_000}, None),
        ({"tz": "", "tz_offset": "1"}, None),
        ({}, None),
    ],
)
def test_a_zone_is_known_by_its_name_or_else_by_its_offset(user, zone):
    assert zone_from_user(user) == zone
