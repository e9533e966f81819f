"""The lane itself: the one process of all that gathers, sends, looks and collects, round after round."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import structlog
from starlette.routing import BaseRoute

from bot.errors import BATCH, NotWanted, Refused, TryAgain
from bot.events import Emit, Event, Health
from bot.parts import Parts
from bot.receipts import Clock
from bot.waker import Waker
from handlers.claude.batches import MOST_REQUESTS
from handlers.claude.client import Claude
from handlers.night.asking import Books, NightAsking, Presence
from handlers.night.collecting import Collecting, NotOurs, Reads
from handlers.night.entries import Entries
from handlers.night.pieces import Gathered, Piece, Pieces
from handlers.night.sending import GRACE_S, Sending, Submits
from handlers.night.timetable import Timetable
from handlers.night.words import out_words

log = structlog.get_logger()

QUICK_S = 3.0
"""What is not to be gathered for long goes out once nothing more has come for so long."""
WOKEN_AT_ONCE = 100


class Api(Submits, Reads, Protocol):
    """Message Batches."""


class Events(Books, Protocol):
    """The parked events, and the books (bot/engine/engine.py says how each behaves)."""

    async def wake(self, event_id: str) -> bool:
        """Let one go on."""

    async def retell(self, event_ids: Sequence[str], waits_for: str, reason: str) -> None:
        """Say anew what these wait for."""


class Kept(Protocol):
    """Where events are kept."""

    def event(self, event_id: str) -> Event | None:
        """An event as it came in."""


@dataclass(frozen=True, slots=True)
class Rows:
    """What the lane writes down."""

    entries: Entries
    pieces: Pieces


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds: how long is gathered, and the longest gap between two looks at a batch.

    `pause_s`: between two rounds; another process may have handed something in. `grace_s`: how long a batch whose
    sending is unsure is looked for in vain before it is sent again.
    """

    gather_s: float = 300.0
    poll_s: float = 60.0
    pause_s: float = 2.0
    grace_s: float = GRACE_S


