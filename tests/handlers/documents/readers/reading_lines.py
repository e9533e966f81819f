"""How a test calls one reader: bytes in, text and notes out, without a child process."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from handlers.documents.collecting import collect
from handlers.documents.limits import Limits

Reader = Callable[[Any, Limits, list[str]], Iterator[str]]


def text_of(read: Reader, data: bytes, limits: Limits = Limits()) -> str:  # noqa: B008 # frozen
    """The text that a reader of packages makes of these bytes."""
    return collect(read(io.BytesIO(data), limits, []), limits, [])


def notes_of(read: Reader, data: bytes, limits: Limits = Limits()) -> list[str]:  # noqa: B008 # frozen
    """The notes of a reader of packages."""
    notes: list[str] = []
    collect(read(io.BytesIO(data), limits, notes), limits, notes)
    return notes


def text_of_file(read: Reader, data: bytes, folder: Path, limits: Limits = Limits()) -> str:  # noqa: B008 # frozen
    """The text that a reader of files makes of these bytes."""
    path = folder / "file"
    path.write_bytes(data)
    return collect(read(path, limits, []), limits, [])
