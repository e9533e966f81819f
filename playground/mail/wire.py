"""One client's connection: lines that end in CRLF, over a socket or TLS, and every kind of trouble on it."""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import threading

LONGEST_LINE = 65_536


class Gone(Exception):
    """The other side has closed, or was cut off."""


class BrokenLine(Exception):
    """A line that no protocol here allows: without CR, or without an end."""


class Trouble:
    """What may befall every line of a server: `freeze` it, and nothing is read or said until `thaw`."""

    def __init__(self) -> None:
        self._runs = threading.Event()
        self._runs.set()

    def freeze(self) -> None:
        """Say and read nothing from now on; the sockets stay open."""
        self._runs.clear()

    def thaw(self) -> None:
        """Go on."""
        self._runs.set()

    @property
    def is_frozen(self) -> bool:
        """Whether nothing is said now."""
        return not self._runs.is_set()

    def wait(self) -> None:
        """Stand still while frozen."""
        self._runs.wait()


class Line:
    """A connection. `cut` may be called from any thread: it ends whatever waits on the line."""

    def __init__(self, sock: socket.socket, trouble: Trouble) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._sock = sock
        self._trouble = trouble
        self._buffer = bytearray()
        self._bell, self._ringer = socket.socketpair()
        self._ringer.setblocking(False)  # noqa: FBT003  # the socket module's own signature
        self.is_secure = isinstance(sock, ssl.SSLSocket)

    def send(self, data: bytes) -> None:
        """Say it all; raises Gone."""
        self._trouble.wait()
        try:
            self._sock.sendall(data)
        except OSError as error:
            raise Gone from error

    def line(self) -> bytes:
        """The next line without its CRLF; raises Gone, or BrokenLine for a bare LF and for one too long."""
        while b"\n" not in self._buffer:
            if len(self._buffer) > LONGEST_LINE:
                raise BrokenLine("line too long")
            self._fill()
        end = self._buffer.index(b"\n")
        line = bytes(self._buffer[: end + 1])
        del self._buffer[: end + 1]
        if not line.endswith(b"\r\n"):
            raise BrokenLine("a line must end in CRLF")
        return line[:-2]

    def exactly(self, size: int) -> bytes:
        """So many bytes; raises Gone."""
        while len(self._buffer) < size:
            self._fill()
        data = bytes(self._buffer[:size])
        del self._buffer[:size]
        return data

    def wait(self) -> bool:
        """Wait until the client says something (True), or `ring` was called (False)."""
        if self._buffer or (isinstance(self._sock, ssl.SSLSocket) and self._sock.pending()):
            return True
        try:
            ready, _, _ = select.select([self._sock, self._bell], [], [])
        except (OSError, ValueError) as error:
            raise Gone from error
        self._trouble.wait()
        if self._bell in ready:
            self._bell.recv(4096)
        return self._sock in ready

    def ring(self) -> None:
        """End a `wait`; from any thread."""
        with contextlib.suppress(OSError):
            self._ringer.send(b"!")

    def secure(self, context: ssl.SSLContext) -> None:
        """Go on in TLS; what the client had already said in the clear is thrown away (RFC 3207, 6). Raises Gone."""
        self._buffer.clear()
        try:
            self._sock = context.wrap_socket(self._sock, server_side=True)
        except OSError as error:
            raise Gone from error
        self.is_secure = True

    def cut(self) -> None:
        """Cut the connection without a word."""
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Let go of the sockets."""
        self.cut()
        for sock in (self._sock, self._bell, self._ringer):
            with contextlib.suppress(OSError):
                sock.close()

    def _fill(self) -> None:
        try:
            data = self._sock.recv(65_536)
        except OSError as error:
            raise Gone from error
        if not data:
            raise Gone
        self._trouble.wait()
        self._buffer += data
