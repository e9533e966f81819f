"""What this process works on right now."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Claimed:
    """A run, and the mark by which the queue knows who took it last."""

    run_id: str
    by: str


@dataclass(slots=True, eq=False)
class Live:
    """One run in this process: its event ("" until it has begun one), its task, and a person's wish to stop it.

    Until `young_until_s`, by the monotonic clock, it may go on with another event. `is_parked`: its event goes on
    later. `is_ended`: the queue knows.
    """

    claimed: Claimed
    task: asyncio.Task[object]
    event_id: str = ""
    young_until_s: float = 0.0
    is_parked: bool = False
    is_ended: bool = False
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    """Its work is done or given up. Its task lasts longer: queued again, the queue keeps it until the other is over."""

    def begin(self, event_id: str) -> None:
        """This run has begun an event, after another one perhaps; whose stop is none of this one's."""
        self.event_id, self.stop, self.is_parked = event_id, asyncio.Event(), False


class ActiveRuns:
    """The live runs. Changed on the engine's loop only; read from anywhere."""

    def __init__(self) -> None:
        self._live: set[Live] = set()
        self._empty = asyncio.Event()
        self._empty.set()

    def add(self, claimed: Claimed, when_over: Callable[[], None]) -> Live:
        """Enter the calling task; it leaves by itself once everything about it is written."""
        task = asyncio.current_task()
        assert task is not None
        live = Live(claimed, task)
        self._live.add(live)
        self._empty.clear()

        def leave(_task: asyncio.Task[object]) -> None:
            self._live.discard(live)
            if not self._live:
                self._empty.set()
            when_over()

        task.add_done_callback(leave)
        return live

    def run_ids(self, event_id: str | None = None) -> set[str]:
        """The ids of the live runs, of one event when asked."""
        return {live.claimed.run_id for live in tuple(self._live) if event_id in (None, live.event_id)}

    def count(self, run_id: str) -> int:
        """How many tasks stand for this run: more than one when it was queued again by mistake."""
        return sum(live.claimed.run_id == run_id for live in tuple(self._live))

    async def wait_for_others(self, mine: Live) -> None:
        """Wait until no other task of this process works on the same run."""
        for live in [live for live in self._live if live.claimed.run_id == mine.claimed.run_id and live is not mine]:
            await live.over.wait()

    def event_ids(self) -> set[str]:
        """The ids of the events being worked on."""
        return {live.event_id for live in tuple(self._live) if live.event_id}

    def stop(self, event_ids: set[str]) -> None:
        """Tell the runs of these events that a person wants no more; from any thread."""
        for live in tuple(self._live):
            if live.event_id in event_ids:
                live.task.get_loop().call_soon_threadsafe(live.stop.set)

    def begin_no_more(self) -> None:
        """Let every live run end with the event that it works on."""
        for live in tuple(self._live):
            live.young_until_s = 0.0

    async def wait_empty(self, limit_s: float) -> bool:
        """Wait until nothing runs any more; False when it took longer."""
        try:
            await asyncio.wait_for(self._empty.wait(), limit_s)
        except TimeoutError:
            return False
        return True

    def cancel(self) -> None:
        """Cancel every live run."""
        for live in tuple(self._live):
            live.task.cancel()
