"""How a file's name travels as text: any bytes a disk allows become a string that JSON and SQL can hold.

A name on Linux is bytes; Python shows the undecodable ones as lone surrogates, which JSON, SQLite and Postgres refuse.
"""

from __future__ import annotations

import os
import re
import unicodedata

_ESCAPED = re.compile(rb"\\(\\|x[0-9a-f]{2})")


def to_text(path: str) -> str:
    r"""The path with undecodable bytes as `\xff` and a backslash doubled; ordinary names stay as they are."""
    if path.isascii() and "\\" not in path:
        return path  # nearly every name; a burst of files asks for thousands
    return _bytes(path.replace("\\", "\\\\")).decode("utf-8", "backslashreplace")


def from_text(text: str) -> str:
    """The path that `to_text` was given, byte for byte."""
    return os.fsdecode(_ESCAPED.sub(_unescaped, text.encode("utf-8")))


def _bytes(path: str) -> bytes:
    try:
        return os.fsencode(path)
    except UnicodeEncodeError:  # half an emoji, which no disk here holds, but a name from elsewhere may
        return path.encode("utf-8", "surrogatepass")


def _unescaped(found: re.Match[bytes]) -> bytes:
    return b"\\" if found[1] == b"\\" else bytes([int(found[1][1:], 16)])


def readable(path: str) -> str:
    """The path for people and prompts: one line, composed characters, everything unprintable as a replacement mark."""
    if path.isascii() and path.isprintable():
        return path
    text = unicodedata.normalize("NFC", _bytes(path).decode("utf-8", "replace"))
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)
