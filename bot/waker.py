"""The waker: another thread ends a pause of the event loop, at the price of one call for each pause."""

from __future__ import annotations

import asyncio


class Waker:
    """One pause at a time: `reset`, work, then `wait`; what was woken for in between ends the wait at once."""

    def __init__(self, gather_s: float = 0.0) -> None:
        """After a call the next ones are waited for `gather_s`: a burst is one round of work, not thousands."""
        self._gather_s = gather_s
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_awake = False
        self._rung = asyncio.Event()

    def wake(self) -> None:
        """End the pause, or the next one; from any thread, and cheap when it was ended already."""
        if self._loop is None or self._is_awake:
            return
        self._is_awake = True
        try:
            self._loop.call_soon_threadsafe(self._rung.set)
        except RuntimeError:
            self._loop = None  # the loop has ended: nobody is left to wake

    def reset(self) -> None:
        """Begin a round of work on the running loop: whoever calls from now on wants another one."""
        self._loop = asyncio.get_running_loop()
        self._rung.clear()
        self._is_awake = False

    async def wait(self, most_s: float) -> None:
        """Pause until somebody calls, at most `most_s` seconds."""
        try:
            async with asyncio.timeout(most_s):
                await self._rung.wait()
                await asyncio.sleep(self._gather_s)
        except TimeoutError:
            return
