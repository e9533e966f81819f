"""Where a stand-in will be found: a port that listens already, so callers may come before it serves."""

from __future__ import annotations

import socket


def listen(port: int = 0) -> socket.socket:
    """A listener on 127.0.0.1 (port 0: any free one); who connects waits until somebody serves it. Raises OSError."""
    listener = socket.create_server(("127.0.0.1", port), backlog=2048)
    # asyncio skips it for a listener of our making, which costs 40 ms an answer
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def url_of(listener: socket.socket) -> str:
    """Its base URL without a slash."""
    return f"http://127.0.0.1:{listener.getsockname()[1]}"
