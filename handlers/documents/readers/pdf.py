"""What is checked about a PDF before it is sent as it is: not locked, not cut short, not too long."""

from __future__ import annotations

from pathlib import Path

from bot.errors import Refused
from handlers.documents.limits import Limits

_DAMAGED = "This PDF is cut short or damaged; open it, save it again and drop the new copy."
_LOCKED = "This PDF is locked with a password. Save it without one and drop it again."
_PROTECTED = "This PDF is protected, and Claude takes no protected files. Print it to a new PDF and drop that."
_TAIL_BYTES = 65_536


def check_pdf(path: Path, limits: Limits) -> int:
    """The number of pages; raises Refused with what to do when the Messages API would not take the file."""
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    if not _has_end(path):
        raise Refused(_DAMAGED)
    try:
        reader = PdfReader(path)
        if reader.is_encrypted:
            raise Refused(_PROTECTED if _opens_without_password(reader) else _LOCKED)
        pages = len(reader.pages)
    except NotImplementedError:  # a lock of a kind that pypdf does not know, such as a certificate
        raise Refused(_LOCKED) from None
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, AssertionError, OSError):
        raise Refused(_DAMAGED) from None
    if not pages:
        raise Refused(_DAMAGED)
    if pages > limits.pdf_pages:
        raise Refused(
            f"This PDF has {pages:,} pages, and Claude takes {limits.pdf_pages} at once; split it and drop the parts."
        )
    return pages


def _has_end(path: Path) -> bool:
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(size - _TAIL_BYTES, 0))
        return b"%%EOF" in file.read()


def _opens_without_password(reader: object) -> bool:
    try:
        return bool(reader.decrypt(""))  # type: ignore[attr-defined]  # a PdfReader; typing it would import pypdf here
    except Exception:  # noqa: BLE001 # a cipher that is not installed, or a broken key: both mean locked to us
        return False
