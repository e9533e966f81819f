"""Who is who: a person's name and clock out of what Slack says of them."""

import pytest

from handlers.context.slack.names import person_from_user


@pytest.mark.parametrize(
    ("user", "called"),
    [
        ({"tz": "America/New_York", "tz_offset": 0}, "New York (America/New_York)"),
        ({"tz": "Mars/Phobos", "tz_label": "Phobos Time", "tz_offset": 5_400}, "Phobos Time (UTC+1.5)"),
        ({"tz": "Mars/Phobos", "tz_offset": -3_600}, "Mars/Phobos (UTC-1)"),
        ({"tz": "Mars/Phobos"}, ""),
    ],
)
def test_a_zone_that_this_machine_does_not_know_is_told_by_its_offset(user, called):
    assert person_from_user({"name": "ann", **user}).zone_name == called
