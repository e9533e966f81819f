"""What becomes of open requests when this process ends: whatever has not come in whole by then can be sent again."""

from __future__ import annotations

import asyncio

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SENT_AGAIN_S = 5
"""So many seconds later another process listens, as a rule."""
HEADERS = {"retry-after": str(SENT_AGAIN_S), "connection": "close"}


class Interrupted(Exception):
    """This process ends, and the whole body was not there."""

    headers = HEADERS

    def response(self) -> JSONResponse:
        """What a program is told."""
        return JSONResponse({"error": "Bellhop is just being ended; send it again in a moment."}, 503, HEADERS)


class Arrivals:
    """Wraps the application: while a body is on its way, `let_go` ends the waiting for it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app, self._is_over = app, False
        self._waits: set[asyncio.Timeout] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_whole = is_answered = False

        async def receive_more() -> Message:
            nonlocal is_whole
            message = await (receive() if is_whole else self._next(receive))
            is_whole = is_whole or not message.get("more_body", False)
            return message

        async def send_on(message: Message) -> None:
            nonlocal is_answered
            is_answered = True
            await send(message)

        try:
            await self._app(scope, receive_more, send_on)
        except asyncio.CancelledError:
            if not self._is_over:
                raise
            if not is_answered:  # the server's patience is at an end, and nothing was promised yet
                await Interrupted().response()(scope, receive, send)

    def let_go(self) -> None:
        """This process ends: wait for no body any more."""
        self._is_over = True
        for wait in self._waits:
            wait.reschedule(asyncio.get_running_loop().time())

    async def _next(self, receive: Receive) -> Message:
        """What comes next; once it is over, only what is here already."""
        try:
            async with asyncio.timeout(0 if self._is_over else None) as wait:
                self._waits.add(wait)
                try:
                    return await receive()
                finally:
                    self._waits.discard(wait)
        except TimeoutError:
            raise Interrupted from None
