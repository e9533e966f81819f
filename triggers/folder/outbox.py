"""The outbox: claimed events go to the engine one by one, and are marked once they are durable there.

A crash in between hands an event over twice; the engine knows it by its id and does nothing the second time.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

import structlog

from bot.doors.folder.file_store import Claim, FileStore
from bot.doors.folder.reasons import UNTOLD
from bot.events import Emit, Event, Receipt, from_json
from bot.retry import backoff_s

log = structlog.get_logger()

Skip = Callable[[Event, str], Awaitable[Receipt]]
"""Records an event as skipped, for a reason, without running it."""

Tell = Callable[[Event, str], Awaitable[None]]
"""Says beside the file why it is not answered."""

FIRST_RETRY_S, SLOWEST_RETRY_S = 1.0, 60.0
MARK_EVERY = 256


class Outbox:
    """A line of claims: what is to be answered goes before what is only recorded as skipped.

    `is_closed` says of a root that nothing can be laid beside its files now: their claims wait, on disk as they are,
    instead of failing one after the other.
    """

    def __init__(self, store: FileStore, skip: Skip, tell: Tell | None, is_closed: Callable[[str], bool]) -> None:
        self._store = store
        self._skip = skip
        self._tell = tell
        self._is_closed = is_closed
        self._held: dict[str, list[Claim]] = {}
        self._answers: deque[Claim] = deque()
        self._skips: deque[Claim] = deque()
        self._has_work = asyncio.Event()

    def add(self, claims: Sequence[Claim]) -> None:
        """Stand these claims in line; called on the event loop."""
        self._answers.extend(claim for claim in claims if not claim.reason)
        self._skips.extend(claim for claim in claims if claim.reason)
        if claims:
            self._has_work.set()

    def release(self, root: str) -> None:
        """This root can be answered (again): what was held back for it stands in line now; on the event loop."""
        self.add(self._held.pop(root, ()))

    async def run(self, emit: Emit) -> None:
        """Hand over until cancelled; a claim that is refused is tried again later and holds nothing up."""
        refused = 0
        while True:
            await self._has_work.wait()
            self._has_work.clear()
            if await self._hand_over_all(emit):
                refused = 0
            else:
                refused += 1
                await asyncio.sleep(backoff_s(refused, FIRST_RETRY_S, SLOWEST_RETRY_S))
                self._has_work.set()

    async def _hand_over_all(self, emit: Emit) -> bool:
        refused: list[Claim] = []
        done: list[str] = []
        while self._answers or self._skips:
            claim = self._answers.popleft() if self._answers else self._skips.popleft()
            if self._is_held(claim):
                self._held.setdefault(_root_of(claim), []).append(claim)
            elif await self._hand_over(claim, emit):
                done.append(claim.event_id)
            else:
                refused.append(claim)
            if len(done) >= MARK_EVERY:
                await self._mark(done)
                done = []
        await self._mark(done)
        self._answers.extendleft(claim for claim in reversed(refused) if not claim.reason)
        self._skips.extendleft(claim for claim in reversed(refused) if claim.reason)
        return not refused

    def _is_held(self, claim: Claim) -> bool:
        return claim.reason not in UNTOLD and self._is_closed(_root_of(claim))

    async def _hand_over(self, claim: Claim, emit: Emit) -> bool:
        try:
            event = from_json(Event, claim.event)
            if claim.reason:
                await self._skip(event, claim.reason)
                await self._tell_reason(event, claim.reason)
            else:
                await emit(event)
        except Exception as error:  # noqa: BLE001 (whatever the engine's fault is, the claim stands and is handed over later)
            log.warning(
                "event not taken, will be handed over again", event_id=claim.event_id, fault=type(error).__name__
            )
            return False
        return True

    async def _tell_reason(self, event: Event, reason: str) -> None:
        if self._tell is None or reason in UNTOLD:
            return
        try:
            await self._tell(event, reason)
        except Exception as error:  # noqa: BLE001 (the receipt stands; a note that cannot be written must not repeat it for ever)
            log.warning("reason could not be written beside the file", event_id=event.id, fault=type(error).__name__)

    async def _mark(self, event_ids: list[str]) -> None:
        if not event_ids:
            return
        try:
            await asyncio.to_thread(self._store.mark_handed_over, event_ids)
        except Exception as error:  # noqa: BLE001 (unmarked claims are handed over again at the next start, which is harmless)
            log.warning("hand-over not marked", events=len(event_ids), fault=type(error).__name__)


def _root_of(claim: Claim) -> str:
    reply_to = claim.event.get("reply_to")
    return str(reply_to.get("root", "")) if isinstance(reply_to, dict) else ""
