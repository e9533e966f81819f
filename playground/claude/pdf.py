"""What the stand-in reads out of a PDF: its pages and the text on them."""

from __future__ import annotations

import base64
import binascii
import hashlib
import io

from playground.claude.problem import refuse

_known_pages: dict[str, int] = {}


def decode(data: str, where: str) -> bytes:
    """The bytes behind a base64 string; a 400 when it is none."""
    try:
        return base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        raise refuse(f"{where}.data: Invalid base64 data") from None


def page_count(data: str) -> int:
    """Pages of a base64 PDF; a 400 when it is no PDF, damaged or encrypted. Counted once for each file."""
    digest = hashlib.sha256(data.encode()).hexdigest()
    if digest not in _known_pages:
        _known_pages[digest] = _count_pages(decode(data, "source.base64"))
    return _known_pages[digest]


def page_texts(content: bytes) -> list[str]:
    """The text of each page; empty where a page has none (a scan)."""
    from pypdf import PdfReader

    return [page.extract_text() or "" for page in PdfReader(io.BytesIO(content)).pages]


def _count_pages(content: bytes) -> int:
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    if not content.startswith(b"%PDF"):
        raise refuse("The PDF specified was not valid.")
    try:
        reader = PdfReader(io.BytesIO(content))
        if reader.is_encrypted:
            raise refuse("The PDF specified is password protected.")
        return len(reader.pages)
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError, OSError):
        raise refuse("The PDF specified was not valid.") from None
