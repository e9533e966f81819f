"""Which spreadsheet and which tab a setting, a rule or a reply means: an id or the whole URL. Pure."""

from __future__ import annotations

import re

_URL = re.compile(r"/d/([A-Za-z0-9_-]+)")


def spreadsheet_id(text: str) -> str:
    """The id out of an id or a URL."""
    found = _URL.search(text)
    return found[1] if found else text.strip()
