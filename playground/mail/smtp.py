"""One SMTP session: a mail in, in the order that RFC 5321 asks for, and the faults that a test wants."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from playground.mail.mailboxes import Account, Post
from playground.mail.session import Options
from playground.mail.wire import BrokenLine, Gone, Line

LARGEST_MAIL = 35_000_000
LONGEST_TEXT_LINE = 998
Stage = Literal["connect", "auth", "mail", "rcpt", "data", "end"]
"""Where a fault strikes; "end": behind the mail's last dot."""
_PATH = re.compile(r"(FROM|TO):<([^<>\s]*)>((?: [A-Za-z0-9-]+(?:=[^\s=]+)?)*)", re.IGNORECASE)


class Refusal(Exception):
    """What is said instead of going on: code and words."""


@dataclass(frozen=True)
class Envelope:
    """A mail that was accepted: who sends it ("" for <>), who gets it, and the mail itself."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes


@dataclass
class SmtpFaults:
    """`planned`: for a stage, what to say the next times ("451 later"); "cut" cuts the line there without a word.

    A mail whose "end" is cut has been accepted: the lost response after DATA.
    """

    planned: dict[Stage, list[str]] = field(default_factory=dict)

    def next(self, stage: Stage) -> str:
        """What to say now; "" to go on."""
        waiting = self.planned.get(stage)
        return waiting.pop(0) if waiting else ""


class SmtpSession:
    """`serve` runs until the client leaves; every mail that was taken goes to `accept`."""

    def __init__(
        self, line: Line, post: Post, options: Options, faults: SmtpFaults, accept: Callable[[Envelope], None]
    ) -> None:
        self._line = line
        self._post = post
        self._options = options
        self._faults = faults
        self._accept = accept
        self._account: Account | None = None
        self._greeted = False
        self._sender: str | None = None
        self._recipients: list[str] = []

    def serve(self) -> None:
        """Greet, then answer commands one after another."""
        try:
            self._meet("connect")
            self._say("220 mail.example ESMTP")
            while self._command():
                pass
        except Refusal as refusal:
            self._say(str(refusal))
        except BrokenLine as error:
            self._say(f"500 5.5.2 {error}")
        except Gone:
            return

    def _command(self) -> bool:
        text = self._line.line().decode("ascii", "replace")
        name, _, rest = text.partition(" ")
        run = COMMANDS.get(name.upper())
        try:
            self._say(run(self, rest) if run else "500 5.5.2 no such command")
        except Refusal as refusal:
            self._say(str(refusal))
        if name.upper() == "STARTTLS" and self._options.starttls and not self._line.is_secure:
            self._line.secure(self._options.starttls)
            self._greeted = False
        return name.upper() != "QUIT"

    def _ehlo(self, rest: str) -> str:
        if not re.fullmatch(r"[^\s]+", rest):
            raise Refusal("501 5.5.4 EHLO and a name")
        self._greeted = True
        self._reset()
        words = ["mail.example", f"SIZE {LARGEST_MAIL}", "8BITMIME", "ENHANCEDSTATUSCODES"]
        words += ["STARTTLS"] if self._options.starttls and not self._line.is_secure else []
        ways = ["XOAUTH2", *(["PLAIN", "LOGIN"] if self._options.passwords else [])]
        may_sign_in = self._options.auth and (self._line.is_secure or not self._options.needs_tls)
        words += [f"AUTH {' '.join(ways)}"] if may_sign_in else []
        return "\r\n".join([*(f"250-{word}" for word in words[:-1]), f"250 {words[-1]}"])

    def _helo(self, rest: str) -> str:
        self._ehlo(rest)
        return "250 mail.example"

    def _starttls(self, rest: str) -> str:
        if rest or self._options.starttls is None or self._line.is_secure:
            raise Refusal("503 5.5.1 not now")
        return "220 2.0.0 begin TLS"

    def _auth(self, rest: str) -> str:
        if not self._greeted or self._account or self._sender is not None or not self._options.auth:
            raise Refusal("503 5.5.1 not now")
        if self._options.needs_tls and not self._line.is_secure:
            raise Refusal("538 5.7.11 TLS first")
        self._meet("auth")
        kind, _, first = rest.partition(" ")
        ways = {"PLAIN": self._plain, "LOGIN": self._login, "XOAUTH2": self._xoauth2}
        if kind.upper() not in ways or (kind.upper() != "XOAUTH2" and not self._options.passwords):
            raise Refusal("504 5.5.4 no such way")
        ways[kind.upper()](first)
        return "235 2.7.0 signed in"

    def _plain(self, first: str) -> None:
        parts = self._decoded(first or self._ask("")).split(b"\0")
        if len(parts) != 3:
            raise Refusal("501 5.5.2 three parts")
        self._sign_in(parts[1], parts[2])

    def _login(self, first: str) -> None:
        user = self._decoded(first or self._ask("VXNlcm5hbWU6"))
        self._sign_in(user, self._decoded(self._ask("UGFzc3dvcmQ6")))

    def _xoauth2(self, first: str) -> None:
        said = self._decoded(first or self._ask(""))
        found = re.fullmatch(rb"user=([^\x01]+)\x01auth=Bearer ([^\x01]+)\x01\x01", said)
        account = self._post.account(found[1].decode()) if found else None
        if found is None or account is None or found[2].decode() not in account.tokens:
            self._ask(base64.b64encode(b'{"status":"400","schemes":"Bearer"}').decode())
            raise Refusal("535 5.7.8 token not accepted")
        self._account = account

    def _sign_in(self, user: bytes, password: bytes) -> None:
        account = self._post.account(user.decode("utf-8", "replace"))
        if account is None or account.password.encode() != password:
            raise Refusal("535 5.7.8 user name and password not accepted")
        self._account = account

    def _ask(self, words: str) -> str:
        self._say(f"334 {words}")
        return self._line.line().decode("ascii", "replace")

    def _mail(self, rest: str) -> str:
        if not self._greeted or self._sender is not None:
            raise Refusal("503 5.5.1 not now")
        if self._account is None and self._options.auth:
            raise Refusal("530 5.7.0 sign in first")
        sender = self._path("FROM", rest)
        self._meet("mail")
        if sender and self._account and sender.lower() != self._account.address.lower():
            raise Refusal("553 5.7.1 that is not your address")
        self._sender = sender
        return "250 2.1.0 OK"

    def _rcpt(self, rest: str) -> str:
        if self._sender is None:
            raise Refusal("503 5.5.1 MAIL first")
        recipient = self._path("TO", rest)
        if not re.fullmatch(r"[^@\s]+@[^@\s]+", recipient):
            raise Refusal("501 5.1.3 no address")
        self._meet("rcpt")
        self._recipients.append(recipient)
        return "250 2.1.5 OK"

    def _data(self, rest: str) -> str:
        if rest:
            raise Refusal("501 5.5.4 DATA stands alone")
        if self._sender is None or not self._recipients:
            raise Refusal("503 5.5.1 RCPT first")
        self._meet("data")
        self._say("354 go on")
        content = self._content()
        envelope = Envelope(self._sender, tuple(self._recipients), content)
        self._reset()
        fault = self._faults.next("end")
        if fault and fault != "cut":
            raise Refusal(fault)
        self._accept(envelope)
        if fault:
            self._line.cut()
            raise Gone
        return "250 2.0.0 taken"

    def _content(self) -> bytes:
        lines: list[bytes] = []
        size = 0
        while (line := self._line.line()) != b".":
            size += len(line) + 2
            if len(line) > LONGEST_TEXT_LINE + 1 or size > LARGEST_MAIL:
                raise BrokenLine("line or mail too long")
            lines.append(line.removeprefix(b".") + b"\r\n")
        return b"".join(lines)

    def _rset(self, rest: str) -> str:
        del rest
        self._reset()
        return "250 2.0.0 OK"

    def _noop(self, rest: str) -> str:
        del rest
        return "250 2.0.0 OK"

    def _quit(self, rest: str) -> str:
        del rest
        return "221 2.0.0 bye"

    def _path(self, word: str, rest: str) -> str:
        found = _PATH.fullmatch(rest)
        if not found or found[1].upper() != word:
            raise Refusal(f"501 5.5.4 {word}:<address>")
        return found[2]

    def _meet(self, stage: Stage) -> None:
        fault = self._faults.next(stage)
        if fault == "cut":
            self._line.cut()
            raise Gone
        if fault:
            raise Refusal(fault)

    def _reset(self) -> None:
        self._sender, self._recipients = None, []

    def _say(self, words: str) -> None:
        self._line.send(words.encode() + b"\r\n")

    @staticmethod
    def _decoded(text: str) -> bytes:
        try:
            return base64.b64decode(text, validate=True)
        except binascii.Error:
            raise Refusal("501 5.5.2 not base64") from None


COMMANDS: Mapping[str, Callable[[SmtpSession, str], str]] = {
    "EHLO": SmtpSession._ehlo,  # noqa: SLF001  # its own table
    "HELO": SmtpSession._helo,  # noqa: SLF001
    "STARTTLS": SmtpSession._starttls,  # noqa: SLF001
    "AUTH": SmtpSession._auth,  # noqa: SLF001
    "MAIL": SmtpSession._mail,  # noqa: SLF001
    "RCPT": SmtpSession._rcpt,  # noqa: SLF001
    "DATA": SmtpSession._data,  # noqa: SLF001
    "RSET": SmtpSession._rset,  # noqa: SLF001
    "NOOP": SmtpSession._noop,  # noqa: SLF001
    "QUIT": SmtpSession._quit,  # noqa: SLF001
}
