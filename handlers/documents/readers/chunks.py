"""A whole document that stands inside another one and is shown there (w:altChunk): read by the reader of its kind."""

from __future__ import annotations

import io
from collections.abc import Iterator

from bot.errors import Refused
from handlers.documents.encodings import decode, start_of
from handlers.documents.formats import HEAD_BYTES, format_of_bytes, format_of_text
from handlers.documents.limits import Limits
from handlers.documents.remarks import EMBEDDED
from handlers.documents.source import Held


def chunk_lines(data: bytes, name: str, limits: Limits, notes: list[str], depth: int) -> Iterator[str]:
    """The lines of the embedded document; what cannot be read is left out and said."""
    try:
        found = format_of_bytes(data[:HEAD_BYTES]) or format_of_text(start_of(data[:HEAD_BYTES]), name)
        yield from _lines(found, data, limits, notes, depth)
    except Refused:
        notes.append(EMBEDDED)


def _lines(found: str, data: bytes, limits: Limits, notes: list[str], depth: int) -> Iterator[str]:
    if found == "zip":
        yield from _word(data, limits, notes, depth)
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


def _word(data: bytes, limits: Limits, notes: list[str], depth: int) -> Iterator[str]:
    from handlers.documents.package import open_package
    from handlers.documents.readers.word import read_word

    kind, package = open_package(Held(data), limits)
    package.close()
    if kind != "docx":
        raise Refused(EMBEDDED)
    yield from read_word(io.BytesIO(data), limits, notes, depth)
