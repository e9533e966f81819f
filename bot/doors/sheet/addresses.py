"""Which spreadsheet and which tab a setting, a rule or a reply means: an id or the whole URL. Pure."""

from __future__ import annotations

import re

from bot.events import SheetTab

SHOWN_LETTERS = 8
_URL = re.compile(r"/d/([A-Za-z0-9_-]+)")
_TAB = re.compile(r"#(?:[^#]*&)?gid=(\d+)")
_TAB_IN_QUERY = re.compile(r"[?&]gid=(\d+)")
_AFTER_ID = re.compile(r"/d/[\w-]+(?:/(?:edit|view|preview|htmlview)\b[^/]*|[?#][^/]*)?(?:/(.*))?$", re.DOTALL)


def spreadsheet_id(text: str) -> str:
    """The id out of an id or a URL."""
    found = _URL.search(text)
    return found[1] if found else text.strip()


def shown_id(spreadsheet: str) -> str:
    """The beginning of an id, enough to tell which one is meant: whoever has a shared sheet's id can open it."""
    return spreadsheet if len(spreadsheet) <= SHOWN_LETTERS else f"{spreadsheet[:SHOWN_LETTERS]}…"


def tab_id(text: str) -> int | None:
    """The sheetId of the tab that a URL shows (`#gid=` before `?gid=`); None for an id, and where it names none."""
    found = _TAB.search(text) or _TAB_IN_QUERY.search(text)
    return int(found[1]) if found else None


def range_of(place: str) -> tuple[str, str, str]:
    """SPREADSHEET/TAB!RANGE in its three parts: an id, a tab's title ("" for the first one), and an area; all columns
    where it names none. The spreadsheet may be a URL.
    """
    address, _, area = place.partition("!")
    spreadsheet, _, tab = address.partition("/")
    if address.startswith(("https://", "http://")):
        spreadsheet = spreadsheet_id(address)
        rest = address.partition(spreadsheet)[2].lstrip("/")
        tab = "" if re.match(r"edit\b", rest) else rest  # what a browser's address line ends with
    return spreadsheet.strip(), tab.strip().strip("'"), area.strip() or "A:ZZ"


def tab_of_place(place: str) -> SheetTab | None:
    """What stands behind "sheet:" in a rule's `reply`: id or URL, a slash, the tab's name (none: the first tab).

    A URL's own gid names the tab where no name follows. None when no spreadsheet is named.
    """
    if _URL.search(place):
        rest = _AFTER_ID.search(place)
        tab = (rest[1] or "").strip() if rest else ""
        return SheetTab(spreadsheet_id(place), tab, None if tab else tab_id(place))
    spreadsheet, _, tab = place.partition("/")
    return SheetTab(spreadsheet.strip(), tab.strip()) if spreadsheet.strip() else None
