"""The piece of Drive v3 that a sheet's bot needs: files.get of a spreadsheet, and its lag.

`version` and `modifiedTime` are published together, some minutes after the first change they cover.
Source: https://developers.google.com/workspace/drive/api/reference/rest/v3/files/get
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime

from playground.sheets.book import Book
from playground.sheets.refusals import Json

_DEFAULT_FIELDS = "kind,id,name,mimeType"
_WINDOW_S = 60.0


class DriveRefused(Exception):
    """A Drive error: its code, reason, domain and message, in Drive's older JSON."""

    def __init__(self, code: int, reason: str, domain: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self._error = {"message": message, "domain": domain, "reason": reason}
        if reason == "notFound":
            self._error |= {"location": "fileId", "locationType": "parameter"}

    def body(self) -> Json:
        """The JSON of the response."""
        return {"error": {"code": self.code, "message": str(self), "errors": [self._error]}}


@dataclass
class Drive:
    """Drive's view of the spreadsheets. `lag_s`: seconds from a change to its being seen (measured by others: ~180).

    `user_units` per minute; a files.get costs 5. Source: https://developers.google.com/workspace/drive/api/guides/limits
    """

    lag_s: float = 180.0
    user_units: int = 325_000
    _spent: dict[str, deque[tuple[float, int]]] = field(default_factory=dict)
    _seen: dict[str, tuple[int, float]] = field(default_factory=dict)

    def spend(self, user: str, units: int, now: float) -> None:
        """Count a call's quota units. Raises DriveRefused (403 userRateLimitExceeded)."""
        spent = self._spent.setdefault(user, deque())
        while spent and spent[0][0] <= now - _WINDOW_S:
            spent.popleft()
        if sum(cost for _, cost in spent) + units > self.user_units:
            raise DriveRefused(403, "userRateLimitExceeded", "usageLimits", "User Rate Limit Exceeded")
        spent.append((now, units))

    def file(self, book: Book, fields: str, now: float) -> Json:
        """The file resource with the fields asked for ("*": all). Raises DriveRefused for a field that is none."""
        version, modified_at = self._published(book, now)
        whole: Json = {
            "kind": "drive#file",
            "id": book.spreadsheet_id,
            "name": book.title,
            "mimeType": "application/vnd.google-apps.spreadsheet",
            "version": str(version),
            "createdTime": _stamp(book.created_at),
            "modifiedTime": _stamp(modified_at),
            "trashed": False,
            "webViewLink": f"https://docs.google.com/spreadsheets/d/{book.spreadsheet_id}/edit",
        }
        names = [name.strip() for name in (fields or _DEFAULT_FIELDS).split(",")]
        for name in names:
            if name != "*" and name not in whole:
                raise DriveRefused(400, "invalidParameter", "global", f"Invalid field selection {name}")
        return whole if "*" in names else {name: whole[name] for name in whole if name in names}

    def _published(self, book: Book, now: float) -> tuple[int, float]:
        """The newest version that Drive shows: a change opens a window of `lag_s`, at whose end all of it appears."""
        version, modified_at = self._seen.get(book.spreadsheet_id, (1, book.created_at))
        while True:
            waiting = [(at, number) for at, number in book.changes[-500:] if number > version]
            if not waiting or now < waiting[0][0] + self.lag_s:
                break
            covered = [change for change in waiting if change[0] <= waiting[0][0] + self.lag_s]
            modified_at, version = covered[-1]
            self._seen[book.spreadsheet_id] = (version, modified_at)
        return version, modified_at


def not_found(file_id: str) -> DriveRefused:
    """A file that does not exist, or that the caller may not see: Drive does not tell the two apart."""
    return DriveRefused(404, "notFound", "global", f"File not found: {file_id}.")


def _stamp(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{int(at % 1 * 1000):03}Z"
