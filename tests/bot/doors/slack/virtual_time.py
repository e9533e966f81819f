"""An event loop whose clock jumps: ten minutes of waiting pass in the time the code itself takes."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any


class _JumpingSelector(selectors.SelectSelector):
    """Instead of sleeping until the next timer, moves the clock there."""

    now_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready and timeout:
            self.now_s += timeout
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """Runs coroutines that only wait for timers and for each other; `time()` starts at 0."""

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now_s


def run_virtually(main: Coroutine[Any, Any, Any]) -> Any:
    """What `main` returns, run in virtual time."""
    loop = VirtualLoop()
    try:
        return loop.run_until_complete(main)
    finally:
        loop.run_until_complete(_end_all())
        loop.close()


async def _end_all() -> None:
    while left := asyncio.all_tasks() - {asyncio.current_task()}:  # what is cancelled may start what was waiting for it
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)


def now_s() -> float:
    """The running loop's clock, in seconds."""
    return asyncio.get_running_loop().time()