class Lane:
    """Run by one process at a time, under a lease, as a door is. `look_for` raises NotWanted for what is gone."""

    name = "night"

    def __init__(
        self,
        rows: Rows,
        api: Api,
        engine: Events,
        receipts: Kept,
        look_for: Callable[[Event], Awaitable[None]],
        *,
        pace: Pace,
        clock: Clock = time.time,
    ) -> None:
        self._entries, self._pieces = rows.entries, rows.pieces
        self._engine, self._receipts, self._look_for, self._pace = engine, receipts, look_for, pace
        self._clock = clock
        self._sending = Sending(rows.pieces, api, grace_s=pace.grace_s)
        self._collecting = Collecting(rows.entries, rows.pieces, api, engine, self._told, clock=clock)
        self.waker = Waker()
        self._timetable = Timetable()
        self._words = "nothing waits"

    def has_work(self) -> bool:
        """Whether there is anything to run for; blocks."""
        return self._entries.has_work()

    def routes(self, emit: Emit) -> Sequence[BaseRoute]:
        """Nothing is heard over HTTP."""
        del emit
        return ()

    def health(self) -> Health:
        """How the batches do."""
        return Health(
            ok=not self._timetable.fault, words=self._timetable.fault or self._words, heard_at=self._timetable.heard_at
        )

    async def run(self, emit: Emit) -> None:
        """Round after round until cancelled."""
        del emit
        while True:
            self.waker.reset()
            await self.round()
            await self.waker.wait(self._pace.pause_s)

    async def round(self) -> None:
        """Everything that is due now."""
        await asyncio.to_thread(self._entries.forget_ended)
        open_pieces = await asyncio.to_thread(self._pieces.open)
        for piece in open_pieces:
            if self._timetable.is_due(piece.id):
                await self._tried(piece)
        await self._send_gathered()
        await self._wake_answered()
        out = sum(piece.state == "out" for piece in open_pieces)
        self._words = f"{out} batches with Claude" if out else "gathers"

    async def _tried(self, piece: Piece) -> None:
        try:
            await self._go_on(piece)
        except TryAgain as error:
            self._timetable.again(piece.id, error)
        except Refused as error:
            await self._refused(piece, error)

    async def _go_on(self, piece: Piece) -> None:
        if piece.state == "prepared":
            await self._send(piece)
        elif piece.state == "sending":
            await self._sent(await self._sending.find(piece))
        elif await self._is_over(piece):
            self._timetable.forget(piece.id)
        else:
            self._timetable.look(piece.id, self._pace.poll_s)

    async def _is_over(self, piece: Piece) -> bool:
        try:
            return await self._collecting.look(piece)
        except NotOurs:
            await self._sending.not_ours(piece)
            return False

    async def _send_gathered(self) -> None:
        while True:
            gathered = await asyncio.to_thread(self._pieces.gathered)
            if gathered is None or not _is_due(gathered, self._pace.gather_s, self._clock()):
                return
            piece = await self._sending.prepare(MOST_REQUESTS, self._clock())
            if piece is not None:
                await self._tried(piece)

    async def _send(self, piece: Piece) -> None:
        await self._take_out_gone(piece)
        await self._sent(await self._sending.send(piece))

    async def _sent(self, piece: Piece | None) -> None:
        if piece is None:
            return
        self._timetable.look(piece.id, self._pace.poll_s)
        # Each goes on for a moment, says where it was dropped that it is with this batch, and is parked again.
        await self._wake(await asyncio.to_thread(self._entries.of_piece, piece.id))

    async def _take_out_gone(self, piece: Piece) -> None:
        for event_id in await asyncio.to_thread(self._entries.of_piece, piece.id):
            event = await asyncio.to_thread(self._receipts.event, event_id)
            try:
                if event is not None:
                    await self._look_for(event)
            except NotWanted:
                await asyncio.to_thread(self._entries.withdraw, event_id)
                await self._engine.wake(event_id)  # it looks itself, and is skipped

    async def _refused(self, piece: Piece, error: Refused) -> None:
        log.error("batch refused", entries=piece.count, reason=error.reason)
        if piece.state != "out" and await self._is_unsent(piece):
            said = {"type": "refused", "words": error.reason, "code": error.code}
            await asyncio.to_thread(self._entries.answer_rest, piece.id, said)
            await asyncio.to_thread(lambda: self._pieces.change(piece, state="over"))
            self._timetable.forget(piece.id)
            return
        # It may have been paid: its results are there for a month, and the key can be mended.
        self._timetable.again(piece.id, error)

    async def _is_unsent(self, piece: Piece) -> bool:
        return any(one.id == piece.id and one.state == "prepared" for one in await asyncio.to_thread(self._pieces.open))

    async def _wake_answered(self) -> None:
        while found := await asyncio.to_thread(self._entries.to_wake, BATCH, WOKEN_AT_ONCE):
            await self._wake(found)

    async def _wake(self, event_ids: Sequence[str]) -> None:
        for at in range(0, len(event_ids), WOKEN_AT_ONCE):
            await asyncio.gather(*map(self._engine.wake, event_ids[at : at + WOKEN_AT_ONCE]))

    async def _told(self, piece: Piece, done: int) -> None:
        """Say in the receipts how far a batch is, and let those go on whose answers are here."""
        await asyncio.to_thread(lambda: self._pieces.change(piece, done=done))
        await self._wake_answered()
        if not self._timetable.may_tell(piece.id):
            return
        left = await asyncio.to_thread(self._entries.of_piece, piece.id)
        words = out_words(piece.batch_id, piece.since_s, done, piece.count)
        await self._engine.retell(left, BATCH, words)


def _is_due(gathered: Gathered, gather_s: float, now_s: float) -> bool:
    """Whether what is gathered goes out now. Pure."""
    if gathered.count >= MOST_REQUESTS or not 0 <= now_s - gathered.oldest_s < gather_s:
        return True  # a clock that was set back keeps nothing waiting
    return gathered.is_quick and now_s - gathered.newest_s >= QUICK_S


def open_night(parts: Parts, claude: Claude, presence: Mapping[str, Presence]) -> tuple[NightAsking, Lane]:
    """Both of one process; `presence` by source."""
    entries, pieces = Entries(parts.database), Pieces(parts.database)
    engine, receipts, settings = parts.engine, parts.engine.receipts, parts.settings
    asking = NightAsking(entries, engine, settings.night_gather_seconds, presence=presence)
    pace = Pace(settings.night_gather_seconds, settings.night_poll_seconds)
    lane = Lane(Rows(entries, pieces), claude.batches(), engine, receipts, asking.look_for, pace=pace)
    asking.ring = lane.waker.wake
    return asking, lane
