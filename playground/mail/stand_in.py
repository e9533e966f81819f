"""The mail provider that is not there: IMAP and SMTP over real sockets, with people who write and look into folders."""

from __future__ import annotations

import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any, Literal

from playground.mail.imap import serve_imap
from playground.mail.mailboxes import Mailbox, Message, Post
from playground.mail.server import Server
from playground.mail.session import Options, Session
from playground.mail.smtp import Envelope, SmtpFaults, SmtpSession, Stage
from playground.mail.wire import Gone, Line, Trouble
from playground.names import BOT_MAIL, MAIL_PASSWORD

BOT, PASSWORD = BOT_MAIL, MAIL_PASSWORD
Tls = Literal["none", "starttls", "ssl"]


class MailStandIn:
    """Both servers over one set of mailboxes. `certificate`: what they show where `tls` is not "none".

    `taken` is called with each mail that SMTP takes, before it says so.
    """

    def __init__(
        self,
        accounts: Mapping[str, str] | None = None,
        *,
        tls: Tls = "none",
        certificate: ssl.SSLContext | None = None,
        taken: Callable[[Envelope], object] = lambda _: None,
        **options: Any,
    ) -> None:
        self.post = Post(dict(accounts or {BOT: PASSWORD, "anna@example.com": "anna", "ben@example.com": "ben"}))
        self.options = Options(**options)
        self._taken = taken
        self.faults = SmtpFaults()
        self.sent: list[Envelope] = []
        """Every mail that SMTP took, oldest first."""
        self.commands: list[str] = []
        """Every IMAP command, oldest first."""
        if tls == "starttls":
            self.options.starttls, self.options.needs_tls = certificate, True
        self._trouble = Trouble()
        secure = certificate if tls == "ssl" else None
        self.imap = Server(self._talk_imap, self._trouble, secure)
        self.smtp = Server(self._talk_smtp, Trouble(), secure)
        self._lock = threading.Lock()

    @contextmanager
    def serve(self, imap: socket.socket | None = None, smtp: socket.socket | None = None) -> Iterator[MailStandIn]:
        """Serve both on 127.0.0.1 until the block ends; the ports are `imap.port` and `smtp.port`.

        `imap`, `smtp`: listeners that are there already.
        """
        self.imap.start(imap)
        self.smtp.start(smtp)
        try:
            yield self
        finally:
            self.thaw()
            self.imap.stop()
            self.smtp.stop()

    def settings(self, address: str = BOT) -> dict[str, str]:
        """The variables with which Bellhop uses this account, TLS left out."""
        return {
            "IMAP_HOST": "127.0.0.1",
            "IMAP_PORT": str(self.imap.port),
            "IMAP_USER": address,
            "IMAP_PASSWORD": self.post.accounts[address.lower()].password,
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(self.smtp.port),
        }

    # --- people

    def deliver(
        self,
        content: bytes,
        to: str = BOT,
        folder: str = "INBOX",
        flags: Iterable[str] = (),
        at: datetime | None = None,
    ) -> int:
        """Lay a mail into a folder as its provider would; line ends become CRLF. Returns the UID."""
        return self.post.add(self.folder(folder, to), re.sub(rb"\r\n|\r|\n", b"\r\n", content), flags, at)

    def folder(self, name: str = "INBOX", of: str = BOT) -> Mailbox:
        """A folder of somebody's; raises KeyError."""
        return self.post.accounts[of.lower()].mailboxes[name]

    def mails(self, name: str = "INBOX", of: str = BOT) -> list[Message]:
        """What lies in it now, oldest first."""
        with self.post.lock:
            return list(self.folder(name, of).messages)

    def allow_token(self, token: str, address: str = BOT) -> None:
        """From now on this token signs in (XOAUTH2)."""
        self.post.accounts[address.lower()].tokens.add(token)

    def wait_for(self, condition: Callable[[], Any], timeout_s: float = 10.0) -> bool:
        """Whether `condition` came true within `timeout_s` real seconds."""
        give_up_at = time.monotonic() + timeout_s
        while time.monotonic() < give_up_at:
            if condition():
                return True
            time.sleep(0.005)
        return bool(condition())

    # --- trouble

    def disconnect(self) -> None:
        """Cut every IMAP connection without a word."""
        self.imap.cut_all()

    def freeze(self) -> None:
        """IMAP says and reads nothing from now on, with open sockets."""
        self._trouble.freeze()

    def thaw(self) -> None:
        """It goes on."""
        self._trouble.thaw()

    def restart(self, down_s: float = 0.0) -> None:
        """Stop the IMAP server, and begin again on the same port after `down_s` seconds."""
        self.imap.stop()
        time.sleep(down_s)
        self.imap.start()

    def renumber(self, name: str = "INBOX", of: str = BOT) -> None:
        """The folder gets a new UIDVALIDITY and UIDs from 1."""
        self.post.renumber(self.folder(name, of))
        self.post.ring()

    def fail_smtp(self, stage: Stage, words: str, times: int = 1) -> None:
        """Say `words` ("451 4.3.0 later") at a stage, the next `times`; "cut" cuts the line there."""
        self.faults.planned.setdefault(stage, []).extend([words] * times)

    # --- talking

    def _talk_imap(self, line: Line) -> None:
        with suppress(Gone):
            serve_imap(Session(line, self.post, self.options), self.commands.append)

    def _talk_smtp(self, line: Line) -> None:
        with suppress(Gone):
            SmtpSession(line, self.post, self.options, self.faults, self._accept).serve()

    def _accept(self, envelope: Envelope) -> None:
        self._taken(envelope)
        with self._lock:
            self.sent.append(envelope)
        head = f"Return-Path: <{envelope.sender}>\r\n".encode()
        for recipient in envelope.recipients:
            if self.post.account(recipient) is not None:
                self.deliver(head + envelope.content, recipient)
