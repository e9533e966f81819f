"""What can go wrong with a spreadsheet, in words for its owner."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from bot.doors.sheet.addresses import shown_id
from bot.errors import BellhopError

FaultKind = Literal["passing", "owner", "request"]


class SheetFault(BellhopError):
    """A call that failed. "passing": wait; "owner": somebody must mend it; "request": 400, this request will never do.

    `detail` is Google's own message, for the log and for telling one 400 from another. `is_not_shared`: the
    spreadsheet may not be used by our account. `is_unknown`: a write may have taken effect all the same.
    """

    def __init__(
        self, reason: str, kind: FaultKind, detail: str = "", *, is_not_shared: bool = False, is_unknown: bool = False
    ) -> None:
        super().__init__(reason)
        self.kind = kind
        self.detail = detail
        self.is_not_shared, self.is_unknown = is_not_shared, is_unknown

    @property
    def is_about_tab(self) -> bool:
        """A range could not be found: the tab was renamed or removed."""
        return self.kind == "request" and "unable to parse range" in self.detail.lower()

    @property
    def is_about_grid(self) -> bool:
        """A row that was there at the read is gone: look again."""
        return self.kind == "request" and "exceeds grid limits" in self.detail.lower()


NO_FILE = "GOOGLE_SERVICE_ACCOUNT_FILE {path} {problem}. Make a JSON key of a service account and name its file there."
REVOKED = (
    "Google no longer accepts the service account's key ({email}). Make a new key at "
    "https://console.cloud.google.com/iam-admin/serviceaccounts and put its file into GOOGLE_SERVICE_ACCOUNT_FILE."
)
CLOCK = (
    "This machine's clock is wrong: it says {now} UTC, and Google takes a sign-in of another time for a forged one. "
    "Set the clock (switch on NTP) and Bellhop goes on by itself; the service account's key is fine."
)
ITSELF = (
    "GOOGLE_SERVICE_ACCOUNT_FILE holds the key itself, not the name of a file. Put the key into a file of its own and "
    "name that file here."
)
NOT_SHARED = "The spreadsheet is not shared with Bellhop. Open it, press Share, and add as editor: {email}"
NOT_FOUND = "There is no spreadsheet with the id {spreadsheet}. Copy the id, or the whole URL, into SHEET_ID again."
API_OFF = "The Google Sheets API is not enabled for the service account's project. Enable it, then wait a minute: {url}"
API_URL = "https://console.cloud.google.com/apis/library/sheets.googleapis.com"
AWAY = "Google Sheets cannot be reached or is overloaded; trying again."
QUOTA = "This minute's calls to Google Sheets are used up; going on in a moment."
STOPPING = "Bellhop is stopping."
REFUSED = "Google refused the request"
PROTECTED = "this cell is protected; allow {email} to edit it (Data, Protect sheets and ranges)"
TOO_LONG = "the answer is longer than a cell may be"


def fault_of(  # noqa: PLR0911  # one line for each thing Google may say
    status_code: int, message: str, email: str, spreadsheet: str
) -> SheetFault:
    """The fault behind an HTTP status and Google's message."""
    if status_code in {408, 429} or status_code >= 500:
        return SheetFault(AWAY, "passing", f"{status_code} {message}", is_unknown=status_code != 429)
    if status_code == 401:
        return SheetFault(REVOKED.format(email=email), "owner", message)
    if status_code == 403 and ("has not been used" in message or "is disabled" in message):
        return SheetFault(API_OFF.format(url=API_URL), "owner", message)
    if status_code == 403:
        return SheetFault(NOT_SHARED.format(email=email), "owner", message, is_not_shared=True)
    if status_code == 404:
        return SheetFault(NOT_FOUND.format(spreadsheet=shown_id(spreadsheet)), "owner", message)
    if status_code == 400 and "not supported for this document" in message:
        words = "SHEET_ID names an Office file. Open it in Google Sheets, choose File, Save as Google Sheets, use that."
        return SheetFault(words, "owner", message)
    return SheetFault(f"{REFUSED}: {message[:200]}", "request", message)


def refused_sign_in(message: str, email: str, now: datetime) -> SheetFault:
    """The fault behind what Google's token endpoint says. `now`: what this machine takes for the time, in UTC."""
    about_time = "reasonable timeframe" in message or ("iat" in message and "exp" in message)
    if about_time:
        return SheetFault(CLOCK.format(now=f"{now:%Y-%m-%d %H:%M}"), "owner", message)
    return SheetFault(REVOKED.format(email=email), "owner", message)


def cell_reason(fault: SheetFault, email: str) -> str:
    """Why one cell could not be written, short enough for a status cell."""
    if "protected" in fault.detail.lower():
        return PROTECTED.format(email=email)
    if "50000" in fault.detail:
        return TOO_LONG
    if "validation" in fault.detail.lower():
        return "this cell's data validation does not allow the answer"
    return fault.reason
