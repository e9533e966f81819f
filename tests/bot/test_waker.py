import asyncio
import threading

import pytest

from bot.waker import Waker

pytestmark = pytest.mark.anyio


async def test_a_call_of_another_thread_ends_the_pause():
    waker = Waker()
    waker.reset()
    threading.Timer(0.01, waker.wake).start()
    async with asyncio.timeout(10):
        await waker.wait(60)


async def test_what_was_called_for_during_the_work_ends_the_next_pause_at_once():
    waker = Waker(gather_s=0.001)
    waker.reset()
    waker.wake()
    waker.wake()
    async with asyncio.timeout(10):
        await waker.wait(60)


async def test_a_pause_that_nobody_ends_lasts_as_long_as_was_said_and_an_early_call_is_forgotten():
    waker = Waker()
    waker.wake()
    waker.reset()
    ended = asyncio.create_task(waker.wait(0.05))
    await asyncio.sleep(0)
    assert not ended.done()
    await ended


def test_a_call_after_the_loop_has_ended_wakes_nobody():
    waker = Waker()

    async def begin():
        waker.reset()

    asyncio.run(begin())
    waker.wake()
