"""Which names in a watched folder are nobody's question: half files, lock files, system files, our own."""

from __future__ import annotations

import re
from fnmatch import translate

from bot.doors.folder.answers import ANSWERS, is_answer_name

JUNK_SUFFIXES = (
    ".tmp .temp .part .partial .crdownload .download .filepart .swp .swx .lock .bak".split()  # noqa: SIM905 (a list this long reads better as one line)
)
JUNK_NAMES = frozenset({"thumbs.db", "desktop.ini", "icon\r"})
JUNK_PATTERNS = ("*.sync-conflict-*", ".~lock.*#")
JUNK_FOLDERS = frozenset({"@eadir", "__macosx", ".stversions"})

_PATTERNS = re.compile("|".join(translate(pattern) for pattern in JUNK_PATTERNS))


def is_junk_file(name: str) -> bool:
    """Whether a file of this last name is never a question (compared without regard to case)."""
    folded = name.casefold()
    if folded.startswith((".", "~$")) or folded.endswith(("~", *JUNK_SUFFIXES)) or folded in JUNK_NAMES:
        return True
    return is_answer_name(folded) or _PATTERNS.match(folded) is not None


def is_junk_folder(path: str) -> bool:
    """Whether nothing below this folder (relative to the root, forward slashes) is ever a question."""
    folded = path.casefold()
    last = folded.rpartition("/")[2]
    return last.startswith(".") or last in JUNK_FOLDERS or folded == ANSWERS


def is_ignored(name: str) -> bool:
    """Whether a relative file name, or a folder on its way, is ignored. Judge a rename by its final name."""
    parts = name.split("/")
    folders = ("/".join(parts[:count]) for count in range(1, len(parts)))
    return is_junk_file(parts[-1]) or any(is_junk_folder(folder) for folder in folders)
