"""The reading of one file: look at its first bytes, refuse or read it, give it the shape Claude takes."""

from __future__ import annotations

import base64
import re
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.errors import Refused, TryAgain
from handlers.documents.collecting import cut
from handlers.documents.document import Document, display_name, image_block, pdf_block, text_block
from handlers.documents.encodings import clean, decode, start_of
from handlers.documents.formats import (
    FORMATS,
    HEAD_BYTES,
    IMAGES,
    MARKUP,
    format_of_bytes,
    format_of_text,
    mismatch,
)
from handlers.documents.limits import Limits

EMPTY = "The file is empty."
_NATIVE = IMAGES | {"pdf"}


async def read_document(path: Path, name: str, limits: Limits = Limits()) -> Document:  # noqa: B008 # frozen
    """The file as content blocks. `name` is what the sender called it: shown, and compared with what the file is.

    Raises Refused with one plain sentence that says what to do (locked, damaged, too large, not readable at all),
    and TryAgain on a passing fault of the drive or of the machine. Cancelling ends the child process.
    """
    # asyncio and structlog cost the child 100 ms that it does not need: it imports this package, too.
    import asyncio

    from handlers.documents.process import read_in_child

    try:
        size, found, head = await asyncio.to_thread(_look, path, limits, name)
        if found == "text":
            text, notes = await asyncio.to_thread(_read_text, path, head, limits)
            return _document(name, size, found, (text_block(text, display_name(name)),), notes)
        result = await read_in_child(found, path, limits)
        blocks = await asyncio.to_thread(_blocks, path, result, display_name(name))
    except OSError as error:
        raise TryAgain(f"The file could not be read now: {error.strerror or 'the drive gave no answer'}.") from error
    return replace(_document(name, size, result["format"], blocks, result["notes"]), pages=result.get("pages", 0))


def _document(name: str, size: int, found: str, blocks: tuple[dict[str, Any], ...], notes: list[str]) -> Document:
    said = mismatch(name, found)
    return Document(display_name(name), FORMATS[found].kind, blocks, ((said,) if said else ()) + tuple(notes), size)


def _look(path: Path, limits: Limits, name: str = "") -> tuple[int, str, bytes]:
    """The size, the format and the first bytes of a file that may be read."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise Refused("This is a folder or a device, not a file; drop a file.")
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except FileNotFoundError:
        raise Refused("The file is not there any more; drop it again.") from None
    except PermissionError:
        raise Refused("The file may not be opened by Bellhop; allow it to be read and drop it again.") from None
    if not head.strip(b"\0 \t\r\n\f"):
        _refuse_blank(path, status.st_size)
    found = _format(path, name, head)
    _check_size(found, status.st_size, limits)
    return status.st_size, found, head


def _refuse_blank(path: Path, size: int) -> None:
    if size <= HEAD_BYTES:
        raise Refused(EMPTY)
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            if chunk.strip(b"\0 \t\r\n\f"):
                return
    raise Refused(EMPTY)


def _format(path: Path, name: str, head: bytes) -> str:
    found = format_of_bytes(head)
    if found == "ole":
        raise Refused(_old_office(path))
    return found or format_of_text(start_of(head), name)


_OLD = (
    ("EncryptedPackage", "This file is locked with a password. Save it without one and drop it again."),
    ("WordDocument", "This is a Word file of the old kind; save it as .docx and drop that."),
    ("PowerPoint Document", "This is a PowerPoint file of the old kind; save it as .pptx and drop that."),
    ("__substg1.0", "This is an Outlook message; save it as .eml or PDF and drop that."),
    ("Workbook", "This is an Excel file of the old kind; save it as .xlsx and drop that."),
    ("Book", "This is an Excel file of the old kind; save it as .xlsx and drop that."),
)
_OLD_UNKNOWN = "This is a file of an old Office program; save it as .docx, .xlsx, .pptx or PDF and drop that."


def _old_office(path: Path) -> str:
    import mmap

    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        # Names of streams stand in the directory as UTF-16.
        return next((words for name, words in _OLD if data.find(name.encode("utf-16-le")) >= 0), _OLD_UNKNOWN)


def _check_size(found: str, size: int, limits: Limits) -> None:
    if found == "text":
        return
    if found == "pdf" and size > limits.native_bytes:
        most = f"{limits.native_bytes / 1e6:.0f} MB"
        raise Refused(
            f"This PDF has {size / 1e6:.0f} MB, and Claude takes {most} at most; split it and drop the parts."
        )
    most_bytes = limits.markup_bytes if found in MARKUP else limits.file_bytes
    if size > most_bytes:
        most = f"{most_bytes / 1e6:.0f} MB"
        raise Refused(f"This file has {size / 1e6:.0f} MB, and at most {most} are read; drop a smaller part of it.")


def _read_text(path: Path, head: bytes, limits: Limits) -> tuple[str, list[str]]:
    """Plain text needs no parser, so no child; of a large file only as much is read as may be sent."""
    most = limits.text_chars * 4 + 4
    if len(head) < HEAD_BYTES:
        data = head
    else:
        with path.open("rb") as file:
            data = file.read(most)
    text, note = decode(data, _declared(data), cut=path.stat().st_size > len(data))
    text = clean(text)
    if not text.strip():
        raise Refused(EMPTY)
    notes = [note] if note else []
    return cut(text, limits, notes), notes


def _declared(data: bytes) -> str | None:
    """What plain text says about its own encoding: in an XML declaration, for Emacs, Vim and Python, or in a CSS."""
    found = _DECLARED.search(data[:1000])
    return next((name.decode("ascii") for name in found.groups() if name), None) if found else None


_DECLARED = re.compile(
    rb"\A\s*<\?xml[^>]{0,100}encoding=[\"']([\w.-]{1,40})|\A(?:[^\n]*\n)?[^\n]*coding[:=][ \t]*([\w.-]{1,40})"
    rb"|\A@charset \"([\w.-]{1,40})\""
)


def _blocks(path: Path, result: dict[str, Any], title: str) -> tuple[dict[str, Any], ...]:
    if "text" in result:
        text = result["text"].strip("\n")
        if not text.strip():
            raise Refused(_textless(result["format"]))
        return (text_block(text, title), *(_attached_block(*attached) for attached in result.get("attached", ())))
    if result["format"] == "pdf":
        return (*_beside(result, title), pdf_block(result.get("data") or _base64(path), title))
    return tuple(image_block(data or _base64(path), media_type) for media_type, data in result["pictures"])


def _attached_block(media_type: str, name: str, data: str) -> dict[str, Any]:
    return pdf_block(data, name) if media_type == "application/pdf" else image_block(data, media_type)


def _beside(result: dict[str, Any], title: str) -> tuple[dict[str, Any], ...]:
    """What is in a PDF and not on its pages."""
    words = result.get("beside")
    return (text_block(words, f"About {title}"),) if words else ()


def _textless(found: str) -> str:
    words = FORMATS[found].words
    return f"There is no text in it ({words}); if it holds pictures, save it as PDF and drop that."


def _base64(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode("ascii")
