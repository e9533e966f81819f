"""The reading of a mail that came to us: what it says, and the files that came along.

A short mail of nothing but plain text meets no parser of anybody's format, and is read here and now; every other one
in the child process, whose start takes a tenth of a second.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.errors import Refused, TryAgain
from handlers.documents.document import Document, display_name, image_block, pdf_block, text_block
from handlers.documents.limits import Limits
from handlers.documents.process import read_in_child
from handlers.documents.source import Held

_NAMES = {"application/pdf": "pdf"}
PLAIN_BYTES = 64 * 1024
LIMITS = Limits(reading_s=8.0, child_cpu_s=10, child_wall_s=15.0)
"""A mail that keeps a process busy keeps the mails behind it waiting."""
_HEAD = re.compile(rb"\A(.*?)\r?\n\r?\n", re.DOTALL)
_TYPE = re.compile(rb"(?mi)^content-(?:type|disposition)[ \t]*:[ \t]*(.*)$")


@dataclass(frozen=True, slots=True)
class Letter:
    """`text` is all of the mail's own, quoted history included; `notes` say what was left out."""

    text: str
    documents: tuple[Document, ...]
    notes: tuple[str, ...]


async def read_letter(path: Path, limits: Limits = LIMITS) -> Letter:
    """Read it. Raises Refused in one plain sentence (damaged, nested too deeply), TryAgain on a passing fault."""
    try:
        result = await asyncio.to_thread(_read_here, path, limits) or await read_in_child("letter", path, limits)
    except OSError as error:
        raise TryAgain(f"The mail could not be read now: {error.strerror or 'the drive gave no answer'}.") from error
    return Letter(result["text"], tuple(map(_document, result["files"])), tuple(result["notes"]))


def _read_here(path: Path, limits: Limits) -> dict[str, Any] | None:
    """What a short plain mail says; None for any other."""
    if path.stat().st_size > PLAIN_BYTES:
        return None
    data = path.read_bytes()
    head = _HEAD.match(data)
    if head is None or not all(value.lower().startswith(b"text/plain") for value in _TYPE.findall(head[1])):
        return None
    # Imported here: not every process that reads documents reads mails.
    from handlers.documents.readers.letter import read_letter as read

    notes: list[str] = []
    try:
        return {**read(Held(data), limits, notes, _nothing_else), "notes": notes}
    except Exception:  # noqa: BLE001 # parsers raise anything; the child says what is wrong with it
        return None


def _nothing_else(name: str, *_: object) -> dict[str, Any]:
    raise Refused(f"it is read apart ({name})")


def _document(file: dict[str, Any]) -> Document:
    name = display_name(file["name"])
    blocks = tuple(_block(*block) for block in file["blocks"])
    words = (text_block(file["text"], name),) if file["text"].strip() else ()
    kind = "text" if words else _NAMES.get(file["blocks"][0][0], "image")
    return Document(name, kind, (*words, *blocks), (), file["size"])


def _block(media_type: str, name: str, data: str) -> dict[str, Any]:
    return pdf_block(data, display_name(name)) if media_type in _NAMES else image_block(data, media_type)
