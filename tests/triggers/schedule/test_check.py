"""`bot check` says each schedule in words, and that a new name starts anew."""

import pytest

from bot.doors.schedule.schedule_store import Kept, ScheduleStore
from bot.settings import load_settings
from bot.store.database import open_database
from tests.triggers.schedule.rig import rule
from triggers.schedule.check import check

pytestmark = pytest.mark.anyio


async def test_a_schedule_is_said_in_words_and_whether_it_has_a_past(tmp_path):
    url = f"sqlite:///{tmp_path / 'bot.db'}"
    ScheduleStore(open_database(url)).begin(Kept("old", "0 8 * * 1", "Europe/Berlin", 0.0))
    settings = load_settings(_env_file=None, database_url=url)
    old, new = await check(settings, (rule("old", "0 8 * * 1", "Europe/Berlin"), rule("new", "0 9 * * *")))
    assert old.words.startswith("every Monday at 08:00, Europe/Berlin; next: Mon ")
    assert old.words.count("08:00") == 4
    assert "anew" not in old.words
    assert new.words.endswith("it starts anew: no schedule of this name has run here")
    assert old.ok
    assert new.ok
