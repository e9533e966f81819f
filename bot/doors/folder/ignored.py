"""Which names in a watched folder are nobody's question, and why: leftovers, answers, FOLDER_IGNORE."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from fnmatch import translate

from bot.doors.folder.answers import ANSWERS, is_answer_name
from bot.doors.folder.leftovers import LEFTOVERS

OURS = "Bellhop"
BY_SETTING = "FOLDER_IGNORE"

_WILD = re.compile(r"[*?\[]")
# A share cannot hold these characters, so clients write others in their place: macOS and Samba (vfs_fruit) the private
# ones of "Services for Macintosh", NFS and Cygwin the character's own number from U+F000 on, Samba (vfs_catia) Latin-1.
_MACINTOSH = dict(zip(range(0xF020, 0xF02A), '"*:<>?\\| .', strict=True))
_BY_NUMBER = {0xF000 + ord(letter): letter for letter in "*:<>?\\|"} | {
    0xF000 + code: chr(code) for code in range(1, 32)
}
_STANDS_FOR = _BY_NUMBER | _MACINTOSH | {0xF7: ":", 0xFF1A: ":"}


class Patterns:
    """Shell patterns of whole names in lower case; 60,000 names are looked up in a moment."""

    def __init__(self, patterns: Iterable[str]) -> None:
        exact, starts, ends = set[str](), list[str](), list[str]()
        self._others: list[tuple[str, re.Pattern[str]]] = []
        for pattern in patterns:
            if not _WILD.search(pattern):
                exact.add(pattern)
            elif pattern[0] == "*" and not _WILD.search(pattern[1:]):
                ends.append(pattern[1:])
            elif pattern[-1] == "*" and not _WILD.search(pattern[:-1]):
                starts.append(pattern[:-1])
            else:
                self._others.append((_literal(pattern), re.compile(translate(pattern))))
        self._exact, self._starts, self._ends = frozenset(exact), tuple(starts), tuple(ends)

    def match(self, name: str) -> bool:
        """Whether one of them is the whole name."""
        if name in self._exact or name.startswith(self._starts) or name.endswith(self._ends):
            return True
        # Most names hold none of the literal parts, and that is quicker to see than a pattern to try.
        return any(literal in name and pattern.match(name) for literal, pattern in self._others)


def _literal(pattern: str) -> str:
    """The longest part that stands in every name that fits."""
    return max(re.split(r"[*?]", pattern.partition("[")[0]), key=len)


_ALL_FILES = Patterns(pattern for leftover in LEFTOVERS for pattern in leftover.files)
_ALL_FOLDERS = Patterns(pattern for leftover in LEFTOVERS for pattern in leftover.folders)
_FILES = tuple((leftover.program, Patterns(leftover.files)) for leftover in LEFTOVERS)
_FOLDERS = tuple((leftover.program, Patterns(leftover.folders)) for leftover in LEFTOVERS)


class IgnoreTable:
    """Why a name below one root is ignored: the program it comes from, FOLDER_IGNORE, or Bellhop itself; "" when not.

    `own` are relative names of files and folders that Bellhop itself writes there (its state, its database). Of
    `patterns`, FOLDER_IGNORE's, one with a "/" inside is compared with the whole relative name, any other with the last
    one; one that ends in "/" is for folders only. Names are relative to the root, with forward slashes.
    """

    def __init__(self, patterns: Sequence[str] = (), own: Iterable[str] = ()) -> None:
        folded = [_folded(pattern).removeprefix("**/") for pattern in patterns if pattern.strip("/")]
        files = [pattern for pattern in folded if not pattern.endswith("/")]
        folders = [pattern.rstrip("/") for pattern in folded]
        self._files = Patterns(pattern for pattern in files if "/" not in pattern)
        self._folders = Patterns(pattern for pattern in folders if "/" not in pattern)
        self._file_paths = Patterns(pattern.lstrip("/") for pattern in files if "/" in pattern)
        self._folder_paths = Patterns(pattern.lstrip("/") for pattern in folders if "/" in pattern)
        self._own = frozenset(own)

    def file(self, name: str) -> str:
        """Why this file is ignored, judged by its own name; the folders on its way are judged by `folder`."""
        folded = _folded(name)
        last = folded.rpartition("/")[2]
        if self._files.match(last) or self._file_paths.match(folded):
            return BY_SETTING
        if name in self._own or is_answer_name(last):
            return OURS
        return _program(last, _FILES) if _ALL_FILES.match(last) else ""

    def folder(self, name: str) -> str:
        """Why nothing below this folder is ever a question, judged by the folder's own name."""
        folded = _folded(name)
        last = folded.rpartition("/")[2]
        if self._folders.match(last) or self._folder_paths.match(folded):
            return BY_SETTING
        if name in self._own or folded == ANSWERS:
            return OURS
        return _program(last, _FOLDERS) if _ALL_FOLDERS.match(last) else ""

    def path(self, name: str) -> str:
        """Why this file is ignored: by its name, or for a folder on its way. Judge a rename by its final name."""
        parts = name.split("/")
        folders = ("/".join(parts[:count]) for count in range(1, len(parts)))
        return next((why for folder in folders if (why := self.folder(folder))), "") or self.file(name)


def _program(last: str, table: Sequence[tuple[str, Patterns]]) -> str:
    return next(program for program, patterns in table if patterns.match(last))


def _folded(name: str) -> str:
    if name.isascii():
        return name.lower()
    return unicodedata.normalize("NFC", name.translate(_STANDS_FOR)).casefold()
