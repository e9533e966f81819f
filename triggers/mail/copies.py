"""Private copies of mails: a mail may be moved or thrown away before its answer is due, so it is kept until then."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from bot.events import Attachment

NAME = "mail.eml"
ORPHAN_AFTER_S = 3_600.0
"""A file younger than this may be a copy in the making."""


class MailCopies:
    """The folder of copies, one file for each event. Everything blocks."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()

    def keep(self, event_id: str, content: bytes) -> Attachment:
        """The copy of a mail, on disk when this returns. Raises OSError."""
        final = self.folder / f"{event_id.replace(':', '-')}.eml"
        working = self.folder / f".{secrets.token_hex(8)}.part"
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

    def sweep(self, is_wanted: Callable[[Sequence[str]], Collection[str]], now: float) -> int:
        """Remove every copy whose event is known no more, and what a crash left half made; returns how many went."""
        files = list(self.folder.iterdir()) if self.folder.is_dir() else []
        old = {path: path.stem.replace("-", ":") for path in files if _age_s(path, now) > ORPHAN_AFTER_S}
        wanted = is_wanted(list(old.values()))
        orphans = [path for path, event_id in old.items() if event_id not in wanted]
        for path in orphans:
            path.unlink(missing_ok=True)
        return len(orphans)


def _age_s(path: Path, now: float) -> float:
    try:
        return now - path.stat().st_mtime
    except OSError:
        return 0.0
