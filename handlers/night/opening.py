"""How the night lane is opened in a process that answers events: its asking, and the lane that one process runs."""

from __future__ import annotations

from collections.abc import Mapping

from bot.parts import Parts
from handlers.claude.client import Claude
from handlers.night.asking import NightAsking, Presence
from handlers.night.entries import Entries
from handlers.night.lane import Lane, Pace, Rows
from handlers.night.pieces import Pieces


def open_night(parts: Parts, claude: Claude, presence: Mapping[str, Presence]) -> tuple[NightAsking, Lane]:
    """Both of one process; `presence` by source."""
    entries, pieces = Entries(parts.database), Pieces(parts.database)
    engine, receipts, settings = parts.engine, parts.engine.receipts, parts.settings
    asking = NightAsking(entries, receipts, settings.night_gather_seconds, presence=presence)
    pace = Pace(settings.night_gather_seconds, settings.night_poll_seconds)
    lane = Lane(Rows(entries, pieces), claude.batches(), engine, receipts, asking.look_for, pace=pace)
    asking.ring = lane.waker.wake
    return asking, lane
