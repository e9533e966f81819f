"""The folder door as others see it: the trigger, its pure event maker, its check and its backlog."""

from triggers.folder.backlog import Backlog
from triggers.folder.check import check
from triggers.folder.trigger import FolderTrigger
from triggers.folder.versions import ReadyFile, event_from_file

__all__ = ["Backlog", "FolderTrigger", "ReadyFile", "check", "event_from_file"]
