"""The wire: an answer as a row of steps, and the player that writes them to the socket.

What happens is decided elsewhere, as plain steps; here they only happen. A reset is a real one: linger 0, then close.
"""

from __future__ import annotations

import asyncio
import random
import socket
import struct
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, pairwise

from starlette.types import Receive, Scope, Send


@dataclass(frozen=True, slots=True)
class Start:
    """Status and headers."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Write:
    """Bytes of the body; `chars` of them are answer text."""

    data: bytes
    chars: int = 0


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing for `seconds`."""

    seconds: float


@dataclass(frozen=True, slots=True)
class End:
    """The body ends as HTTP wants it."""


@dataclass(frozen=True, slots=True)
class Close:
    """The connection closes (FIN), wherever the body stands."""


@dataclass(frozen=True, slots=True)
class Reset:
    """The connection is reset (RST)."""


Step = Start | Write | Wait | End | Close | Reset


def split_writes(steps: Iterable[Step], seed: int) -> Iterator[Step]:
    """The same steps with every write torn into pieces of one to five bytes."""
    chance = random.Random(seed)
    for step in steps:
        if isinstance(step, Write):
            yield from _pieces(step, chance)
        else:
            yield step


def _pieces(step: Write, chance: random.Random) -> Iterator[Write]:
    at = 0
    while at < len(step.data):
        size = chance.randint(1, 5)
        last = at + size >= len(step.data)
        yield Write(step.data[at : at + size], step.chars if last else 0)
        at += size


class Played:
    """An HTTP answer that plays `steps`.

    `left` hears after how many characters a caller left before the end. `done` hears once how many went out: just
    before the last bytes do, since a caller may come back the moment it has them.
    """

    def __init__(self, steps: Iterable[Step], left: Callable[[int], None], done: Callable[[int], None]) -> None:
        self._steps = steps
        self._left = left
        self._done = done
        self._chars = 0
        self._over = False

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        """Play to the end, or until the caller is gone."""
        gone = asyncio.create_task(_caller_gone(receive))
        try:
            for step, following in pairwise(chain(self._steps, (None,))):
                if isinstance(following, End):
                    self._finish(step.chars if isinstance(step, Write) else 0)
                if step is None or not await self._play(step, receive, send, gone):
                    return
                if gone.done():
                    if not self._over:
                        self._left(self._chars)
                    return
        finally:
            gone.cancel()
            self._finish()

    def _finish(self, ahead_chars: int = 0) -> None:
        if not self._over:
            self._over = True
            self._done(self._chars + ahead_chars)

    async def _play(self, step: Step, receive: Receive, send: Send, gone: asyncio.Task[None]) -> bool:
        if isinstance(step, Start):
            headers = [(name.encode(), value.encode()) for name, value in step.headers.items()]
            await send({"type": "http.response.start", "status": step.status, "headers": headers})
        elif isinstance(step, Write):
            await send({"type": "http.response.body", "body": step.data, "more_body": True})
            self._chars += step.chars
            await asyncio.sleep(0)
        elif isinstance(step, Wait):
            await asyncio.wait({gone}, timeout=None if step.seconds == float("inf") else step.seconds)
        elif isinstance(step, End):
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            return False
        else:
            self._finish()
            await _break(transport_behind(receive), reset=isinstance(step, Reset))
            await asyncio.wait({gone}, timeout=5)
            return False
        return True


async def _caller_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def transport_behind(receive: Receive) -> asyncio.Transport:
    """The TCP transport of this request: uvicorn's `receive` is a method of the cycle that holds it."""
    transport = getattr(getattr(receive, "__self__", None), "transport", None)
    if not isinstance(transport, asyncio.Transport):
        raise TypeError("connections can be broken only when served by uvicorn")
    return transport


async def _break(transport: asyncio.Transport, *, reset: bool) -> None:
    await asyncio.sleep(0.05)  # what was written shall be read before the reset drops it
    if reset:
        linger_off = struct.pack("ii", 1, 0)
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger_off)
        transport.abort()
    else:
        transport.close()
