"""A whole document that stands inside another one and is shown there (w:altChunk): read by the reader of its kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bot.errors import Refused
from handlers.documents.encodings import decode, start_of
from handlers.documents.formats import HEAD_BYTES, format_of_bytes, format_of_text
from handlers.documents.limits import Limits
from handlers.documents.remarks import EMBEDDED
from handlers.documents.source import Held

ReadWord = Callable[[bytes], Iterator[str]]
"""How a Word document within is read: by the reader that found it, one level deeper."""


def chunk_lines(data: bytes, name: str, limits: Limits, notes: list[str], word: ReadWord) -> Iterator[str]:
    """The lines of the embedded document; what cannot be read is left out and said."""
    try:
        found = format_of_bytes(data[:HEAD_BYTES]) or format_of_text(start_of(data[:HEAD_BYTES]), name)
        yield from _lines(found, data, limits, notes, word)
    except Refused:
        notes.append(EMBEDDED)


def _lines(found: str, data: bytes, limits: Limits, notes: list[str], word: ReadWord) -> Iterator[str]:
    if found == "zip":
        yield from _word(data, limits, word)
    elif found == "rtf":
        from handlers.documents.readers.rtf import rtf_lines

        yield from rtf_lines(data, notes)
    elif found == "html":
        from handlers.documents.readers.html import page_lines

        yield from page_lines(data, notes)
    elif found == "mail":
        from handlers.documents.readers.mail import read_mail

        yield from read_mail(Held(data), limits, notes)
    elif found == "text":
        yield from decode(data).text.splitlines()
    else:
        raise Refused(EMBEDDED)


def _word(data: bytes, limits: Limits, word: ReadWord) -> Iterator[str]:
    from handlers.documents.package import open_package

    kind, package = open_package(Held(data), limits)
    package.close()
    if kind != "docx":
        raise Refused(EMBEDDED)
    yield from word(data)
