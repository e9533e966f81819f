"""Whether a file's own format says it is finished: a PDF's end, a zip's directory, a picture's end."""

from __future__ import annotations

import json
import os
import struct

TAIL_BYTES = 1024
ZIP_TAIL_BYTES = 65_557  # the end record (22) and its longest comment (65,535)
JPEG_TAIL_BYTES = 65_536
JSON_MAX_BYTES = 5 * 1024 * 1024
SUFFIXES_WITH_A_HEAD = (".pdf", ".png", ".jpg", ".jpeg", ".docx", ".xlsx", ".pptx", ".odt", ".zip", ".gif", ".webp")


def is_unfinished(descriptor: int, size_bytes: int, name: str) -> bool:
    """Whether the content, judged by its first and last bytes, is still on its way. Unknown kinds are finished."""
    head = os.pread(descriptor, 8, 0)
    if head.startswith(b"%PDF-"):
        return b"%%EOF" not in _tail(descriptor, size_bytes, TAIL_BYTES)
    if head.startswith(b"PK\x03\x04"):
        return not _has_zip_directory(_tail(descriptor, size_bytes, ZIP_TAIL_BYTES), size_bytes)
    if head.startswith(b"\x89PNG"):
        return b"IEND\xaeB`\x82" not in _tail(descriptor, size_bytes, TAIL_BYTES)
    if head.startswith(b"\xff\xd8\xff"):
        return b"\xff\xd9" not in _tail(descriptor, size_bytes, JPEG_TAIL_BYTES)
    folded = name.casefold()
    if folded.endswith(".json"):
        return size_bytes <= JSON_MAX_BYTES and not _is_json(os.pread(descriptor, size_bytes, 0))
    # Some programs reserve the whole length first and fill it afterwards.
    return folded.endswith(SUFFIXES_WITH_A_HEAD) and not head.strip(b"\0")


def _tail(descriptor: int, size_bytes: int, length_bytes: int) -> bytes:
    return os.pread(descriptor, length_bytes, max(0, size_bytes - length_bytes))


def _has_zip_directory(tail: bytes, size_bytes: int) -> bool:
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < 22:
        return False
    directory_bytes, directory_at = struct.unpack_from("<II", tail, at + 12)
    is_zip64 = 0xFFFFFFFF in (directory_bytes, directory_at)
    return is_zip64 or directory_at + directory_bytes <= size_bytes - len(tail) + at


def _is_json(content: bytes) -> bool:
    try:
        json.loads(content)
    except (ValueError, RecursionError):
        return False
    return True
