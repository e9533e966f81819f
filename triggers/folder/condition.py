"""This file is how a watched root is doing, in the words of the health page."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.filenames import readable

NOT_YET = "not looked at yet"


@dataclass(slots=True)
class Condition:
    """What is known of a root; `fault` is "" while it works, `last_at` seconds since 1970."""

    root: str
    polled: str = ""
    fault: str = NOT_YET
    is_stuck: bool = False
    last_name: str = ""
    last_at: float | None = None
    unreadable: set[str] = field(default_factory=set)

    def fault_words(self) -> str:
        """What is wrong; "" when nothing is."""
        if self.is_stuck:
            return "files cannot be copied into STATE_DIR (is the disk full?); trying again every 30 s"
        return self.fault

    def words(self, waiting: int) -> str:
        """What it does, with so many files on their way."""
        how = f"scanning ({self.polled})" if self.polled else "watching"
        closed = f", {len(self.unreadable)} sub-folders may not be read" if self.unreadable else ""
        return f"{how} {readable(self.root)}, {waiting} files on their way{closed}"
