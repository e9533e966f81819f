"""The mailboxes behind both servers: accounts, folders and mails, with UIDs that only ever grow (RFC 9051, 2.3.1.1)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

FIRST_VALIDITY = 1_700_000_001
USUAL = {"INBOX": "", "Drafts": r"\Drafts", "Sent": r"\Sent", "Trash": r"\Trash"}
"""The folders of a new account, each with its special use (RFC 6154)."""


@dataclass
class Message:
    """One mail as it lies in a folder; `content` has CRLF line ends."""

    uid: int
    content: bytes
    flags: set[str]
    received_at: datetime


@dataclass
class Mailbox:
    """A folder; `name` as people read it, any script. `changed` counts what sessions must hear about."""

    name: str
    uid_validity: int
    special_use: str = ""
    uid_next: int = 1
    messages: list[Message] = field(default_factory=list)


@dataclass
class Account:
    """Somebody's mail: the address signs in with `password`, or with one of `tokens` (XOAUTH2)."""

    address: str
    password: str
    tokens: set[str] = field(default_factory=set)
    mailboxes: dict[str, Mailbox] = field(default_factory=dict)

    def find(self, name: str) -> Mailbox | None:
        """The folder of that name; INBOX is the only one whose case does not matter."""
        return self.mailboxes.get("INBOX" if name.upper() == "INBOX" else name)


class Post:
    """All accounts, under one lock; whoever waits for mail registers a bell, which is rung after every change."""

    def __init__(self, accounts: dict[str, str]) -> None:
        self.lock = threading.RLock()
        self.accounts = {address.lower(): Account(address, password) for address, password in accounts.items()}
        self._validity = FIRST_VALIDITY
        self._bells: set[Callable[[], None]] = set()
        for account in self.accounts.values():
            for name, use in USUAL.items():
                self.add_folder(account.address, name, use)

    def account(self, address: str) -> Account | None:
        """The account of an address, in whatever case."""
        return self.accounts.get(address.lower())

    def add_folder(self, address: str, name: str, special_use: str = "") -> Mailbox:
        """Make a folder, with a UIDVALIDITY of its own."""
        with self.lock:
            self._validity += 1
            mailbox = Mailbox(name, self._validity, special_use)
            self.accounts[address.lower()].mailboxes[name] = mailbox
            return mailbox

    def add(self, mailbox: Mailbox, content: bytes, flags: Iterable[str] = (), at: datetime | None = None) -> int:
        """Lay a mail into a folder; returns its UID."""
        with self.lock:
            uid, mailbox.uid_next = mailbox.uid_next, mailbox.uid_next + 1
            mailbox.messages.append(Message(uid, content, set(flags), at or datetime.now(UTC)))
        self.ring()
        return uid

    def remove(self, mailbox: Mailbox, uids: Iterable[int]) -> None:
        """Delete mails for good."""
        gone = set(uids)
        with self.lock:
            mailbox.messages = [message for message in mailbox.messages if message.uid not in gone]
        self.ring()

    def renumber(self, mailbox: Mailbox) -> None:
        """What a restored or rebuilt mailbox looks like: a new UIDVALIDITY, and UIDs from 1 (RFC 9051, 2.3.1.1)."""
        with self.lock:
            self._validity += 1
            mailbox.uid_validity = self._validity
            for uid, message in enumerate(mailbox.messages, 1):
                message.uid = uid
            mailbox.uid_next = len(mailbox.messages) + 1

    def listen(self, bell: Callable[[], None]) -> None:
        """Ring `bell` after every change."""
        with self.lock:
            self._bells.add(bell)

    def unlisten(self, bell: Callable[[], None]) -> None:
        """Ring it no more."""
        with self.lock:
            self._bells.discard(bell)

    def ring(self) -> None:
        """Tell whoever waits that something changed."""
        with self.lock:
            bells = tuple(self._bells)
        for bell in bells:
            bell()
