"""What the folder door is set up with."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from bot.settings import FromEnvironment, Names


class FolderSettings(FromEnvironment):
    """One field for each variable of the folder's in `.env.example`; FOLDER_MAX_MB is everybody's (bot/settings.py)."""

    watch_folder: Path | None = None
    folder_quiet_seconds: float = Field(1.0, gt=0)
    folder_rescan_seconds: float = Field(30.0, gt=0)
    folder_backlog: Literal["ask", "answer", "skip"] = "ask"
    folder_polling: bool | None = None
    folder_ignore: Names = ()
