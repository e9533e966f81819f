"""What a command does when it is told to end: it stops by itself where the system lets it, and is ended elsewhere."""

import asyncio
import signal
from typing import Any

import pytest

from bot.commands.signals import stopped_by


class Loop(asyncio.SelectorEventLoop):
    """One of a system without such signals."""

    def add_signal_handler(self, sig: int, callback: Any, *args: Any) -> None:  # type: ignore[override]  # typeshed has generics
        raise NotImplementedError


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_an_event_within_the_block_and_what_it_was_after_it(number):
    async def told():
        stop = asyncio.Event()
        with stopped_by(stop, signal.SIGINT, signal.SIGTERM):
            signal.raise_signal(number)
            await asyncio.wait_for(stop.wait(), 5)

    before = signal.getsignal(number)
    loop = asyncio.new_event_loop()
    try:
        loop.run_until_complete(told())
        assert signal.getsignal(number) == before
    finally:
        loop.close()


def test_where_there_are_no_such_signals_the_block_runs_all_the_same():
    async def run():
        with stopped_by(asyncio.Event(), signal.SIGINT):
            return "ran"

    loop = Loop()
    try:
        assert loop.run_until_complete(run()) == "ran"
    finally:
        loop.close()
