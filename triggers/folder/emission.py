"""The emission: new versions of files become events, each together with the row that remembers its file, or neither.

A crash leaves nothing half done: a file without its row is found again by the next scan.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

import structlog

from bot.doors.folder.reasons import BACKLOG, Reason
from bot.events import Emit, Event, Receipt, Record
from bot.retry import backoff_s
from triggers.folder.versions import NewVersion

log = structlog.get_logger()

FIRST_RETRY_S, SLOWEST_RETRY_S = 1.0, 60.0
AT_ONCE = 256
"""So many are handed over side by side: the engine keeps them in a few commits."""


class Skip(Protocol):
    """Records an event as skipped, for a reason, without running it; `record` is called in the same transaction."""

    async def __call__(self, event: Event, reason: str, record: Record | None = None, *, code: str = "") -> Receipt:
        """Return once it is durable."""


Tell = Callable[[Event, str], Awaitable[None]]
"""Says beside the file why it is not answered."""


class Emission:
    """The new versions of one root that are not durable yet; what is refused is tried again and holds nothing up.

    `is_closed`: nothing can be laid beside the root's files now. What would be laid there waits until `release`.
    """

    def __init__(self, skip: Skip, tell: Tell | None, is_closed: Callable[[], bool]) -> None:
        self.waiting: list[NewVersion] = []
        self._skip = skip
        self._tell = tell
        self._is_closed = is_closed
        self._has_work = asyncio.Event()

    def add(self, versions: Sequence[NewVersion]) -> None:
        """Hand these over as well; those to be answered go before those that are only recorded as skipped."""
        if versions:
            self.waiting = sorted([*self.waiting, *versions], key=lambda version: version.reason is not None)
            self._has_work.set()

    def release(self) -> None:
        """The root can be answered (again): hand over what waits."""
        if self.waiting:
            self._has_work.set()

    async def run(self, emit: Emit) -> None:
        """Hand over until cancelled."""
        refused = 0
        while True:
            await self._has_work.wait()
            self._has_work.clear()
            refused = 0 if await self._hand_over_all(emit) else refused + 1
            if refused:
                await asyncio.sleep(backoff_s(refused, FIRST_RETRY_S, SLOWEST_RETRY_S))
                self._has_work.set()

    async def _hand_over_all(self, emit: Emit) -> bool:
        is_closed, is_whole = self._is_closed(), True
        due = [version for version in self.waiting if not (is_closed and _is_laid(version.reason))]
        for at in range(0, len(due), AT_ONCE):
            some = due[at : at + AT_ONCE]
            done = await self._hand_over(some, emit)
            self.waiting = [version for version in self.waiting if version.event.id not in done]
            is_whole &= len(done) == len(some)
        return is_whole

    async def _hand_over(self, versions: Sequence[NewVersion], emit: Emit) -> set[str]:
        taken = await asyncio.gather(*(self._one(version, emit) for version in versions))
        return {version.event.id for version, is_taken in zip(versions, taken, strict=True) if is_taken}

    async def _one(self, version: NewVersion, emit: Emit) -> bool:
        event = version.event
        try:
            if version.reason:
                # Told before it is recorded: a crash in between tells it again, in the same words at the same place.
                await self._tell_reason(event, version.reason)
                await self._skip(event, version.reason.words, version.record, code=version.reason.code)
            else:
                await emit(event, version.record)
        except Exception as error:  # noqa: BLE001 (whatever the engine's fault is, the version is handed over later)
            log.warning("event not taken, will be handed over again", event_id=event.id, fault=type(error).__name__)
            return False
        version.when_recorded()
        return True

    async def _tell_reason(self, event: Event, reason: Reason) -> None:
        if self._tell is None or not reason.is_told:
            return
        try:
            await self._tell(event, reason.words)
        except Exception as error:  # noqa: BLE001 (a note that cannot be written must not keep its event for ever)
            log.warning("reason could not be written beside the file", event_id=event.id, fault=type(error).__name__)


def is_backlog(versions: Sequence[NewVersion]) -> bool:
    """Whether any of these was there before its root was watched."""
    return any(version.reason is BACKLOG for version in versions)


def _is_laid(reason: Reason | None) -> bool:
    """Whether something is laid beside the file: its answer, or why there is none."""
    return reason is None or reason.is_told
