"""What schedules are set up with: nothing but their rules, and a clock to try them by."""

from __future__ import annotations

from pathlib import Path

from bot.settings import FromEnvironment


class ScheduleSettings(FromEnvironment):
    """`schedule_clock_file` holds the seconds by which schedules run ahead of this machine's clock, for trying them."""

    schedule_clock_file: Path | None = None
