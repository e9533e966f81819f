"""Socket Mode's server: single-use tickets, open sockets, pings, and sockets that go bad on demand.

It listens on a port of its own, because half-open sockets and refused upgrades need the connection itself.
Source: docs.slack.dev/apis/events-api/using-socket-mode.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from playground.slack import people
from playground.slack.calls import Data
from playground.slack.state import Workspace

HOST = "applink-stand-in"


@dataclass(slots=True, eq=False)
class Link:
    """One open socket. A half-open one neither reads nor answers, and what is sent to it is lost."""

    connection: ServerConnection
    opened_at: float
    id: str = field(default_factory=lambda: uuid.uuid4().hex[:8])
    half_open: bool = False
    sent: int = 0


class Sockets:
    """The sockets of the app. All methods but `issue` run on the server's event loop."""

    def __init__(self, workspace: Workspace, on_message: Callable[[Data], None], on_open: Callable[[], None]) -> None:
        self.links: list[Link] = []
        self.refuse_upgrades = 0
        self.deafen_upgrades = 0
        self.opened_count = 0
        self._workspace = workspace
        self._on_message = on_message
        self._on_open = on_open
        self._tickets: dict[str, float] = {}
        self._connections: set[ServerConnection] = set()
        self._server: Server | None = None
        self._turn = 0

    async def start(self) -> None:
        """Listen on any free port of loopback."""
        self._server = await serve(
            self._attend, "127.0.0.1", 0, process_request=self._admit, ping_interval=None, close_timeout=0.5,
            max_size=2**22, compression=None,
        )  # fmt: skip

    async def stop(self) -> None:
        """Cut every socket and stop listening."""
        for connection in list(self._connections):
            connection.transport.abort()
        if self._server:
            self._server.close()
            await self._server.wait_closed()

    def issue(self) -> str:
        """A ws:// address with a ticket that opens one socket."""
        if self._server is None:
            return ""
        ticket = uuid.uuid4().hex
        self._tickets[ticket] = self._workspace.now() + self._workspace.options.ticket_life_s
        port = next(iter(self._server.sockets)).getsockname()[1]
        return f"ws://127.0.0.1:{port}/link/?ticket={ticket}&app_id={people.APP}"

    def pick(self) -> Link | None:
        """The socket that gets the next payload: each in turn, a half-open one too, since Slack cannot know."""
        if not self.links:
            return None
        self._turn += 1
        return self.links[self._turn % len(self.links)]

    async def send(self, link: Link, data: Data) -> None:
        """Send one frame; a half-open or dying socket swallows it."""
        if link.half_open:
            return
        link.sent += 1
        with contextlib.suppress(ConnectionClosed):
            await link.connection.send(json.dumps(data))

    async def disconnect(self, link: Link, reason: str, close_after_s: float | None) -> None:
        """Tell a socket to go, and close it after a while (None: leave that to the client)."""
        await self.send(link, {"type": "disconnect", "reason": reason, "debug_info": {"host": HOST}})
        if close_after_s is not None:
            await asyncio.sleep(self._workspace.clock.real_s(close_after_s))
            await link.connection.close()

    def half_open(self, link: Link) -> None:
        """From now on the socket hears nothing and says nothing, yet stays connected."""
        link.half_open = True
        link.connection.transport.pause_reading()

    def drop(self, link: Link) -> None:
        """Cut the connection without a close frame."""
        link.connection.transport.abort()
        self._forget(link)

    def _admit(self, connection: ServerConnection, request: Request) -> Response | None:
        ticket = parse_qs(urlsplit(request.path).query).get("ticket", [""])[0]
        expires_at = self._tickets.pop(ticket, None)
        if self.refuse_upgrades > 0:
            self.refuse_upgrades -= 1
            return connection.respond(HTTPStatus.SERVICE_UNAVAILABLE, "try again later\n")
        if expires_at is None or self._workspace.now() > expires_at:
            return connection.respond(HTTPStatus.FORBIDDEN, "this ticket is used or expired\n")
        return None

    async def _attend(self, connection: ServerConnection) -> None:
        self._connections.add(connection)
        try:
            await self._welcome(Link(connection, self._workspace.now()))
        finally:
            self._connections.discard(connection)

    async def _welcome(self, link: Link) -> None:
        if len(self.links) >= self._workspace.options.max_sockets:
            await self.disconnect(link, "too_many_websockets", 0.0)
            return
        self.links.append(link)
        self.opened_count += 1
        deaf, self.deafen_upgrades = self.deafen_upgrades > 0, max(0, self.deafen_upgrades - 1)
        if deaf:
            link.connection.transport.pause_reading()
        await self.send(link, self._hello())
        link.half_open = deaf
        self._on_open()
        pinging = asyncio.create_task(self._ping(link))
        try:
            await self._listen(link)
        finally:
            pinging.cancel()
            self._forget(link)

    async def _listen(self, link: Link) -> None:
        with contextlib.suppress(ConnectionClosed):
            async for raw in link.connection:
                if not link.half_open:
                    self._on_message(json.loads(raw))

    async def _ping(self, link: Link) -> None:
        options = self._workspace.options
        while True:
            await asyncio.sleep(options.server_ping_real_s)
            if link.half_open:
                await asyncio.sleep(options.pong_timeout_real_s)
                self._forget(link)  # Slack stops counting on it; its client still believes to be connected
                return
            try:
                async with asyncio.timeout(options.pong_timeout_real_s):
                    await (await link.connection.ping())
            except (ConnectionClosed, TimeoutError):
                self.drop(link)
                return

    def _hello(self) -> Data:
        return {
            "type": "hello", "num_connections": len(self.links), "connection_info": {"app_id": people.APP},
            "debug_info": {"host": HOST, "build_number": 1, "approximate_connection_time": 18060},
        }  # fmt: skip

    def _forget(self, link: Link) -> None:
        if link in self.links:
            self.links.remove(link)
