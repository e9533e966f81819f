"""A connection to where mail is sent: TLS, signing in, with a limit on every wait."""

from __future__ import annotations

import base64
import contextlib
import smtplib
import ssl
from datetime import UTC, datetime

from bot.doors.mail.settings import MailSettings
from bot.doors.mail.signing_in import xoauth2
from bot.doors.mail.tokens import Tokens

TIMEOUT_S = 60.0
"""Of every step; a server may think this long about a mail before it takes it."""


def connect(settings: MailSettings, tokens: Tokens, timeout_s: float = TIMEOUT_S) -> smtplib.SMTP:
    """Connect and sign in; without a user nobody signs in. Blocks; raises smtplib's, ssl's and the system's errors.

    MailFault for a token that there is not.
    """
    user, password = settings.smtp_login
    token = tokens.token() if settings.uses_oauth else ""
    client = _open(settings, timeout_s)
    try:
        if settings.uses_oauth:
            _by_token(client, user, token, tokens)
        elif user and password and not _needs_none(client, settings):
            _by_password(client, user, password)
    except BaseException:
        client.close()
        raise
    return client


def _open(settings: MailSettings, timeout_s: float) -> smtplib.SMTP:
    host, port = settings.smtp_at
    if settings.smtp_tls == "ssl":
        return smtplib.SMTP_SSL(host, port, timeout=timeout_s, context=ssl.create_default_context())
    client = smtplib.SMTP(host, port, timeout=timeout_s)
    try:
        if settings.smtp_tls == "starttls":
            client.starttls(context=ssl.create_default_context())
    except BaseException:
        client.close()
        raise
    return client


def _needs_none(client: smtplib.SMTP, settings: MailSettings) -> bool:
    """Whether the server asks nobody who they are, and nobody said that it would: a relay, one on this machine."""
    client.ehlo_or_helo_if_needed()
    was_said = settings.smtp_user is not None or settings.smtp_password is not None
    return not client.has_extn("auth") and (settings.smtp_tls == "none" or not was_said)


def _by_token(client: smtplib.SMTP, user: str, token: str, tokens: Tokens) -> None:
    client.ehlo_or_helo_if_needed()
    # Who is refused is first told why, in a challenge whose answer is nothing.
    said = iter([xoauth2(user, token).decode()])
    try:
        client.auth("XOAUTH2", lambda _challenge=None: next(said, ""))
    except smtplib.SMTPAuthenticationError:
        tokens.forget()
        raise


def _by_password(client: smtplib.SMTP, user: str, password: str) -> None:
    if (user + password).isascii():
        client.login(user, password)
        return
    # smtplib knows no other letters; SASL does (RFC 4616).
    client.ehlo_or_helo_if_needed()
    words = base64.b64encode(f"\0{user}\0{password}".encode()).decode("ascii")
    code, said = client.docmd("AUTH", f"PLAIN {words}")
    if code != 235:
        raise smtplib.SMTPAuthenticationError(code, said)


def certificate_ends_at(client: smtplib.SMTP) -> datetime | None:
    """When the server's certificate ends; None without TLS."""
    said = client.sock.getpeercert() if isinstance(client.sock, ssl.SSLSocket) else None
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(said["notAfter"])), UTC) if said else None


def leave(client: smtplib.SMTP) -> None:
    """Say goodbye, if there is still somebody there."""
    try:
        client.quit()
    except (smtplib.SMTPException, OSError):
        with contextlib.suppress(OSError):
            client.close()
