"""The way to Google: gspread's HTTPClient with time limits, patience, a quota and endpoints of our choice.

gspread's own patient client never gives up on a lasting 429 and does not repeat a 5xx that comes as HTML.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol, cast

import gspread
import requests
from google.auth.exceptions import GoogleAuthError, RefreshError, TransportError
from google.oauth2.service_account import Credentials
from gspread.exceptions import APIError

from bot.doors.sheet import faults
from bot.doors.sheet.faults import SheetFault
from bot.doors.sheet.settings import SheetSettings
from bot.errors import SettingsError
from bot.retry import backoff_s
from bot.secrecy import shown_path

SCOPES = (
    "https://www.googleapis.com/auth/spreadsheets",
    "https://www.googleapis.com/auth/drive.metadata.readonly",
)
GOOGLE_SHEETS, GOOGLE_DRIVE = "https://sheets.googleapis.com", "https://www.googleapis.com"
TIMEOUT_S = (3.0, 30.0)
"""To connect, and between two bytes of an answer."""

LONGEST_WAIT_S = 64.0
DEADLINE_S = 120.0


class CallQuota(Protocol):
    """The minute quota of one credential."""

    def take(self, kind: str) -> float:
        """Take one "read" or "write" and return 0.0, or the seconds to wait before asking again."""


@dataclass(frozen=True, slots=True)
class Api:
    """How calls are made: endpoints, quota, the clock, and a sleep that returns True when the process is stopping."""

    sheets_url: str
    drive_url: str
    quota: CallQuota
    email: str = ""
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], object] = time.sleep


class SheetsClient(gspread.HTTPClient):
    """A client for one thread. Every failure is a SheetFault.

    Reads are repeated while the fault may pass, up to DEADLINE_S. Writes are made once: after a lost response, or a
    wait, rows may stand elsewhere, and only a fresh read can tell what is still to be written.
    """

    def __init__(self, auth: Credentials | None, session: requests.Session | None = None, *, api: Api) -> None:
        super().__init__(auth, session)  # type: ignore[arg-type]  # gspread takes None beside a session
        self.set_timeout(TIMEOUT_S)
        self._api = api

    def request(self, method: str, endpoint: str, *args: Any, **kwargs: Any) -> requests.Response:
        """One call to Google. Raises SheetFault."""
        ends_at = self._api.monotonic() + DEADLINE_S
        tried = 0
        while True:
            self._wait_for_quota(method, endpoint)
            try:
                return self._once(method, endpoint, args, kwargs)
            except SheetFault as fault:
                tried += 1
                wait_s = wait_before(tried)
                is_late = self._api.monotonic() + wait_s > ends_at
                if fault.kind != "passing" or method.lower() != "get" or is_late:
                    raise
            if self._api.sleep(wait_s):
                raise SheetFault(faults.STOPPING, "passing")

    def _once(self, method: str, endpoint: str, args: Any, kwargs: Any) -> requests.Response:
        spreadsheet = endpoint.removeprefix(GOOGLE_SHEETS).split("/")[3].split(":")[0] if "/v4/" in endpoint else ""
        try:
            response: requests.Response = super().request(method, self._url(endpoint), *args, **kwargs)
        except APIError as error:
            raise faults.fault_of(error.response.status_code, _message(error), self._api.email, spreadsheet) from None
        except RefreshError as error:
            if error.retryable:
                raise SheetFault(faults.AWAY, "passing", str(error)) from None
            raise faults.refused_sign_in(str(error), self._api.email, datetime.now(UTC)) from None
        except (TransportError, GoogleAuthError) as error:
            raise SheetFault(faults.AWAY, "passing", type(error).__name__) from None
        except requests.RequestException as error:
            raise SheetFault(faults.AWAY, "passing", type(error).__name__, is_unknown=True) from None
        return response

    def _url(self, endpoint: str) -> str:
        if endpoint.startswith(GOOGLE_SHEETS):
            return self._api.sheets_url.rstrip("/") + endpoint.removeprefix(GOOGLE_SHEETS)
        return self._api.drive_url.rstrip("/") + endpoint.removeprefix(GOOGLE_DRIVE)

    def _wait_for_quota(self, method: str, endpoint: str) -> None:
        """Reads wait. A write must not: it would act on rows as they stood before the wait."""
        if not endpoint.startswith(GOOGLE_SHEETS):
            return
        kind = "read" if method.lower() == "get" else "write"
        while (wait_s := self._api.quota.take(kind)) > 0:
            if kind == "write" or self._api.sleep(wait_s):
                raise SheetFault(faults.QUOTA, "passing")


def wait_before(tried: int) -> float:
    """Seconds before the next try: doubling, with a second of chance, never over LONGEST_WAIT_S.

    Source: https://developers.google.com/workspace/sheets/api/limits
    """
    return min(backoff_s(tried, 1.0, LONGEST_WAIT_S) + random.random(), LONGEST_WAIT_S)  # noqa: S311  # chance, not secrecy


def _message(error: APIError) -> str:
    """Google's words; a page of HTML has none."""
    try:
        body: Any = error.response.json()
    except ValueError:
        return ""
    problem: Any = body.get("error", {}) if isinstance(body, Mapping) else {}
    return str(problem.get("message", "")) if isinstance(problem, Mapping) else str(problem)


def credentials_of(settings: SheetSettings) -> Credentials:
    """The service account of the settings' file; its token_uri is respected. Raises SettingsError."""
    path = settings.google_service_account_file
    if path is None:
        raise SettingsError(faults.NO_FILE.format(path="", problem="is not set"))
    try:
        found: Any = Credentials.from_service_account_info(_key_of(path), scopes=SCOPES)  # type: ignore[no-untyped-call]  # google-auth is untyped
    except (ValueError, GoogleAuthError):
        raise _unusable(path, "is not a service account's key") from None
    if settings.google_sheets_api_url.rstrip("/") != GOOGLE_SHEETS:
        # Against another server than Google's, google-auth shall not ask Google where the account may be used from.
        found._is_regional_access_boundary_lookup_required = lambda: False  # noqa: SLF001  # it has no public switch
    return cast("Credentials", found)


def _unusable(path: Path, problem: str) -> SettingsError:
    return SettingsError(faults.NO_FILE.format(path=shown_path(path), problem=problem))


def _key_of(path: Path) -> dict[str, Any]:
    """What the key's file says, in whatever Unicode an editor has saved it. Raises SettingsError, ValueError."""
    if "{" in str(path) or "PRIVATE KEY" in str(path):
        raise SettingsError(faults.ITSELF)  # and never quotes it
    try:
        found: Any = json.loads(path.read_bytes())  # with a byte order mark, in UTF-8, UTF-16 or UTF-32
    except OSError as error:
        raise _unusable(path, f"cannot be read ({error.strerror})") from None
    if not isinstance(found, dict):
        raise ValueError("no object")  # noqa: TRY004  # as for any other text that is no key
    if "installed" in found or "web" in found:
        raise _unusable(path, "is an OAuth client, not a service account's key")
    return found
