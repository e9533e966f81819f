"""Names of mail folders on the wire: modified UTF-7, in quotes (RFC 3501, 5.1.3 and 9)."""

from __future__ import annotations

import base64
import binascii
import re

_SHIFTED = re.compile(r"&([^-]*)-")
_RUN = re.compile(r"[^\x20-\x7e]+")


def quoted_folder(name: str) -> str:
    """A folder's name as it goes into a command."""
    return '"' + to_utf7(name).replace("\\", "\\\\").replace('"', r"\"") + '"'


def to_utf7(name: str) -> str:
    """A name in modified UTF-7."""
    return _RUN.sub(lambda found: f"&{_encoded(found[0])}-", name.replace("&", "&-"))


def from_utf7(wire: str) -> str:
    """The name that a server sent; what is no modified UTF-7 stays as it stands."""
    return _SHIFTED.sub(lambda found: _decoded(found) if found[1] else "&", wire)


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode("utf-16-be", "surrogatepass")).decode("ascii").rstrip("=").replace("/", ",")


def _decoded(found: re.Match[str]) -> str:
    data = found[1].replace(",", "/")
    try:
        return base64.b64decode(data + "=" * (-len(data) % 4), validate=True).decode("utf-16-be")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return found[0]
