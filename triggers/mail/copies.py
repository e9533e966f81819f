"""Private copies of mails: a mail may be moved or thrown away before its answer is due, so it is kept until then."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
from pathlib import Path

from bot.copies import PART, IsWanted, sweep
from bot.events import Attachment

NAME = "mail.eml"


class MailCopies:
    """The folder of copies, one file for each event. Everything blocks."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()

    def keep(self, event_id: str, content: bytes) -> Attachment:
        """The copy of a mail, on disk when this returns. Raises OSError."""
        final = self.folder / f"{event_id.replace(':', '-')}.eml"
        working = self.folder / f".{secrets.token_hex(8)}{PART}"
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            with os.fdopen(os.open(working, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            working.replace(final)
        finally:
            with contextlib.suppress(OSError):
                working.unlink(missing_ok=True)
        digest = hashlib.sha256(content).hexdigest()
        return Attachment(NAME, path=str(final), size_bytes=len(content), sha256=digest)

    def sweep(self, is_wanted: IsWanted, now_s: float) -> int:
        """Remove every copy whose event is known no more (`bot.copies.sweep`); returns how many went."""
        return sweep(self.folder, _event_id, is_wanted, now_s)


def _event_id(path: Path) -> str:
    return path.stem.replace("-", ":")
