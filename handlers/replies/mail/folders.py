"""The folders for sent mails and for drafts, each call over a connection of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from bot.doors.mail.faults import MailFault
from bot.doors.mail.imap import Imap
from bot.doors.mail.responses import special_folder
from bot.errors import PROGRAM, SETTING, Refused, TryAgain
from handlers.replies.mail.delivering import Folder

_FLAGS = {"sent": (r"\Seen",), "drafts": (r"\Draft",)}
_NONE = f"There is no folder for {{what}} in the mailbox. Make one (`{PROGRAM} check` says how), then run it again."
_WHAT = {"sent": "sent mails", "drafts": "drafts"}


class ImapFolders:
    """See MailFolders. The trigger's connection is its own: nothing here holds it up."""

    def __init__(self, imap: Callable[[], Imap]) -> None:
        self._imap = imap
        self._names: dict[Folder, str] = {}

    def holds(self, folder: Folder, message_id: str) -> bool:
        """Whether a mail with that Message-ID lies there."""
        with self._open() as imap:
            imap.select(self._name(imap, folder))
            return bool(imap.with_message_id(f"<{message_id}>"))

    def append(self, folder: Folder, mail: bytes, at: datetime) -> None:
        """Lay a mail there."""
        with self._open() as imap:
            imap.append(self._name(imap, folder), mail, _FLAGS[folder], at)

    def _name(self, imap: Imap, folder: Folder) -> str:
        if folder not in self._names:
            found = special_folder(imap.folders(), f"\\{folder}")
            if found is None:
                raise Refused(_NONE.format(what=_WHAT[folder]), SETTING)
            self._names[folder] = found
        return self._names[folder]

    @contextmanager
    def _open(self) -> Iterator[Imap]:
        imap = self._imap()
        try:
            imap.open()
            yield imap
        except MailFault as fault:
            self._names.clear()  # it may have been renamed
            raise TryAgain(f"The mailbox cannot be reached: {fault.reason}") from None
        finally:
            imap.close()
