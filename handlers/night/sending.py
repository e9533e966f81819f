"""The sending of one batch, once: what a crash or a lost response left unsure is looked for, not sent again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import Protocol

import structlog

from bot.errors import Refused, TryAgain
from bot.store.clock import machine_s
from handlers.claude.batches import MOST_BYTES, PerhapsSent, Seen, TooLarge
from handlers.night.pieces import Piece, Pieces, fitting

log = structlog.get_logger()

OPENING, BETWEEN, CLOSING = b'{"requests":[', b",", b"]}"
ENTRY = b'{"custom_id":"%s-%s","params":%s}'
WRAPPING_BYTES = 100
"""What stands around each request, at most."""
GRACE_S = 20.0
"""So long a batch whose sending is unsure is looked for in vain before it is sent again: it may be on its way in."""
FROZEN_S = 5.0
"""Whoever stood still for so long may have been taken over: another process looks for this batch, or sends it."""


class Submits(Protocol):
    """What the API is asked here (handlers/claude/batches.py says how each behaves)."""

    async def submit(self, body: AsyncIterator[bytes], size_bytes: int) -> Seen:
        """Send it."""

    async def newest(self) -> str:
        """The id of the newest batch."""

    async def since(self, anchor: str) -> list[Seen]:
        """The batches that are newer."""


class Frozen(Exception):
    """This process stood still in the middle of sending: the rest does not go out."""


class Sending:
    """One for each run of the lane. `most_bytes` shrinks when Claude finds a batch too large."""

    def __init__(
        self,
        pieces: Pieces,
        batches: Submits,
        *,
        most_bytes: int = MOST_BYTES,
        grace_s: float = GRACE_S,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.most_bytes = most_bytes
        self._pieces, self._batches, self._grace_s, self._monotonic = pieces, batches, grace_s, monotonic
        self._in_vain_since: dict[str, float] = {}

    async def prepare(self, most: int, now_s: float) -> Piece | None:
        """Make a batch of what has waited longest; None when nothing waits."""

        def made() -> Piece | None:
            chosen = fitting(self._pieces.next_ids(most), self.most_bytes, WRAPPING_BYTES)
            return self._pieces.prepare(chosen, now_s) if chosen else None

        return await asyncio.to_thread(made)

    async def send(self, piece: Piece) -> Piece | None:
        """Send a batch; returns it as it is then, None when nothing of it is to be sent.

        Before it goes out it is written that it does, and which batch was the newest then: whoever finds that written
        and no name looks for it among those that came after.
        Raises TryAgain when it did not go out or nobody knows, Refused when Claude does not want it.
        """
        ready = await asyncio.to_thread(self._pieces.without_withdrawn, piece)
        if ready is None:
            return None
        anchor = await self._batches.newest()
        return await self._post(await self._change(ready, state="sending", anchor=anchor, rejected=()))

    async def find(self, piece: Piece) -> Piece | None:
        """Look for a batch of which nobody knows whether it was sent; when it is nowhere, send it again."""
        known = await asyncio.to_thread(self._pieces.known)
        found = [seen for seen in await self._batches.since(piece.anchor) if _may_be(seen, piece, known)]
        if found:
            # One that has ended can be proven at once; else the one that came first after we sent.
            best = min(found, key=lambda seen: (not seen.has_ended, seen.created_at))
            log.info("batch found again", batch=best.id, entries=piece.count)
            return await self._change(piece, state="out", batch_id=best.id, is_sure=False, since_s=_at(best))
        since_s = self._in_vain_since.setdefault(piece.id, self._monotonic())
        if self._monotonic() - since_s < self._grace_s:
            raise TryAgain("It is not known whether a batch was sent; it is looked for.", self._grace_s / 4)
        log.warning("batch was never sent, so it is sent now", entries=piece.count)
        return await self.send(await self._change(piece, state="prepared"))

    async def not_ours(self, piece: Piece) -> None:
        """What was found in the list was another's batch: look on."""
        rejected = (*piece.rejected, piece.batch_id)
        await self._change(piece, state="sending", batch_id="", since_s=None, rejected=rejected)

    async def _post(self, piece: Piece) -> Piece | None:
        self._in_vain_since.pop(piece.id, None)
        names = await asyncio.to_thread(self._pieces.names, piece)
        try:
            seen = await self._batches.submit(self._body(piece, names), _size(piece, names))
        except PerhapsSent:
            raise
        except Frozen:
            raise TryAgain("This machine stood still while a batch was sent.") from None
        except TooLarge:
            return await self._smaller(piece)
        except (TryAgain, Refused):
            await self._change(piece, state="prepared")
            raise
        log.info("batch sent", batch=seen.id, entries=piece.count, size_bytes=piece.size_bytes)
        return await self._change(piece, state="out", batch_id=seen.id, is_sure=True, since_s=_at(seen))

    async def _smaller(self, piece: Piece) -> Piece | None:
        if piece.count == 1:
            await self._change(piece, state="prepared")
            raise Refused("Claude did not take this question: it is too large for a batch.")
        self.most_bytes = max(1, min(self.most_bytes, piece.size_bytes) // 2)
        log.warning("batch too large; it is sent in smaller ones", entries=piece.count, most_bytes=self.most_bytes)
        await asyncio.to_thread(self._pieces.undo, piece)
        return None

    async def _body(self, piece: Piece, names: list[str]) -> AsyncIterator[bytes]:
        """The batch as JSON, an entry at a time: never more than one request is held."""
        own, last_s = piece.id.encode(), machine_s()
        yield OPENING
        for number, name in enumerate(names):
            request = await asyncio.to_thread(self._pieces.request, name)
            if machine_s() - last_s > FROZEN_S:
                raise Frozen
            yield (BETWEEN if number else b"") + ENTRY % (name.encode(), own, request)
            last_s = machine_s()
        yield CLOSING

    async def _change(self, piece: Piece, **values: object) -> Piece:
        return await asyncio.to_thread(lambda: self._pieces.change(piece, **values))


def _may_be(seen: Seen, piece: Piece, known: set[str]) -> bool:
    return seen.count == piece.count and seen.id not in known and seen.id not in piece.rejected


def _at(seen: Seen) -> float:
    return seen.created_at.timestamp()


def _size(piece: Piece, names: list[str]) -> int:
    around = len(ENTRY % (b"", piece.id.encode(), b""))
    between = len(BETWEEN) * (len(names) - 1)
    return len(OPENING) + len(CLOSING) + between + piece.size_bytes + sum(around + len(name) for name in names)
