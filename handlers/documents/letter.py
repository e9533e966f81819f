"""The reading of a mail that came to us, in the child process: what it says, and the files that came along."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.errors import TryAgain
from handlers.documents.document import Document, display_name, image_block, pdf_block, text_block
from handlers.documents.limits import Limits
from handlers.documents.process import read_in_child

_NAMES = {"application/pdf": "pdf"}


@dataclass(frozen=True, slots=True)
class Letter:
    """`text` is all of the mail's own, quoted history included; `notes` say what was left out."""

    text: str
    documents: tuple[Document, ...]
    notes: tuple[str, ...]


async def read_letter(path: Path, limits: Limits = Limits()) -> Letter:  # noqa: B008 # frozen
    """Read it. Raises Refused in one plain sentence (damaged, nested too deeply), TryAgain on a passing fault."""
    try:
        result = await read_in_child("letter", path, limits)
    except OSError as error:
        raise TryAgain(f"The mail could not be read now: {error.strerror or 'the drive gave no answer'}.") from error
    return Letter(result["text"], tuple(map(_document, result["files"])), tuple(result["notes"]))


def _document(file: dict[str, Any]) -> Document:
    name = display_name(file["name"])
    blocks = tuple(_block(*block) for block in file["blocks"])
    words = (text_block(file["text"], name),) if file["text"].strip() else ()
    kind = "text" if words else _NAMES.get(file["blocks"][0][0], "image")
    return Document(name, kind, (*words, *blocks), (), file["size"])


def _block(media_type: str, name: str, data: str) -> dict[str, Any]:
    return pdf_block(data, display_name(name)) if media_type in _NAMES else image_block(data, media_type)
