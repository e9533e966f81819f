"""What one IMAP session is: who signed in, which folder is open, and what its client has been told of that folder."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field

from playground.mail.mailboxes import Account, Mailbox, Post
from playground.mail.wire import Gone, Line


class No(Exception):
    """Rightly asked, and refused: answered with NO."""


@dataclass
class Options:
    """How the servers are: do they know IDLE and SPECIAL-USE; may one sign in with a password; TLS on the way.

    `auth` False: SMTP is a relay that asks nobody who they are.
    """

    idle: bool = True
    special_use: bool = True
    passwords: bool = True
    auth: bool = True
    starttls: ssl.SSLContext | None = None
    needs_tls: bool = False


@dataclass
class Session:
    """`known`: the UIDs of the open folder in the order of the sequence numbers that the client goes by."""

    line: Line
    post: Post
    options: Options
    account: Account | None = None
    mailbox: Mailbox | None = None
    validity: int = 0
    known: list[int] = field(default_factory=list)
    reads_only: bool = False
    secures: bool = False
    ends: bool = False

    @property
    def state(self) -> str:
        """B before login, A authenticated, S a folder is selected."""
        return "S" if self.mailbox else "A" if self.account else "B"

    def say(self, *lines: str) -> None:
        """Send these lines; raises Gone."""
        self.line.send("".join(f"{line}\r\n" for line in lines).encode())

    def tell_changes(self, *, may_expunge: bool) -> None:
        """Say what came to the open folder and, where numbers may change, what went from it."""
        mailbox = self.mailbox
        if mailbox is None:
            return
        with self.post.lock:
            if mailbox.uid_validity != self.validity:
                self.say("* BYE the folder was made anew")
                raise Gone
            present = [message.uid for message in mailbox.messages]
            new = [uid for uid in present if uid > (self.known[-1] if self.known else 0)]
            if may_expunge:
                self._tell_gone(set(self.known) - set(present))
            if new:
                self.known += new
                self.say(f"* {len(self.known)} EXISTS")

    def _tell_gone(self, gone: set[int]) -> None:
        for number in range(len(self.known), 0, -1) if gone else ():
            if self.known[number - 1] in gone:
                self.say(f"* {number} EXPUNGE")
                del self.known[number - 1]


def capabilities(session: Session) -> str:
    """What the server can do for this session now."""
    options, is_secure = session.options, session.line.is_secure
    may_sign_in = is_secure or not options.needs_tls
    words = ["IMAP4rev1", "UIDPLUS", "UNSELECT"]
    words += ["IDLE"] if options.idle else []
    words += ["SPECIAL-USE"] if options.special_use else []
    words += ["STARTTLS"] if options.starttls and not is_secure else []
    words += ["AUTH=XOAUTH2"] if may_sign_in else []
    words += ["AUTH=PLAIN"] if may_sign_in and options.passwords else ["LOGINDISABLED"]
    return " ".join(words)
