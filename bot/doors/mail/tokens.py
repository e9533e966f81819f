"""Access tokens for XOAUTH2, by refresh token or client credentials, each kept until it ends (RFC 6749)."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from typing import Any

import requests

from bot.doors.mail.faults import MailFault
from bot.doors.mail.settings import MailSettings

TIMEOUT_S = 15.0
EARLY_S = 60.0
"""A token is asked for anew so many seconds before it ends."""
ASSUMED_LIFE_S = 300.0
"""How long a token lasts of which nobody says so (RFC 6749 only recommends `expires_in`)."""

SIGN_IN_AGAIN = "Sign in to the provider once more and put the new token into MAIL_OAUTH_REFRESH_TOKEN."
FIXES = {
    "invalid_grant": SIGN_IN_AGAIN,
    "interaction_required": SIGN_IN_AGAIN,
    "invalid_client": "Check MAIL_OAUTH_CLIENT_ID and MAIL_OAUTH_CLIENT_SECRET; a secret ends, and a new one is made "
    "where the app was registered (Microsoft: https://entra.microsoft.com, App registrations, Certificates & secrets; "
    "Google: https://console.cloud.google.com/auth/clients). Of Microsoft's, copy the Value, not the Secret ID.",
    "invalid_scope": "Check MAIL_OAUTH_SCOPE: https://outlook.office365.com/.default for client credentials at "
    "Microsoft, https://mail.google.com/ at Google.",
    "unauthorized_client": "The app may not sign in this way: allow it where it was registered, with admin consent.",
    "unsupported_grant_type": "This provider knows no client credentials: set MAIL_OAUTH_REFRESH_TOKEN.",
}
_MICROSOFTS_NUMBER = re.compile(r"AADSTS\d+")


class Tokens:
    """One provider's tokens; thread-safe. The newest refresh token is kept in memory where a provider changes it."""

    def __init__(self, settings: MailSettings, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._clock = clock
        self._lock = threading.Lock()
        secret = settings.mail_oauth_refresh_token
        self._refresh_token = secret.get_secret_value() if secret else ""
        self._token = ""
        self._ends_at_s = 0.0

    def token(self) -> str:
        """A token that is good for a minute at least. Blocks while one is asked for; raises MailFault."""
        with self._lock:
            if not self._token or self._clock() >= self._ends_at_s:
                self._ask()
            return self._token

    def forget(self) -> None:
        """A server did not accept the token: ask for another one next time."""
        with self._lock:
            self._token = ""

    def _ask(self) -> None:
        asked_at_s = self._clock()
        said = _post(self._settings.mail_oauth_token_url or "", self._form())
        self._token = str(said["access_token"])
        self._refresh_token = str(said.get("refresh_token") or self._refresh_token)
        life_s = str(said.get("expires_in"))
        self._ends_at_s = asked_at_s + (float(life_s) if life_s.isdigit() else ASSUMED_LIFE_S) - EARLY_S

    def _form(self) -> dict[str, str]:
        own = self._settings
        form = {"client_id": own.mail_oauth_client_id or ""}
        if own.mail_oauth_client_secret is not None:
            form["client_secret"] = own.mail_oauth_client_secret.get_secret_value()
        if own.mail_oauth_scope:
            form["scope"] = own.mail_oauth_scope
        if self._refresh_token:
            return {**form, "grant_type": "refresh_token", "refresh_token": self._refresh_token}
        return {**form, "grant_type": "client_credentials"}


def _post(url: str, form: dict[str, str]) -> dict[str, Any]:
    try:
        response = requests.post(url, data=form, timeout=TIMEOUT_S, allow_redirects=False)
        said = response.json()
    except requests.JSONDecodeError:
        words = f"MAIL_OAUTH_TOKEN_URL gave no token (HTTP {response.status_code}, and no JSON)"
        raise MailFault(words, "token", "Check MAIL_OAUTH_TOKEN_URL.") from None
    except requests.RequestException as error:
        words = f"MAIL_OAUTH_TOKEN_URL was not reached ({type(error).__name__})"
        raise MailFault(words, "unreachable", "Is the address right, and this machine online?") from None
    if response.status_code == 429 or response.status_code >= 500:
        raise MailFault(f"MAIL_OAUTH_TOKEN_URL gives no tokens now (HTTP {response.status_code})", "unreachable")
    if not isinstance(said, dict) or not isinstance(said.get("access_token"), str):
        raise _refused(said if isinstance(said, dict) else {}, response.status_code)
    return said


def _refused(said: dict[str, Any], status: int) -> MailFault:
    # The description may quote what was sent, so only the code is told, and Microsoft's number, which people look up.
    error = re.sub(r"[^a-z_]", "", str(said.get("error", "")))[:40]
    number = _MICROSOFTS_NUMBER.search(str(said.get("error_description", "")))
    words = ", ".join(filter(None, (f"HTTP {status}", error, number[0] if number else "")))
    fix = FIXES.get(error, "Check the MAIL_OAUTH_… settings against the provider's page.")
    return MailFault(f"the provider gave no token for mail ({words})", "token", fix)
