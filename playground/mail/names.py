"""Names of folders on the wire, in IMAP's modified UTF-7 (RFC 3501, 5.1.3), written apart from the bot's own."""

from __future__ import annotations

import base64
import re

_RUN = re.compile(r"[^\x20-\x7e]+|&")
_SHIFTED = re.compile(rb"&([A-Za-z0-9+,]*)-")


def to_wire(name: str) -> bytes:
    """A name as it stands on the wire."""

    def shifted(found: re.Match[str]) -> str:
        if found[0] == "&":
            return "&-"
        return "&" + base64.b64encode(found[0].encode("utf-16-be")).decode().rstrip("=").replace("/", ",") + "-"

    return _RUN.sub(shifted, name).encode("ascii")


def from_wire(wire: bytes) -> str:
    """A name as people read it. Raises ValueError when it is not modified UTF-7, or not the only way to write it."""

    def plain(found: re.Match[bytes]) -> bytes:
        data = found[1].replace(b",", b"/")
        return base64.b64decode(data + b"=" * (-len(data) % 4)).decode("utf-16-be").encode() if data else b"&"

    name = _SHIFTED.sub(plain, wire).decode()
    if to_wire(name) != wire:
        raise ValueError("not modified UTF-7")
    return name
