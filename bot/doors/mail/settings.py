"""What the mail door is set up with: where mail is read and sent, who is answered, and how one signs in."""

from __future__ import annotations

import ipaddress
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator

from bot.doors.mail.addresses import EVERYBODY, Mailbox, one_mailbox
from bot.settings import FromEnvironment, Names

Tls = Literal["ssl", "starttls", "none"]
"""TLS from the first byte, TLS after STARTTLS, or none at all (on this machine only)."""


class MailSettings(FromEnvironment):
    """One field for each variable of the mail door's; see the properties for what a port or a secret falls back to."""

    imap_host: str | None = None
    imap_port: int | None = Field(None, ge=1, le=65535)
    imap_user: str | None = None
    imap_password: SecretStr | None = None
    imap_tls: Tls = "ssl"
    imap_folder: str = "INBOX"
    smtp_host: str | None = None
    smtp_port: int | None = Field(None, ge=1, le=65535)
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    smtp_tls: Tls = "starttls"
    mail_from: str | None = None
    mail_allow: Names = ()
    mail_authserv: str | None = None
    mail_sent: Literal["auto", "append", "no"] = "auto"
    mail_oauth_token_url: str | None = None
    mail_oauth_client_id: str | None = None
    mail_oauth_client_secret: SecretStr | None = None
    mail_oauth_refresh_token: SecretStr | None = None
    mail_oauth_scope: str | None = None

    @field_validator("imap_tls", "smtp_tls")
    @classmethod
    def _stays_here(cls, value: Tls, info: ValidationInfo) -> Tls:
        host = info.data.get((info.field_name or "").replace("tls", "host"))
        if value == "none" and host and not is_loopback(host):
            raise ValueError("without TLS a password would go over the network in the clear; use ssl or starttls")
        return value

    @field_validator("mail_from")
    @classmethod
    def _is_address(cls, value: str | None) -> str | None:
        if value and one_mailbox(value) is None:
            raise ValueError("expected one address such as bot@example.com, or Bellhop <bot@example.com>")
        return value

    @field_validator("mail_allow")
    @classmethod
    def _are_addresses(cls, value: Names) -> Names:
        if not all(entry == EVERYBODY or "@" in entry for entry in value):
            raise ValueError("expected addresses (anna@example.com) and domains (@example.com), or * for everybody")
        return value

    @field_validator("mail_oauth_token_url")
    @classmethod
    def _is_safe(cls, value: str | None) -> str | None:
        parts = urlsplit(value or "https://example.com")
        if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname or "")):
            raise ValueError("expected an address that begins with https://")
        return value

    @property
    def imap_at(self) -> tuple[str, int]:
        """Host and port of the mailbox."""
        return self.imap_host or "", self.imap_port or (993 if self.imap_tls == "ssl" else 143)

    @property
    def smtp_at(self) -> tuple[str, int]:
        """Host and port where mail is sent."""
        return self.smtp_host or "", self.smtp_port or (465 if self.smtp_tls == "ssl" else 587)

    @property
    def smtp_login(self) -> tuple[str, str]:
        """User and password for sending, which are the mailbox's unless they are set."""
        secret = self.smtp_password or self.imap_password
        return self.smtp_user or self.imap_user or "", secret.get_secret_value() if secret else ""

    @property
    def sender(self) -> Mailbox | None:
        """Whom answers come from; None while neither MAIL_FROM nor a user's name says an address."""
        said = (self.mail_from, self.imap_user, self.smtp_user)
        return next((found for value in said if value and (found := one_mailbox(value))), None)

    @property
    def own_addresses(self) -> tuple[str, ...]:
        """Our addresses, the one that answers come from first."""
        found = (one_mailbox(value) for value in (self.mail_from, self.imap_user, self.smtp_user) if value)
        return tuple(dict.fromkeys(mailbox.address for mailbox in found if mailbox))

    @property
    def reads_mail(self) -> bool:
        """Whether there is a mailbox, and not only a way to send."""
        return bool(self.imap_host and self.imap_user and (self.imap_password or self.uses_oauth))

    @property
    def uses_oauth(self) -> bool:
        """Whether one signs in with a token (XOAUTH2) instead of a password."""
        return self.mail_oauth_token_url is not None

    @property
    def mailbox(self) -> str:
        """What this mailbox is called in our own tables and addresses: the same as long as it is the same one."""
        return f"{(self.imap_user or '').lower()}@{(self.imap_host or '').lower()}/{self.imap_folder}"


def missing_for_mail(settings: MailSettings) -> tuple[str, ...]:
    """The variables without which no mail can be read and answered, in the order of `.env.example`."""
    needed: dict[str, object] = {
        "IMAP_HOST": settings.imap_host,
        "IMAP_USER": settings.imap_user,
        "IMAP_PASSWORD": settings.imap_password or settings.uses_oauth,
        "SMTP_HOST": settings.smtp_host,
        "MAIL_ALLOW": settings.mail_allow,
        "MAIL_FROM": settings.sender or not settings.imap_user,
        "MAIL_OAUTH_CLIENT_ID": settings.mail_oauth_client_id or not settings.uses_oauth,
    }
    return tuple(name for name, value in needed.items() if not value)


def missing_for_sending(settings: MailSettings) -> tuple[str, ...]:
    """The variables without which no mail can be sent."""
    needed = {"SMTP_HOST": settings.smtp_host, "MAIL_FROM": settings.sender}
    return tuple(name for name, value in needed.items() if not value)


def is_loopback(host: str) -> bool:
    """Whether a host's name or address is this machine itself, as it is written (no name is looked up)."""
    if host.lower().rstrip(".") == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
