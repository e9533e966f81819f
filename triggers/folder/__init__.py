"""This file is the folder door as others see it: the trigger, its pure event maker, its check and its backlog."""

from triggers.folder.backlog import Backlog
from triggers.folder.check import check
from triggers.folder.events import ReadyFile, event_from_file
from triggers.folder.trigger import FolderTrigger

__all__ = ["Backlog", "FolderTrigger", "ReadyFile", "check", "event_from_file"]
