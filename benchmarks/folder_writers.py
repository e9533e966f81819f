"""The ways programs write into a folder, each leaving known contents behind."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

Expected = dict[str, list[bytes]]
"""Relative name -> the whole versions that must be answered, each once, in order."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a writer works: `inbox` is watched, `outside` is not; `name` is its own sub-folder or prefix of names."""

    inbox: Path
    outside: Path
    name: str

    def path(self, ending: str = ".txt") -> Path:
        """The file this writer leaves behind."""
        return self.inbox / f"{self.name}{ending}"

    def aside(self, ending: str = ".txt") -> Path:
        """A file outside the watched folder."""
        return self.outside / f"{self.name}{ending}"

    def content(self, size_bytes: int = 2_000, mark: str = "") -> bytes:
        """Bytes that no other writer leaves."""
        line = f"{self.name} {mark}\n".encode()
        return (line * (size_bytes // len(line) + 1))[:size_bytes]


def slow_single_open(place: Place) -> Expected:
    """1 KB every 200 ms for 5 s into one open file."""
    content = place.content(25 * 1024)
    with place.path().open("wb", buffering=0) as file:
        for at in range(0, len(content), 1024):
            file.write(content[at : at + 1024])
            time.sleep(0.2)
    return {place.path().name: [content]}


def append_and_close(place: Place) -> Expected:
    """Opened, appended to and closed ten times, 200 ms apart."""
    content = place.content(10 * 512)
    for at in range(0, len(content), 512):
        with place.path().open("ab", buffering=0) as file:
            file.write(content[at : at + 512])
        time.sleep(0.2)
    return {place.path().name: [content]}


def temporary_then_renamed(place: Place) -> Expected:
    """Written under a browser's temporary name, then renamed."""
    content = place.content()
    half = place.path(".txt.crdownload")
    half.write_bytes(content[:1000])
    time.sleep(1.5)
    with half.open("ab") as file:
        file.write(content[1000:])
    half.rename(place.path())
    return {place.path().name: [content]}


def renamed_in(place: Place) -> Expected:
    """Moved in from outside the watched folder."""
    place.aside().write_bytes(place.content())
    place.aside().rename(place.path())
    return {place.path().name: [place.content()]}


def copied_large(place: Place, size_bytes: int = 20_000_000) -> Expected:
    """A large file by cp."""
    content = place.content(size_bytes)
    place.aside().write_bytes(content)
    subprocess.run(["cp", place.aside(), place.path()], check=True)
    return {place.path().name: [content]}


def rsynced(place: Place) -> Expected:
    """By rsync -a: a hidden temporary name, then renamed."""
    place.aside().write_bytes(place.content())
    subprocess.run(["rsync", "-a", place.aside(), place.path()], check=True)
    return {place.path().name: [place.content()]}


def folder_moved_in(place: Place) -> Expected:
    """A folder with three files, moved in as one."""
    folder = place.outside / place.name
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.txt").write_bytes(place.content(mark=str(number)))
    folder.rename(place.inbox / place.name)
    return {f"{place.name}/{number}.txt": [place.content(mark=str(number))] for number in range(3)}


def folders_made_and_written(place: Place) -> Expected:
    """A mkdir -p and a file in one go."""
    folder = place.inbox / place.name / "deep" / "down"
    folder.mkdir(parents=True)
    (folder / "a.txt").write_bytes(place.content())
    return {f"{place.name}/deep/down/a.txt": [place.content()]}


def editor_save(place: Place) -> Expected:
    """In place beside a swap file, as vim does, after a first version."""
    first, second = place.content(mark="first"), place.content(mark="second")
    place.path().write_bytes(first)
    time.sleep(3)
    swap = place.inbox / f".{place.path().name}.swp"
    swap.write_bytes(b"swap")
    place.path().write_bytes(second)
    swap.unlink()
    return {place.path().name: [first, second]}


def replaced_by_rename(place: Place) -> Expected:
    """A new version renamed over the old one (sed -i, most editors)."""
    first, second = place.content(mark="first"), place.content(mark="second")
    place.path().write_bytes(first)
    time.sleep(3)
    new = place.inbox / f"sed{place.name}"
    new.write_bytes(second)
    new.rename(place.path())
    return {place.path().name: [first, second]}


def replaced_from_outside(place: Place) -> Expected:
    """A new version moved in over an existing name."""
    first, second = place.content(mark="first"), place.content(mark="second")
    place.path().write_bytes(first)
    time.sleep(3)
    place.aside().write_bytes(second)
    place.aside().rename(place.path())
    return {place.path().name: [first, second]}


def kept_open(place: Place) -> Expected:
    """Flushed at once, a part at a time, and kept open for two seconds more."""
    content = place.content()
    with place.path().open("wb", buffering=0) as file:
        file.write(content[:1000])
        time.sleep(2)
        file.write(content[1000:])
    return {place.path().name: [content]}


def made_and_deleted(place: Place) -> Expected:
    """There and gone: nothing to answer."""
    place.path().write_bytes(place.content())
    place.path().unlink()
    return {}


def overwritten(place: Place) -> Expected:
    """The same name written again later."""
    first, second = place.content(mark="first"), place.content(mark="second")
    place.path().write_bytes(first)
    time.sleep(3)
    place.path().write_bytes(second)
    return {place.path().name: [first, second]}


def touched_and_renamed(place: Place) -> Expected:
    """One version; then touched, then renamed: nothing new."""
    place.path().write_bytes(place.content())
    time.sleep(3)
    place.path().touch()
    time.sleep(2)
    place.path().rename(place.path(".renamed.txt"))
    return {place.path().name: [place.content()]}


def pipe_and_link(place: Place) -> Expected:
    """A pipe and a link: never read, never followed."""
    place.aside().write_bytes(place.content())
    os.mkfifo(place.path(".pipe"))
    place.path(".link.txt").symlink_to(place.aside())
    return {}


def many_files(place: Place, count: int = 5_000) -> Expected:
    """Thousands of small files as fast as it goes."""
    names = [f"{place.name}-{number}.txt" for number in range(count)]
    for name in names:
        (place.inbox / name).write_bytes(f"{name}\n".encode())
    return {name: [f"{name}\n".encode()] for name in names}


def many_copied_into_new_folder(place: Place, count: int = 5_000) -> Expected:
    """By cp -r: thousands of files into a sub-folder that was not there."""
    source = place.outside / place.name
    source.mkdir()
    names = [f"{number}.txt" for number in range(count)]
    for name in names:
        (source / name).write_bytes(f"{place.name} {name}\n".encode())
    subprocess.run(["cp", "-r", source, place.inbox], check=True)
    return {f"{place.name}/{name}": [f"{place.name} {name}\n".encode()] for name in names}


Writer = Callable[[Place], Expected]

SMALL: tuple[Writer, ...] = (
    slow_single_open,
    append_and_close,
    temporary_then_renamed,
    renamed_in,
    folder_moved_in,
    folders_made_and_written,
    editor_save,
    replaced_by_rename,
    replaced_from_outside,
    kept_open,
    made_and_deleted,
    overwritten,
    touched_and_renamed,
    pipe_and_link,
) + ((rsynced,) if shutil.which("rsync") else ())
BULK: tuple[Writer, ...] = (copied_large, many_files, many_copied_into_new_folder)
