"""How a watched root is doing, in the words of the health page and of the log."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from bot.doors.folder.filenames import readable

NOT_YET = "not looked at yet"
STUCK = "files cannot be copied into STATE_DIR (is the disk full?); trying again every 30 s"
MOST_NAMED = 3


@dataclass(slots=True)
class RootStatus:
    """What is known of a root; a fault is "" while there is none. Seconds since 1970: `heard_at`, when it was last
    looked at and was there, and `last_at`, when a file of it last became an event.

    `missing`: it is not there; `unlistable`: the last scan could not look into it; `unwritable`: answers cannot be
    laid beside its files; `failed`: the last round failed. `unreadable` are sub-folders and `denied` files.
    """

    root: str
    polled: str = ""
    missing: str = NOT_YET
    unlistable: str = ""
    unwritable: str = ""
    failed: str = ""
    is_stuck: bool = False
    heard_at: float | None = None
    last_at: float | None = None
    unreadable: set[str] = field(default_factory=set)
    denied: set[str] = field(default_factory=set)
    _told: _Told = field(default_factory=lambda: _Told(set(), set(), set()))

    @property
    def is_closed(self) -> bool:
        """Whether nothing can be answered here now: what is ready waits, on disk, until that is mended."""
        return bool(self.missing or self.unlistable or self.unwritable)

    def faults(self) -> list[str]:
        """Everything that keeps files from being answered, in words."""
        stuck = STUCK if self.is_stuck else ""
        place = self.missing or self.unlistable or self.unwritable  # whoever mends one sees whether the next is left
        return [words for words in (place, self.failed, stuck) if words]

    def news(self) -> tuple[list[str], list[str]]:
        """What the log should say since it was asked last: what is wrong now, and what no longer is."""
        faults = {words for words in self.faults() if words != NOT_YET}
        told, self._told = self._told, _Told(faults, set(self.unreadable), set(self.denied))
        return self._told.beyond(told), told.beyond(self._told)

    def words(self, waiting: int) -> str:
        """What it does, with so many files on their way."""
        how = f"scanning ({self.polled})" if self.polled else "watching"
        closed = f", sub-folders that may not be read: {len(self.unreadable)}" if self.unreadable else ""
        denied = f", files that may not be read: {len(self.denied)}" if self.denied else ""
        return f"{how} {readable(self.root)}, {waiting} files on their way{closed}{denied}"


@dataclass(frozen=True, slots=True)
class _Told:
    """What the log has heard of."""

    faults: set[str]
    unreadable: set[str]
    denied: set[str]

    def beyond(self, other: _Told) -> list[str]:
        """What is in this one only, in words."""
        folders = _may_not_be_read(self.unreadable - other.unreadable, "sub-folder")
        files = _may_not_be_read(self.denied - other.denied, "file")
        return [*sorted(self.faults - other.faults), *(words for words in (folders, files) if words)]


def _may_not_be_read(names: Collection[str], what: str) -> str:
    if not names:
        return ""
    shown = ", ".join(readable(name) for name in sorted(names)[:MOST_NAMED])
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    them = what if len(names) == 1 else f"{what}s"
    return f"Bellhop may not read the {them} {shown}{more}. Give read permission, and the answer follows."


def unlistable(path: str, error: OSError) -> str:
    """Why a root that is there cannot be looked into, in words."""
    if isinstance(error, PermissionError):
        return f"Bellhop may not read {path}. Give it permission to read and enter the folder."
    return f"{path} cannot be listed: {error.strerror}. Check the drive."
