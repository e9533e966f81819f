"""Where a reader gets the bytes of a file from: a path, or bytes that came inside another file."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import BinaryIO, Literal, Protocol


class Source(Protocol):
    """What readers need of a file; a Path has it."""

    def open(self, mode: Literal["rb"], /) -> BinaryIO:
        """The file, opened anew."""
        ...

    def read_bytes(self) -> bytes:
        """All of its bytes."""
        ...


@dataclass(frozen=True, slots=True)
class Held:
    """A file that is held in memory: an attachment of a mail, a document within a document."""

    data: bytes

    def open(self, mode: Literal["rb"], /) -> BinaryIO:  # noqa: ARG002 # the shape of Path.open
        """The bytes as a file."""
        return io.BytesIO(self.data)

    def read_bytes(self) -> bytes:
        """The bytes."""
        return self.data
