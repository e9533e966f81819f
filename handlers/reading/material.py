"""What one source gave for one run, as data, and how a source is asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from handlers.documents.document import Document, text_block

Seen = Callable[[Sequence[str]], set[str]]
"""Which of these items an earlier run has told already; blocks."""


@dataclass(frozen=True, slots=True)
class Material:
    """`words` say what was found ("12 rows", "nothing new"), `documents` are it, `items` name what must not come again.

    `is_missing`: the source itself could not be read, which is no emptiness. `notes` are for the answer's reader.
    """

    words: str
    documents: tuple[Document, ...] = ()
    items: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    is_missing: bool = False


class Source(Protocol):
    """One kind of source. Raises TryAgain for what may pass."""

    async def read(self, place: str, seen: Seen) -> Material:
        """What is there, of `place` as the rule names it behind the colon."""


def missing(why: str) -> Material:
    """A source that is not there, or may not be read."""
    return Material(f"could not be read: {why}", notes=(why,), is_missing=True)


def text_of(name: str, kind: str, text: str) -> Document:
    """Plain text from outside, as a document that is fenced with its origin."""
    return Document(name, kind, (text_block(text, name),), (), len(text.encode()))
