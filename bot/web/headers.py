"""Headers that are lists: their lines count as one, in order (https://www.rfc-editor.org/rfc/rfc9110#section-5.3)."""

from __future__ import annotations

from starlette.datastructures import Headers


def listed(headers: Headers, name: str) -> str:
    """All lines of a header as one; "" where it is not there."""
    return ", ".join(headers.getlist(name))
