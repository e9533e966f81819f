"""What Bellhop itself keeps below a folder, so that nobody is ever asked about it."""

from __future__ import annotations

import os

import sqlalchemy as sa

from bot.doors.folder.ignored import IgnoreTable
from bot.doors.folder.paths import is_within
from bot.doors.folder.settings import FolderSettings
from bot.settings import Settings


def ignored_below(root: str, settings: Settings) -> IgnoreTable:
    """What is ignored below this folder; Bellhop's own there are its state folder and its database files."""
    real, database = os.path.realpath(root), sa.make_url(settings.database_url)
    own = [os.path.realpath(settings.state_dir)]
    if database.get_backend_name() == "sqlite" and database.database:
        base = os.path.realpath(database.database)
        own += [base + ending for ending in ("", "-wal", "-shm", "-journal")]
    names = (os.path.relpath(path, real) for path in own if is_within(path, real))
    return IgnoreTable(settings.door(FolderSettings).folder_ignore, names)
