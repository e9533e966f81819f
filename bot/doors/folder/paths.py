"""Folders on a disk: how they lie to each other and to our own state, and opening what lies below one."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path

OWN_FILES = "files"
"""The part of STATE_DIR that holds private copies."""


def absolute(path: str) -> str:
    """The path as it is watched: from the root of the disk, with `~` filled in, links left as they are."""
    return str(Path(path).expanduser().absolute())


def is_within(path: str, folder: str) -> bool:
    """Whether a real path is `folder` or lies below it."""
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def is_shared(path: str, other: str) -> bool:
    """Whether two folders hold the same files: one is the other, or lies inside it."""
    real, other_real = os.path.realpath(path), os.path.realpath(other)
    return is_within(real, other_real) or is_within(other_real, real)


def is_own_state(path: str, state_dir: Path) -> bool:
    """Whether a folder is STATE_DIR itself or lies among our private copies; a folder around STATE_DIR is fine."""
    real = os.path.realpath(path)
    return real == os.path.realpath(state_dir) or is_within(real, os.path.realpath(state_dir / OWN_FILES))


def open_beneath(root: str, name: str) -> int:
    """A read-only descriptor of `name` below `root`: no link is followed on the way, a pipe does not block."""
    *folders, last = name.split("/")
    folder = open_folder(root, folders)
    try:
        return os.open(last, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    finally:
        os.close(folder)


def open_folder(root: str, parts: Iterable[str], *, makes: bool = False) -> int:
    """A descriptor of a folder below `root`, opened step by step and never through a link; `makes` what is missing.

    The root itself may be a link: that is its owner's own setting.
    """
    folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    for part in parts:
        try:
            below = _open_or_make(part, folder) if makes else _open_part(part, folder)
        finally:
            os.close(folder)
        folder = below
    return folder


def _open_or_make(part: str, folder: int) -> int:
    try:
        return _open_part(part, folder)
    except FileNotFoundError:
        with contextlib.suppress(FileExistsError):
            os.mkdir(part, dir_fd=folder)
        os.fsync(folder)
        return _open_part(part, folder)


def _open_part(part: str, folder: int) -> int:
    return os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
