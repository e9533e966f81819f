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
    """A file in the folder, and its answer when there is one (`failed`: the answer says why there is none).

    `is_tonight`: it waits for a batch, or was answered by one.
    """

    name: str
    size_bytes: int
    answer: str | None
    failed: bool = False
    is_tonight: bool = False


class Inbox:
    """The folder at `path`; made when it is missing. Remembers what the demo itself put into it.

    `tonight` is a second one, which ends with the demo: what is dropped there is answered by a batch.
    """

    def __init__(self, path: Path, tonight: Path | None = None) -> None:
        self.path, self.tonight = path, tonight
        if tonight is not None:
            tonight.mkdir(parents=True, exist_ok=True)
        self._made = not path.exists()
        path.mkdir(parents=True, exist_ok=True)
        self._ours: dict[str, str] = {}

    def is_empty(self) -> bool:
        """Whether no file lies in it."""
        return not self._names()

    def drop_tonight(self, name: str, content: bytes) -> str:
        """Put a file into the folder whose rule asks by night, under a free name; returns it."""
        kept = self._free(safe_name(name))
        _write(self._tonight, kept, content)
        return kept

    @property
    def _tonight(self) -> Path:
        return self.tonight or self.path

    def drop_sample(self, name: str) -> None:
        """Put one sample in, under a free name: one that is there already is answered. Raises KeyError."""
        content = SAMPLES[name]()
        kept = self._free(name)
        self._ours[kept] = hashlib.sha256(content).hexdigest()
        self._write(kept, content)

    def _free(self, name: str) -> str:
        given = Path(name)
        later = (f"{given.stem}-{number}{given.suffix}" for number in itertools.count(2))
        names = itertools.chain([name], later)
        return next(one for one in names if not any((folder / one).exists() for folder in (self.path, self._tonight)))

    def drop(self, name: str, content: bytes) -> str:
        """Put a person's file in; returns the name it got."""
        kept = safe_name(name)
        self._ours.pop(kept, None)
        self._write(kept, content)
        return kept

    def files(self) -> list[Dropped]:
        """What lies in it, newest first."""
        tonight = [(self.tonight, name) for name in _names(self.tonight)] if self.tonight else []
        both = [*((self.path, name) for name in self._names()), *tonight]
        newest = sorted(both, key=lambda one: (one[0] / one[1]).stat().st_mtime, reverse=True)
        return [self._dropped(folder, name) for folder, name in newest[:SHOWN_FILES]]

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
        _write(self.path, name, content)

    def _is_ours(self, name: str) -> bool:
        path = self.path / name
        known = self._ours.get(name)
        return known is not None and path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == known

    def _answers_of(self, name: str) -> list[Path]:
        folder = self.path / ANSWERS
        return [one for one in folder.iterdir() if one.name.startswith(f"{name}.")] if folder.is_dir() else []

    def _names(self) -> list[str]:
        return _names(self.path)

    def _dropped(self, folder: Path, name: str) -> Dropped:
        size, is_tonight = (folder / name).stat().st_size, folder == self.tonight
        for ending, failed in ((".answer.md", False), (".error.md", True)):
            answer = folder / ANSWERS / f"{name}{ending}"
            if answer.is_file():
                with answer.open("rb") as file:
                    return Dropped(name, size, file.read(SHOWN_BYTES).decode(errors="replace"), failed, is_tonight)
        return Dropped(name, size, None, is_tonight=is_tonight)


def _names(folder: Path) -> list[str]:
    return [one.name for one in folder.iterdir() if one.is_file() and not one.name.startswith(".")]


def _write(folder: Path, name: str, content: bytes) -> None:
    part = folder / f".{name}.part"
    part.write_bytes(content)
    part.replace(folder / name)


def safe_name(name: str) -> str:
    """A name for a file of the folder: no path, not hidden, nothing that a file system refuses."""
    last = PurePosixPath(name.replace("\\", "/")).name
    plain = "".join("_" if char in UNWANTED or not char.isprintable() else char for char in last).strip(" .")
    return plain[:120] or "file"
