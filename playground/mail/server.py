"""A listener on loopback, with a thread for each connection; it may be stopped, and begun again on the same port."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable

from playground.listening import listen
from playground.mail.wire import Line, Trouble


class Server:
    """`talk` holds one client's whole conversation. `secure`: TLS from the first byte."""

    def __init__(self, talk: Callable[[Line], None], trouble: Trouble, secure: ssl.SSLContext | None = None) -> None:
        self.port = 0
        self.connections = 0
        """How many there ever were."""
        self._talk = talk
        self._trouble = trouble
        self._secure = secure
        self._listener: socket.socket | None = None
        self._lines: set[Line] = set()
        self._lock = threading.Lock()

    def start(self, listener: socket.socket | None = None) -> None:
        """Listen: on what listens already, else on the port of before if there was one."""
        self._listener = listener or listen(self.port)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, args=(self._listener,), name="mail-stand-in", daemon=True).start()

    def stop(self) -> None:
        """Hear nobody any more, and cut every connection."""
        listener, self._listener = self._listener, None
        if listener is not None:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        self.cut_all()

    def cut_all(self) -> None:
        """Cut every connection without a word."""
        with self._lock:
            lines = tuple(self._lines)
        for line in lines:
            line.cut()

    @property
    def open_connections(self) -> int:
        """How many there are now."""
        with self._lock:
            return len(self._lines)

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(sock,), name="mail-stand-in", daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        self._trouble.wait()
        try:
            if self._secure is not None:
                sock = self._secure.wrap_socket(sock, server_side=True)
        except OSError:
            sock.close()
            return
        line = Line(sock, self._trouble)
        with self._lock:
            self._lines.add(line)
        try:
            self._talk(line)
        finally:
            with self._lock:
                self._lines.discard(line)
            line.close()
