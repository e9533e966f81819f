"""What goes wrong between us and a mail provider, as one error with plain words and what to do about it."""

from __future__ import annotations

import imaplib
import re
import smtplib
import socket
import ssl
from typing import Literal

from bot.errors import BellhopError

Code = Literal["unreachable", "tls", "login", "token", "folder", "lost", "refused"]
"""`lost`: a connection that broke; `refused`: the server said no to something else."""

GMAIL, MICROSOFT = ("gmail.com", "googlemail.com", "google.com"), ("office365.com", "outlook.com", "office.com")
PASSWORD_FIX = {
    "gmail": "At https://myaccount.google.com/apppasswords make an app password (2-Step Verification must be on), and "
    "put it into {variable}.",
    "microsoft": "Microsoft 365 takes no passwords here: in https://entra.microsoft.com open App registrations, your "
    "app, and set MAIL_OAUTH_TOKEN_URL, MAIL_OAUTH_CLIENT_ID and its secret or refresh token.",
    "other": "Check the user name and {variable}: try them in a mail program, and see your provider's page on IMAP "
    "and SMTP; some want a password made for programs.",
}
TOKEN_FIX = {
    "gmail": "At https://console.cloud.google.com/auth/clients check that the client is for {user}'s mail "
    "(scope https://mail.google.com/), then sign in once more and set MAIL_OAUTH_REFRESH_TOKEN.",
    "microsoft": "In https://entra.microsoft.com, App registrations, your app, API permissions: it needs "
    "IMAP.AccessAsApp and SMTP.SendAsApp (or IMAP.AccessAsUser.All and SMTP.Send) with admin consent, and its "
    "service principal needs FullAccess to {user} (Add-MailboxPermission in Exchange PowerShell).",
    "other": "Check that MAIL_OAUTH_SCOPE allows IMAP and SMTP for {user}, then sign in once more.",
}

SENDER_FIX = {
    "gmail": "In Gmail open Settings (the cog), See all settings, Accounts, Send mail as, and add MAIL_FROM there; or "
    "leave MAIL_FROM unset.",
    "microsoft": "In https://admin.exchange.microsoft.com open Mailboxes, that of MAIL_FROM, Delegation, Send as, and "
    "add SMTP_USER; or leave MAIL_FROM unset.",
    "other": "Set MAIL_FROM to an address that SMTP_USER may send from.",
}


class MailFault(BellhopError):
    """A fault of the provider, the network or the settings; `fix` says what to do, "" where time alone may mend it."""

    def __init__(self, reason: str, code: Code, fix: str = "") -> None:
        super().__init__(reason, code)
        self.fix = fix


def provider_of(host: str) -> Literal["gmail", "microsoft", "other"]:
    """Whose server it is, so that the way to mend it can be told click by click."""
    name = host.lower().rstrip(".")
    if any(name == known or name.endswith(f".{known}") for known in GMAIL):
        return "gmail"
    return "microsoft" if any(name == known or name.endswith(f".{known}") for known in MICROSOFT) else "other"


def not_reached(name: str, host: str, port: int, error: Exception) -> MailFault:
    """Why a connection to `name` ("IMAP", "SMTP") could not be made."""
    where = f"the {name} server {host}:{port}"
    if isinstance(error, ssl.SSLCertVerificationError):
        words = f"the certificate of {where} is not trusted ({error.verify_message})"
        return MailFault(words, "tls", f"Set {name}_HOST to the name in the certificate, or have it renewed.")
    if isinstance(error, ssl.SSLError):
        fix = f"Set {name}_TLS and {name}_PORT as the provider says: ssl with {_ports(name)}."
        return MailFault(f"{where} does not speak TLS there", "tls", fix)
    fix = f"Is {name}_HOST right, is {name}_PORT open to this machine, and is it online?"
    return MailFault(f"{where} was not reached ({_kind(error)})", "unreachable", fix)


def login_refused(name: str, host: str, user: str, *, by_token: bool) -> MailFault:
    """The server let `user` not in."""
    fixes = TOKEN_FIX if by_token else PASSWORD_FIX
    fix = fixes[provider_of(host)].format(user=user, variable=f"{name}_PASSWORD")
    return MailFault(f"{host} did not accept the {'token' if by_token else 'password'} of {user}", "login", fix)


def lost(error: Exception) -> MailFault:
    """The connection broke in the middle."""
    return MailFault(f"the connection was lost ({_kind(error)})", "lost")


def _ports(name: str) -> str:
    return "993, or starttls with 143" if name == "IMAP" else "465, or starttls with 587"


def _kind(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, socket.gaierror):
        return "there is no such host"
    if isinstance(error, ConnectionRefusedError):
        return "connection refused"
    if isinstance(error, imaplib.IMAP4.abort):
        return "BYE" if re.search(r"\bBYE\b", str(error)) else "closed by the server"
    if isinstance(error, smtplib.SMTPServerDisconnected | ConnectionError | EOFError):
        return "closed by the server"
    return type(error).__name__
