"""Sending by SMTP: one mail, one connection, and what a server's refusal means for the next try."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable
from typing import Protocol

from bot.doors.mail.faults import MailFault
from bot.doors.mail.smtp import leave
from bot.errors import SETTING, Refused, TryAgain

UNKNOWN = "unknown"
"""Code: the connection broke when the mail was under way, so that nobody knows whether it was taken."""


class Outgoing(Protocol):
    """The way out for mails."""

    def send(self, sender: str, to: str, mail: bytes) -> None:
        """Hand one mail over; blocks. Returns once the server took it.

        Raises TryAgain when it was not taken, or (code UNKNOWN) may have been; Refused when it never will be.
        """


class SmtpOutgoing:
    """An SMTP server. `connect` makes a connection that is encrypted and logged in (see bot/doors/mail/smtp.py).

    What it raises is put into words here.
    """

    def __init__(self, connect: Callable[[], smtplib.SMTP]) -> None:
        self._connect = connect

    def send(self, sender: str, to: str, mail: bytes) -> None:
        """See Outgoing."""
        try:
            client = self._connect()
        except (smtplib.SMTPException, OSError) as error:
            raise _plain(error) from None
        except MailFault as fault:
            words = f"{fault.reason[0].upper()}{fault.reason[1:]}"
            if fault.code == "unreachable":
                raise TryAgain(words) from None
            raise Refused(f"{words}. {fault.fix} Then run it again.", SETTING) from None
        try:
            _hand_over(client, sender, to, mail)
        finally:
            leave(client)


def _hand_over(client: smtplib.SMTP, sender: str, to: str, mail: bytes) -> None:
    try:
        client.ehlo_or_helo_if_needed()
        options = [] if f"{sender}{to}".isascii() else ["SMTPUTF8", "BODY=8BITMIME"]
        if options and not client.has_extn("smtputf8"):
            raise Refused(f"The mail server cannot send to {to}: it knows no addresses with such letters.")
        _accepted(client.mail(sender, options), f"the sender {sender}")
        _accepted(client.rcpt(to), to)
    except (smtplib.SMTPException, OSError) as error:
        raise _plain(error) from None
    try:
        _accepted(client.data(mail), "the mail")
    except smtplib.SMTPDataError as error:
        raise _plain(error) from None
    except (smtplib.SMTPException, OSError):
        raise TryAgain("The mail server broke off while the mail was handed over", code=UNKNOWN) from None


def _accepted(said: tuple[int, bytes], what: str) -> None:
    code, words = said
    if 200 <= code < 300:
        return
    if code == 421 or 400 <= code < 500:
        raise TryAgain(f"The mail server does not take {what} now ({_said(code, words)})")
    raise Refused(f"The mail server refused {what}: {_said(code, words)}.")


def _said(code: int, words: bytes | str) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    line = "".join(letter for letter in " ".join(text.split()) if letter.isprintable())
    return f"{code} {line[:200].rstrip('.')}".strip()


def _plain(error: smtplib.SMTPException | OSError) -> Refused | TryAgain:
    if isinstance(error, smtplib.SMTPAuthenticationError) and error.smtp_code >= 500:
        words = f"The mail server does not let us in ({_said(error.smtp_code, error.smtp_error)})."
        return Refused(f"{words} Check SMTP_USER and SMTP_PASSWORD, then run it again.", SETTING)
    if isinstance(error, smtplib.SMTPResponseException) and error.smtp_code > 0:
        said = _said(error.smtp_code, error.smtp_error)
        if error.smtp_code >= 500:
            return Refused(f"The mail server refused the mail: {said}.")
        return TryAgain(f"The mail server takes no mail now ({said})")
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return Refused("The mail server offers no login, or none that we know; check SMTP_PORT and SMTP_TLS.", SETTING)
    if isinstance(error, ssl.SSLCertVerificationError):
        return Refused(f"The mail server's certificate is not valid ({error.verify_message}).", SETTING)
    return TryAgain("The mail server cannot be reached")
