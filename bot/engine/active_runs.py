"""What this process works on right now."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, eq=False)
class Live:
    """One run in this process: its event, its task and the wish of a person to stop it."""

    run_id: str
    event_id: str
    task: asyncio.Task[object]
    stop: asyncio.Event


class ActiveRuns:
    """The live runs. Changed on the engine's loop only; read from anywhere."""

    def __init__(self) -> None:
        self._live: set[Live] = set()
        self._empty = asyncio.Event()
        self._empty.set()

    def add(self, run_id: str, event_id: str, when_over: Callable[[], None]) -> asyncio.Event:
        """Enter the calling task; it leaves by itself once everything about it is written. Returns its stop."""
        task = asyncio.current_task()
        assert task is not None
        live = Live(run_id, event_id, task, asyncio.Event())
        self._live.add(live)
        self._empty.clear()

        def leave(_task: asyncio.Task[object]) -> None:
            self._live.discard(live)
            if not self._live:
                self._empty.set()
            when_over()

        task.add_done_callback(leave)
        return live.stop

    def run_ids(self, event_id: str | None = None) -> set[str]:
        """The ids of the live runs, of one event when asked."""
        return {live.run_id for live in tuple(self._live) if event_id in (None, live.event_id)}

    def event_ids(self) -> set[str]:
        """The ids of the events being worked on."""
        return {live.event_id for live in tuple(self._live)}

    def stop(self, event_ids: set[str]) -> None:
        """Tell the runs of these events that a person wants no more; from any thread."""
        for live in tuple(self._live):
            if live.event_id in event_ids:
                live.task.get_loop().call_soon_threadsafe(live.stop.set)

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
