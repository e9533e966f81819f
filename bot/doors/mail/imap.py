"""A connection to the mailbox: TLS, signing in, folders, mails and IDLE, with a limit on every wait.

Built on imaplib, whose own methods are used as they are; IDLE is ours, because imaplib has none before Python 3.14.
"""

from __future__ import annotations

import contextlib
import imaplib
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.doors.mail.faults import MailFault, lost, not_reached
from bot.doors.mail.folder_names import quoted_folder
from bot.doors.mail.idle import IdleRefused, idle
from bot.doors.mail.responses import Fetched, Folder, read_fetch, read_folders, read_search
from bot.doors.mail.settings import MailSettings
from bot.doors.mail.signing_in import sign_in
from bot.doors.mail.tokens import Tokens

TIMEOUT_S = 20.0
"""How long any answer is waited for."""
_BROKEN = (OSError, EOFError, ValueError, imaplib.IMAP4.abort)
"""ValueError: reading from a socket that another thread has cut."""


@dataclass(frozen=True, slots=True)
class Selected:
    """The open folder as the server described it. `uid_next` None: it did not say."""

    count: int
    uid_validity: int
    uid_next: int | None


class Imap:
    """One connection at most: `open` closes the one of before. Every method blocks, and raises MailFault.

    `heard` is called whenever the server has said something. Only `cut` may be called from another thread.
    """

    def __init__(
        self,
        settings: MailSettings,
        tokens: Tokens | None = None,
        *,
        heard: Callable[[], object] = lambda: None,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        self._settings = settings
        self._tokens = tokens or Tokens(settings)
        self._heard = heard
        self._timeout_s = timeout_s
        self._client: imaplib.IMAP4 | None = None
        self._capabilities: frozenset[str] = frozenset()
        self._refuses_idle = False

    # --- the connection

    def open(self) -> None:
        """Connect and sign in."""
        self.close()
        host, port = self._settings.imap_at
        try:
            self._client = self._connect(host, port)
        except imaplib.IMAP4.error as error:
            if self._settings.imap_tls == "starttls" and "TLS" in str(error):
                fix = "Set IMAP_TLS=ssl and IMAP_PORT=993, or ask the provider."
                raise MailFault(f"the IMAP server {host}:{port} offers no STARTTLS", "tls", fix) from None
            raise not_reached("IMAP", host, port, error) from None
        except (OSError, EOFError) as error:
            raise not_reached("IMAP", host, port, error) from None
        self._heard()
        self._client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        with self._faults():
            sign_in(self._client, self._settings, self._tokens)
            words = self._ok(self._client.capability())
        self._capabilities = frozenset(b" ".join(words).decode("ascii", "replace").upper().split())

    def _connect(self, host: str, port: int) -> imaplib.IMAP4:
        if self._settings.imap_tls == "ssl":
            return imaplib.IMAP4_SSL(host, port, ssl_context=ssl.create_default_context(), timeout=self._timeout_s)
        client = imaplib.IMAP4(host, port, timeout=self._timeout_s)
        if self._settings.imap_tls == "starttls":
            try:
                client.starttls(ssl.create_default_context())
            except BaseException:
                with contextlib.suppress(OSError):  # TLS that failed has taken the socket along
                    client.shutdown()
                raise
        return client

    def close(self) -> None:
        """Leave, politely if there is still somebody there."""
        client, self._client = self._client, None
        if client is not None:
            with contextlib.suppress(*_BROKEN, imaplib.IMAP4.error):
                client.sock.settimeout(2.0)
                client.logout()
            with contextlib.suppress(OSError):
                client.shutdown()

    def cut(self) -> None:
        """End whatever waits on the connection, from any thread; the one who waited gets a MailFault."""
        client = self._client
        if client is not None:
            with contextlib.suppress(OSError):
                socket.socket.shutdown(client.sock, socket.SHUT_RDWR)  # below TLS: another thread is reading there

    @property
    def has_idle(self) -> bool:
        """Whether the server tells of new mail by itself."""
        return "IDLE" in self._capabilities and not self._refuses_idle

    @property
    def certificate_ends_at(self) -> datetime | None:
        """When the server's certificate ends; None without TLS."""
        sock = self._client.sock if self._client else None
        said = sock.getpeercert() if isinstance(sock, ssl.SSLSocket) else None
        return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(said["notAfter"])), UTC) if said else None

    # --- folders

    def folders(self) -> list[Folder]:
        """Every folder, with its special use where the server tells it."""
        with self._faults() as client:
            found = read_folders(self._ok(client.list()))
            if "SPECIAL-USE" in self._capabilities and not any(r"\drafts" in folder.attributes for folder in found):
                client.xatom("LIST", "(SPECIAL-USE)", '""', '"*"')
                found = [*read_folders(client.response("LIST")[1] or ()), *found]
        return found

    def select(self, folder: str, *, reads_only: bool = True) -> Selected:
        r"""Open a folder; read only, nothing is ever marked as \Seen."""
        with self._faults() as client:
            typ, data = client.select(quoted_folder(folder), readonly=reads_only)
            self._heard()
            if typ != "OK":
                raise self._no_folder(folder)
            client.response("EXISTS")  # told of, and no news any more: see `wait`
            validity, following = (_number(client.response(name)[1]) for name in ("UIDVALIDITY", "UIDNEXT"))
        return Selected(_number(data) or 0, validity or 0, following)

    def _no_folder(self, folder: str) -> MailFault:
        names = ", ".join(sorted(each.name for each in self.folders())[:20])
        return MailFault(f"there is no folder {folder} (there are: {names})", "folder", "Correct IMAP_FOLDER.")

    def append(self, folder: str, content: bytes, flags: Sequence[str] = (), at: datetime | None = None) -> None:
        r"""Lay a mail into a folder, with flags such as \Seen or \Draft."""
        when = imaplib.Time2Internaldate(at) if at else ""
        with self._faults() as client:
            self._ok(client.append(quoted_folder(folder), f"({' '.join(flags)})", when, content))

    # --- mails of the open folder

    def uids_from(self, uid: int) -> list[int]:
        """The UIDs from this one on, ascending."""
        with self._faults() as client:
            found = read_search(self._ok(client.uid("SEARCH", f"UID {uid}:*")))
        return [each for each in found if each >= uid]  # n:* with nothing new is the last one (RFC 3501, 6.4.8)

    def with_message_id(self, message_id: str) -> list[int]:
        """The UIDs of the mails that have this Message-ID."""
        words = message_id.replace("\\", "\\\\").replace('"', r"\"")
        with self._faults() as client:
            return read_search(self._ok(client.uid("SEARCH", "HEADER", "Message-ID", f'"{words}"')))

    def fetch(self, uids: Sequence[int], items: str) -> list[Fetched]:
        """These items of these mails; those that are gone are left out."""
        with self._faults() as client:
            return read_fetch(self._ok(client.uid("FETCH", ",".join(map(str, uids)), items)))

    def fetch_numbers(self, first: int, last: int, items: str) -> list[Fetched]:
        """The same by sequence number: what is asked in one round trip for a whole folder."""
        with self._faults() as client:
            return read_fetch(self._ok(client.fetch(f"{first}:{last}", items)))

    def noop(self) -> None:
        """Hear whether the server is still there."""
        with self._faults() as client:
            self._ok(client.noop())

    # --- waiting

    def wait(self, most_s: float, answer_s: float) -> bool:
        """Wait for new mail, up to `most_s` seconds; True: there may be some.

        The server's answer to the end of the IDLE is waited for `answer_s`: a frozen peer is noticed then.
        """
        with self._faults() as client:
            if client.response("EXISTS")[1] != [None]:
                return True  # it was told beside another answer, and would not be told again
            client.sock.settimeout(most_s + answer_s + self._timeout_s)  # a last net: `cut` comes first
            try:
                return idle(client, lambda: self._line(client), self.cut, most_s, answer_s)
            except IdleRefused:
                self._refuses_idle = True
                return True
            finally:
                client.sock.settimeout(self._timeout_s)

    def _line(self, client: imaplib.IMAP4) -> bytes:
        line: bytes = client.readline()
        if not line or line.upper().startswith(b"* BYE"):
            raise imaplib.IMAP4.abort("BYE" if line else "socket error: EOF")
        self._heard()
        return line

    # --- faults

    @contextlib.contextmanager
    def _faults(self) -> Iterator[imaplib.IMAP4]:
        if self._client is None:
            raise MailFault("the connection is closed", "lost")
        try:
            yield self._client
        except _BROKEN as error:
            raise lost(error) from None
        except imaplib.IMAP4.error as error:
            raise MailFault(f"the server refused a command ({str(error)[:200]})", "refused") from None

    def _ok(self, result: tuple[str, list[Any]]) -> list[Any]:
        typ, data = result
        self._heard()
        if typ != "OK":
            words = data[0].decode("utf-8", "replace") if data and isinstance(data[0], bytes) else typ
            raise MailFault(f"the server said {words[:200]}", "refused")
        return data


def _number(data: Sequence[Any] | None) -> int | None:
    last = data[-1] if data else None
    return int(last) if last and last.isdigit() else None
