"""What Ctrl-C and SIGTERM are to a command that can stop by itself: an event that it looks at."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Iterator


@contextlib.contextmanager
def stopped_by(stop: asyncio.Event, *numbers: signal.Signals) -> Iterator[None]:
    """Within the block these signals set `stop`; where the system has no such signals, they end the program."""
    loop, before = asyncio.get_running_loop(), {number: signal.getsignal(number) for number in numbers}
    try:
        for number in numbers:
            loop.add_signal_handler(number, stop.set)
    except NotImplementedError:  # Windows
        yield
        return
    try:
        yield
    finally:
        for number, handler in before.items():
            loop.remove_signal_handler(number)
            signal.signal(number, handler or signal.SIG_DFL)  # the loop puts the default there, whatever it was
