"""How a stand-in is served: a real HTTP server on loopback, in a thread of its own."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from playground.listening import listen, url_of


@contextmanager
def serve(app: ASGIApp, at: int | socket.socket = 0) -> Iterator[str]:
    """Serve `app` on 127.0.0.1 until the block ends; yields its base URL without a slash.

    `at`: a port (0: any free one), or a listener of `listen`, which is closed in the end.
    """
    listener = listen(at) if isinstance(at, int) else at
    config = uvicorn.Config(app, log_level="error", lifespan="on", ws="websockets-sansio", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="stand-in", daemon=True)
    thread.start()
    try:
        while not server.started and thread.is_alive():
            time.sleep(0.005)
        yield url_of(listener)
    finally:
        server.should_exit = True
        thread.join(timeout=5)
        listener.close()
