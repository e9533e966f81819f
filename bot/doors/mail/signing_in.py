"""How one signs in to a mail provider: with a password, or with a token by XOAUTH2."""

from __future__ import annotations

import imaplib

from bot.doors.mail.faults import login_refused
from bot.doors.mail.settings import MailSettings
from bot.doors.mail.tokens import Tokens


def sign_in(client: imaplib.IMAP4, settings: MailSettings, tokens: Tokens) -> None:
    """Sign in to the mailbox. Blocks; raises MailFault when that is refused, and imaplib's errors of a broken line."""
    user, secret = settings.imap_user or "", settings.imap_password
    token = tokens.token() if settings.uses_oauth else ""
    try:
        if settings.uses_oauth:
            _authenticate(client, xoauth2(user, token))
        else:
            _log_in(client, user, secret.get_secret_value() if secret else "")
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error:
        tokens.forget()
        raise login_refused("IMAP", settings.imap_host or "", user, by_token=settings.uses_oauth) from None


def xoauth2(user: str, token: str) -> bytes:
    """What one says to sign in with a token: https://developers.google.com/workspace/gmail/imap/xoauth2-protocol."""
    return f"user={user}\x01auth=Bearer {token}\x01\x01".encode()


def _authenticate(client: imaplib.IMAP4, words: bytes) -> None:
    # Who is refused is first told why, in a challenge whose answer is nothing.
    said = iter([words])
    client.authenticate("XOAUTH2", lambda _: next(said, b""))


def _log_in(client: imaplib.IMAP4, user: str, password: str) -> None:
    if (user + password).isascii() and "LOGINDISABLED" not in client.capabilities:
        client.login('"' + user.replace("\\", "\\\\").replace('"', r"\"") + '"', password)
    else:  # LOGIN has no other letters; SASL has (RFC 4616)
        client.authenticate("PLAIN", lambda _: f"\0{user}\0{password}".encode())
