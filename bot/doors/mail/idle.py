"""One IDLE (RFC 2177): begun, ended by DONE when there is news or its time is over, and cut off when nobody answers.

imaplib has none before Python 3.14. Its own `readline` is used, and blocks: whoever polls the socket instead loses the
news that came in the same packet as the server's "+".
"""

from __future__ import annotations

import contextlib
import imaplib
import threading
from collections.abc import Callable

TAG = b"BHIDLE"


class IdleRefused(Exception):
    """The server offers IDLE, and refuses it."""


def idle(
    client: imaplib.IMAP4, line: Callable[[], bytes], cut: Callable[[], None], most_s: float, answer_s: float
) -> bool:
    """Wait for news, up to `most_s` seconds; True: there may be new mail.

    `line` gives the server's next line; `cut` ends the connection, `answer_s` after a DONE that is not answered.
    Raises IdleRefused, and what `line` and imaplib raise.
    """
    ending = _Ending(client, cut)
    client.send(TAG + b" IDLE\r\n")
    watchdog = threading.Thread(target=ending.watch, args=(most_s, answer_s), name="mail-idle", daemon=True)
    watchdog.start()
    has_news = False
    try:
        while not (said := line()).startswith(TAG):
            if said.startswith(b"+"):
                ending.begun()
            elif said.rstrip().upper().endswith(b" EXISTS"):
                has_news = True
                ending.done()
    finally:
        ending.over.set()
        watchdog.join()
    if not said[len(TAG) :].strip().upper().startswith(b"OK"):
        raise IdleRefused
    return has_news


class _Ending:
    """Ends one IDLE: by DONE, once, and by cutting the line when the server does not answer that."""

    def __init__(self, client: imaplib.IMAP4, cut: Callable[[], None]) -> None:
        self.over = threading.Event()
        self._client = client
        self._cut = cut
        self._lock = threading.Lock()
        self._is_begun = self._is_wanted = self._is_done = False

    def watch(self, most_s: float, answer_s: float) -> None:
        if not self.over.wait(most_s):
            self.done()
        if not self.over.wait(answer_s):
            self._cut()

    def begun(self) -> None:
        with self._lock:
            self._is_begun = True
            self._end()

    def done(self) -> None:
        with self._lock:
            self._is_wanted = True
            self._end()

    def _end(self) -> None:
        # DONE before the server's "+" would be taken for a command.
        if self._is_begun and self._is_wanted and not self._is_done and not self.over.is_set():
            self._is_done = True
            with contextlib.suppress(OSError, ValueError):
                self._client.send(b"DONE\r\n")
