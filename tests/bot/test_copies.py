"""The tests of private copies that belong to no single event: they go when nobody has needed them for long enough."""

import asyncio
import os

import pytest

from bot.copies import SHARED, folder_of, sweep_now_and_then, sweep_shared
from bot.opening import opened
from bot.rules.rule import RuleBook
from bot.settings import load_settings

pytestmark = pytest.mark.anyio

DAY_S = 86_400.0
NOW_S = 1_000 * DAY_S


def laid(folder, name, age_s):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text("x")
    os.utime(folder / name, (NOW_S - age_s, NOW_S - age_s))


def test_what_nobody_has_needed_for_its_time_goes_and_so_does_what_a_crash_left_half_made(tmp_path):
    for name, age_s in {"old": 31 * DAY_S, "needed": 29 * DAY_S, "half.part": 7_200.0, "young.part": 60.0}.items():
        laid(tmp_path, name, age_s)
    assert sweep_shared(tmp_path, 30 * DAY_S, NOW_S) == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["needed", "young.part"]
    assert sweep_shared(tmp_path / "never made", 30 * DAY_S, NOW_S) == 0


async def test_every_shared_folder_is_swept_and_one_that_cannot_be_keeps_no_other_from_it(tmp_path):
    laid(folder_of(tmp_path, "replay"), "old", 31 * DAY_S)
    (folder_of(tmp_path, "slack") / "a folder").mkdir(parents=True)
    os.utime(folder_of(tmp_path, "slack") / "a folder", (0, 0))
    sweeping = asyncio.create_task(sweep_now_and_then(tmp_path, 30, lambda: NOW_S))
    async with asyncio.timeout(30):
        while any(folder_of(tmp_path, "replay").iterdir()):  # noqa: ASYNC110  # the disk tells it
            await asyncio.sleep(0.01)
    sweeping.cancel()


async def test_whoever_works_sweeps_the_shared_folders(tmp_path):
    settings = load_settings(
        _env_file=None, anthropic_api_key="k", state_dir=tmp_path, database_url=f"sqlite:///{tmp_path / 'bot.db'}"
    )
    for name in SHARED:
        laid(folder_of(tmp_path, name), "of 1972", 31 * DAY_S)
    async with opened(settings, RuleBook(()), works=True), asyncio.timeout(30):
        while any(any(folder_of(tmp_path, name).iterdir()) for name in SHARED):  # noqa: ASYNC110  # the disk tells it
            await asyncio.sleep(0.01)
