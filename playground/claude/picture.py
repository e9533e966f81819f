"""What the first bytes of a picture tell: its kind, and its width and height in pixels."""

from __future__ import annotations

import struct
from collections.abc import Callable

MAGIC: dict[str, Callable[[bytes], bool]] = {
    "image/png": lambda content: content.startswith(b"\x89PNG\r\n\x1a\n"),
    "image/jpeg": lambda content: content.startswith(b"\xff\xd8\xff"),
    "image/gif": lambda content: content.startswith((b"GIF87a", b"GIF89a")),
    "image/webp": lambda content: content.startswith(b"RIFF") and content[8:12] == b"WEBP",
}


def size_of(content: bytes, kind: str) -> tuple[int, int]:
    """Width and height; (0, 0) where the picture does not tell."""
    try:
        return _READERS[kind](content)
    except (struct.error, IndexError):
        return 0, 0


def is_whole(content: bytes, kind: str) -> bool:
    """Whether the picture is there to its end; one that is cut short cannot be looked at."""
    width, height = size_of(content, kind)
    return bool(width and height) and _ENDS[kind](content)


def _png(content: bytes) -> tuple[int, int]:
    width, height = struct.unpack(">II", content[16:24])
    return width, height


def _gif(content: bytes) -> tuple[int, int]:
    width, height = struct.unpack("<HH", content[6:10])
    return width, height


def _jpeg(content: bytes) -> tuple[int, int]:
    at = 2
    while at + 9 < len(content):
        marker, length = content[at + 1], int.from_bytes(content[at + 2 : at + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return width, height
        at += 2 + length
    return 0, 0


def _webp(content: bytes) -> tuple[int, int]:
    if content[12:16] == b"VP8X":
        return 1 + int.from_bytes(content[24:27], "little"), 1 + int.from_bytes(content[27:30], "little")
    if content[12:16] == b"VP8 ":
        width, height = struct.unpack("<HH", content[26:30])
        return width & 0x3FFF, height & 0x3FFF
    if content[12:16] == b"VP8L":
        bits = int.from_bytes(content[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    return 0, 0


_READERS = {"image/png": _png, "image/jpeg": _jpeg, "image/gif": _gif, "image/webp": _webp}
_ENDS: dict[str, Callable[[bytes], bool]] = {
    "image/png": lambda content: b"IEND" in content,
    "image/jpeg": lambda content: b"\xff\xd9" in content[2:],
    "image/gif": lambda content: b";" in content[13:],
    "image/webp": lambda content: len(content) >= 8 + int.from_bytes(content[4:8], "little"),
}
