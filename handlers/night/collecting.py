"""The results of one batch, streamed and matched by custom id in whatever order they come; broken lines are named."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Protocol

import structlog

from bot.errors import TryAgain
from bot.receipts import Clock
from handlers.claude.batches import Seen
from handlers.night.asking import Books, book_result
from handlers.night.entries import Entries, Result
from handlers.night.pieces import Piece, Pieces

log = structlog.get_logger()

KEPT_AT_ONCE = 50
MOST_BYTES_AT_ONCE = 4_000_000
READINGS = 3
"""A batch with lines that cannot be read is read so often before their entries count as unanswered."""
LOST: dict[str, Any] = {"type": "lost"}


class Reads(Protocol):
    """What the API is asked here (handlers/claude/batches.py says how each behaves)."""

    async def look(self, batch_id: str) -> Seen | None:
        """How a batch does."""

    def lines(self, batch_id: str) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """The lines of its results."""


@dataclass(slots=True)
class _Reading:
    ours: int = 0
    broken: int = 0


class NotOurs(Exception):
    """No entry of ours is in this batch."""


class Collecting:
    """One for each run of the lane. `told` hears how many of a batch's results are here so far."""

    def __init__(
        self,
        entries: Entries,
        pieces: Pieces,
        batches: Reads,
        books: Books,
        told: Callable[[Piece, int], Awaitable[None]],
        *,
        clock: Clock,
    ) -> None:
        self._entries, self._pieces, self._batches, self._books, self._told = entries, pieces, batches, books, told
        self._clock = clock
        self._readings: dict[str, int] = {}

    async def look(self, piece: Piece) -> bool:
        """See how a batch does, and take in its results once it has ended. True: it is over.

        Raises NotOurs for one that was only found in the list, and TryAgain.
        """
        seen = await self._batches.look(piece.batch_id)
        if seen is None:
            return await self._gone(piece)
        if not seen.has_ended:
            if seen.done > piece.done:
                await self._told(piece, seen.done)
            return False
        reading = await self._read(piece)
        if not reading.ours and not piece.is_sure:
            raise NotOurs
        return await self._close(piece, reading)

    async def _gone(self, piece: Piece) -> bool:
        if not piece.is_sure:
            raise NotOurs
        log.error("batch is gone: somebody deleted it", batch=piece.batch_id)
        return await self._close(piece, _Reading())

    async def _read(self, piece: Piece) -> _Reading:
        reading, waiting, size_bytes, number = _Reading(), list[Result](), 0, 0
        async with self._batches.lines(piece.batch_id) as lines:
            async for line in lines:
                number += 1
                result = self._result(piece, reading, number, line)
                if result is None:
                    continue
                waiting.append(result)
                size_bytes += len(line)
                if len(waiting) >= KEPT_AT_ONCE or size_bytes >= MOST_BYTES_AT_ONCE:
                    await self._keep(piece, waiting, reading.ours)
                    waiting, size_bytes = [], 0
        await self._keep(piece, waiting, reading.ours)
        return reading

    def _result(self, piece: Piece, reading: _Reading, number: int, line: bytes) -> Result | None:
        try:
            found = json.loads(line)
            custom_id, result = str(found["custom_id"]), dict(found["result"])
        except (ValueError, KeyError, TypeError):
            reading.broken += 1
            log.warning("line of a batch's results cannot be read", batch=piece.batch_id, line=number)
            return None
        name, _, own = custom_id.rpartition("-")
        if own != piece.id:
            if piece.is_sure:
                log.warning("a batch answers what was not asked", batch=piece.batch_id, line=number)
            return None
        reading.ours += 1
        return Result(name, json.dumps(result))

    async def _keep(self, piece: Piece, results: list[Result], done: int) -> None:
        if not results:
            return
        unwanted = await asyncio.to_thread(self._entries.take, piece.id, results)
        for one in unwanted:  # what was asked and then not wanted has its price all the same
            await book_result(self._books, one.event_id, one.custom_id, one.result, self._clock())
        await asyncio.to_thread(self._entries.drop, [one.event_id for one in unwanted])
        await self._told(piece, done)

    async def _close(self, piece: Piece, reading: _Reading) -> bool:
        missing = await asyncio.to_thread(self._entries.missing, piece.id)
        readings = self._readings[piece.id] = self._readings.get(piece.id, 0) + 1
        if missing and reading.broken and readings < READINGS:
            raise TryAgain(f"{reading.broken} lines of batch {piece.batch_id} could not be read; they are read again.")
        if missing:
            log.warning("entries without a result", batch=piece.batch_id, entries=missing)
            await asyncio.to_thread(self._entries.answer_rest, piece.id, LOST)
        await asyncio.to_thread(lambda: self._pieces.change(piece, state="over", is_sure=True, done=piece.count))
        self._readings.pop(piece.id, None)
        log.info("batch is over", batch=piece.batch_id, entries=piece.count, answered=reading.ours)
        return True
