"""What `bot check` tests of the way out: login, the certificate, and whether our address may send. No mail is sent."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from datetime import datetime

from bot.door import Finding
from bot.doors.mail.faults import SENDER_FIX, MailFault, login_refused, not_reached, provider_of
from bot.doors.mail.settings import MailSettings
from bot.doors.mail.smtp import certificate_ends_at, connect, leave
from bot.doors.mail.tokens import Tokens

DOOR = "mail"
CERTIFICATE_DAYS = 14
TIMEOUT_S = 15.0


def check_sending(own: MailSettings, tokens: Tokens, now: datetime) -> list[Finding]:
    """Findings for the SMTP server; never raises for what it finds. Blocks."""
    try:
        client = _connected(own, tokens)
    except MailFault as fault:
        return [Finding(DOOR, "sending", ok=False, words=fault.reason, fix=fault.fix)]
    try:
        return list(_findings(client, own, now))
    except (smtplib.SMTPException, OSError) as error:
        lost = not_reached("SMTP", *own.smtp_at, error)
        return [Finding(DOOR, "sending", ok=False, words=lost.reason, fix=lost.fix)]
    finally:
        leave(client)


def _connected(own: MailSettings, tokens: Tokens) -> smtplib.SMTP:
    host, port = own.smtp_at
    try:
        return connect(own, tokens, TIMEOUT_S)
    except smtplib.SMTPAuthenticationError:
        raise login_refused("SMTP", host, own.smtp_login[0], by_token=own.uses_oauth) from None
    except smtplib.SMTPNotSupportedError as error:
        words = f"the SMTP server {host}:{port} offers no {'STARTTLS' if 'STARTTLS' in str(error) else 'login'}"
        fix = "Set SMTP_TLS and SMTP_PORT as the provider says: ssl with 465, or starttls with 587."
        raise MailFault(words, "tls", fix) from None
    except (smtplib.SMTPException, OSError) as error:
        raise not_reached("SMTP", host, port, error) from None


def _findings(client: smtplib.SMTP, own: MailSettings, now: datetime) -> Iterator[Finding]:
    client.ehlo_or_helo_if_needed()
    user = own.smtp_login[0] if client.has_extn("auth") else ""
    yield Finding(DOOR, "sending", ok=True, words=f"{user or 'without a login'} at {own.smtp_host}")
    yield _sender_finding(client, own)
    yield certificate_finding("sending TLS", certificate_ends_at(client), now)


def _sender_finding(client: smtplib.SMTP, own: MailSettings) -> Finding:
    """Asked with ourselves as the recipient, because many servers judge the sender no sooner; then taken back."""
    address = own.sender.address if own.sender else ""
    client.ehlo_or_helo_if_needed()
    code, said = client.mail(address)
    if code < 300:
        code, said = client.rcpt(address)
    client.rset()
    if code < 500:
        return Finding(DOOR, "sender", ok=True, words=f"{address} may send (asked without sending a mail)")
    words = f"the server does not let {address} send: {code} {said.decode('utf-8', 'replace')[:200]}"
    return Finding(DOOR, "sender", ok=False, words=words, fix=SENDER_FIX[provider_of(own.smtp_host or "")])


def certificate_finding(subject: str, ends_at: datetime | None, now: datetime) -> Finding:
    """Whether a certificate is good for two weeks more."""
    if ends_at is None:
        return Finding(DOOR, subject, ok=True, words="none, on this machine")
    words = f"the server's certificate ends on {ends_at:%Y-%m-%d}"
    days = (ends_at - now).total_seconds() / 86_400
    fix = "" if days > CERTIFICATE_DAYS else "Ask whoever runs the server to renew it."
    return Finding(DOOR, subject, ok=not fix, words=words, fix=fix)
