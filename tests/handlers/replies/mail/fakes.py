"""A mail server and a mailbox of our own making, which keep what they were given and fail when told to."""

from __future__ import annotations

from datetime import datetime
from email import message_from_bytes

from bot.errors import Refused, TryAgain


class FakeServer:
    """Takes mails; `faults` are raised one by one, before the mail is taken or (dies_after) once it was."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, str, bytes]] = []
        self.faults: list[Exception] = []
        self.dies_after: Exception | None = None

    def send(self, sender: str, to: str, mail: bytes) -> None:
        if self.faults:
            raise self.faults.pop(0)
        self.taken.append((sender, to, mail))
        if self.dies_after:
            fault, self.dies_after = self.dies_after, None
            raise fault


class FakeFolders:
    """The folders of a mailbox; `copies` is a provider that keeps what its server took by itself."""

    def __init__(self, copies: FakeServer | None = None) -> None:
        self.kept: dict[str, list[bytes]] = {"sent": [], "drafts": []}
        self.copies = copies
        self.fault: Refused | TryAgain | None = None

    def holds(self, folder: str, message_id: str) -> bool:
        if self.fault:
            raise self.fault
        mails = self.kept[folder] + (
            [mail for *_, mail in self.copies.taken] if self.copies and folder == "sent" else []
        )
        return any(message_from_bytes(mail)["Message-ID"] == f"<{message_id}>" for mail in mails)

    def append(self, folder: str, mail: bytes, at: datetime) -> None:
        if self.fault:
            raise self.fault
        self.kept[folder].append(mail)
