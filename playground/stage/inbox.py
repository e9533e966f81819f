"""The demo's folder, `./inbox`: samples and dropped files, and afterwards only what a person dropped."""

from __future__ import annotations

import hashlib
import itertools
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from playground.samples import sample_docx, sample_pdf

ANSWERS = "answers"
SAMPLES = {"sample-invoice.pdf": sample_pdf, "sample-notes.docx": sample_docx}
SHOWN_FILES = 100
SHOWN_BYTES = 200_000
UNWANTED = frozenset('<>:"/\\|?*')


@dataclass(frozen=True, slots=True)
class Dropped:
    """A file in the folder, and its answer when there is one (`failed`: the answer says why there is none)."""

    name: str
    size_bytes: int
    answer: str | None
    failed: bool = False


class Inbox:
    """The folder at `path`; made when it is missing. Remembers what the demo itself put into it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._made = not path.exists()
        path.mkdir(parents=True, exist_ok=True)
        self._ours: dict[str, str] = {}

    def is_empty(self) -> bool:
        """Whether no file lies in it."""
        return not self._names()

    def drop_sample(self, name: str) -> None:
        """Put one sample in, under a free name: one that is there already is answered. Raises KeyError."""
        content = SAMPLES[name]()
        kept = self._free(name)
        self._ours[kept] = hashlib.sha256(content).hexdigest()
        self._write(kept, content)

    def _free(self, name: str) -> str:
        given = Path(name)
        later = (f"{given.stem}-{number}{given.suffix}" for number in itertools.count(2))
        return next(one for one in itertools.chain([name], later) if not (self.path / one).exists())

    def drop(self, name: str, content: bytes) -> str:
        """Put a person's file in; returns the name it got."""
        kept = safe_name(name)
        self._ours.pop(kept, None)
        self._write(kept, content)
        return kept

    def files(self) -> list[Dropped]:
        """What lies in it, newest first."""
        newest = sorted(self._names(), key=lambda name: (self.path / name).stat().st_mtime, reverse=True)
        return [self._dropped(name) for name in newest[:SHOWN_FILES]]

    def tidy(self) -> None:
        """Take away what the demo put in and its answers; the folder too, when it was made here and nothing is left."""
        for name in [name for name in self._ours if self._is_ours(name)]:
            (self.path / name).unlink()
            for answer in [*self._answers_of(name)]:
                answer.unlink()
        for folder in (self.path / ANSWERS, self.path):
            if folder.is_dir() and not any(folder.iterdir()) and (folder != self.path or self._made):
                folder.rmdir()

    def _write(self, name: str, content: bytes) -> None:
        part = self.path / f".{name}.part"
        part.write_bytes(content)
        part.replace(self.path / name)

    def _is_ours(self, name: str) -> bool:
        path = self.path / name
        known = self._ours.get(name)
        return known is not None and path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == known

    def _answers_of(self, name: str) -> list[Path]:
        folder = self.path / ANSWERS
        return [one for one in folder.iterdir() if one.name.startswith(f"{name}.")] if folder.is_dir() else []

    def _names(self) -> list[str]:
        return [one.name for one in self.path.iterdir() if one.is_file() and not one.name.startswith(".")]

    def _dropped(self, name: str) -> Dropped:
        size = (self.path / name).stat().st_size
        for ending, failed in ((".answer.md", False), (".error.md", True)):
            answer = self.path / ANSWERS / f"{name}{ending}"
            if answer.is_file():
                with answer.open("rb") as file:
                    return Dropped(name, size, file.read(SHOWN_BYTES).decode(errors="replace"), failed)
        return Dropped(name, size, None)


def safe_name(name: str) -> str:
    """A name for a file of the folder: no path, not hidden, nothing that a file system refuses."""
    last = PurePosixPath(name.replace("\\", "/")).name
    plain = "".join("_" if char in UNWANTED or not char.isprintable() else char for char in last).strip(" .")
    return plain[:120] or "file"
