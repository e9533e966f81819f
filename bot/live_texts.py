"""Answers as they grow, shown to any number of onlookers, in the process that writes them and in every other one.

Whoever writes calls `publish`: onlookers in the same process are woken at once, and what is new of all answers is kept
in one commit a few times a second. Whoever looks takes a `Look`: one look at the database, a few times a second and
only while somebody looks, serves all of them.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
import weakref
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

import sqlalchemy as sa
import structlog

from bot.errors import reason_of
from bot.events import Receipt
from bot.receipts import Receipts
from bot.store.live_text import LiveTextStore, Piece

log = structlog.get_logger()

T = TypeVar("T")
KEEP_EVERY_S = 0.1
"""What is new is kept this often at most; after a slow commit, less often."""
LOOK_EVERY_S, IDLE_EVERY_S, ENDING_EVERY_S = 0.05, 0.25, 0.004
"""Looks at the database: while an answer grows elsewhere, while nothing does, and while one of ours is ending."""
ENDING_S = 1.0
OURS_S = 3.0
"""An answer that has grown here within this time needs not be read back."""
SHARE = 5.0
"""What a commit or a look takes is followed by a pause of so many times that: others need the database, too."""


class Closed(Exception):
    """This process ends: onlookers are to look elsewhere, or later."""


@dataclass(eq=False)
class _Growing:
    """One answer: as it is shown, as far as it is kept, and what was read of it."""

    text: str = ""
    kept: str = ""
    read: str = ""
    number: int = 0
    grew_at_s: float = float("-inf")
    ends_at_s: float = float("-inf")
    receipt: Receipt | None = None
    looks: set[Look] = field(default_factory=set)

    def wake(self) -> None:
        for look in self.looks:
            look.has_news.set()

    def take(self, piece: Piece) -> None:
        self.number = piece.number
        # A piece without those before it (two writers at once) is left out: a text with a hole is worse than none.
        if piece.start <= len(self.read):
            self.read = self.read[: piece.start] + piece.text


class Look:
    """One onlooker of one event: `text` so far, and its `receipt`; None while there is none."""

    def __init__(self, growing: _Growing) -> None:
        self._growing, self._is_closed = growing, False
        self.has_news = asyncio.Event()

    @property
    def text(self) -> str:
        """The whole text so far; it may be replaced by another one when the answer is begun anew."""
        return self._growing.text

    @property
    def receipt(self) -> Receipt | None:
        """The receipt as it was a moment ago."""
        return self._growing.receipt

    @property
    def is_over(self) -> bool:
        """Whether the event has ended, or is not known (any more): nothing will change."""
        receipt = self.receipt
        return receipt is None or receipt.finished_at is not None

    async def news(self, limit_s: float) -> bool:
        """Wait until something has changed; False when nothing did within `limit_s`. Raises Closed."""
        try:
            async with asyncio.timeout(limit_s):
                await self.has_news.wait()
        except TimeoutError:
            return False
        self.has_news.clear()
        if self._is_closed:
            raise Closed
        return True

    def close(self) -> None:
        """Send the onlooker away."""
        self._is_closed = True
        self.has_news.set()

    async def over(self, limit_s: float) -> bool:
        """Wait until the event has ended; False when it has not within `limit_s`. Raises Closed."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                while not self.is_over:
                    await self.news(limit_s)
        return self.is_over


class LiveTexts:
    """One for each process and database; belongs to the loop that first uses it."""

    def __init__(self, database: sa.Engine) -> None:
        self._receipts, self._store = Receipts(database), LiveTextStore(database)
        self._growing: dict[str, _Growing] = {}
        self._changed = asyncio.Event()
        self._ended: set[str] = set()
        self._keeper: asyncio.Task[None] | None = None
        self._looker: asyncio.Task[None] | None = None
        # Threads of our own: the loop's go with the engine, and there is something to forget after that.
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="bellhop-texts")

    def publish(self, event_id: str, text: str) -> None:
        """Show the whole text so far, and keep it soon."""
        growing = self._growing.setdefault(event_id, _Growing())
        growing.text, growing.grew_at_s, growing.ends_at_s = text, time.monotonic(), float("-inf")
        growing.wake()
        self._changed.set()
        if self._keeper is None or self._keeper.done():
            self._keeper = asyncio.create_task(self._keep(), name="live-texts-keep")

    def end(self, event_id: str) -> None:
        """The answer is there, or there will be none: the receipt says the rest."""
        growing = self._growing.get(event_id)
        if growing is None:
            return
        growing.ends_at_s, growing.kept = time.monotonic() + ENDING_S, ""
        self._ended.add(event_id)
        self._changed.set()
        growing.wake()
        if not growing.looks:
            del self._growing[event_id]

    @contextlib.asynccontextmanager
    async def look(self, event_id: str) -> AsyncIterator[Look]:
        """Look at an event from now on, as it is known at this moment."""
        growing = self._growing.setdefault(event_id, _Growing())
        look = Look(growing)
        growing.looks.add(look)
        try:
            with contextlib.suppress(sa.exc.SQLAlchemyError):  # the next look at the database will do
                await self._read({event_id: growing})
            if self._looker is None or self._looker.done():
                self._looker = asyncio.create_task(self._look(), name="live-texts-look")
            yield look
        finally:
            growing.looks.discard(look)
            if not growing.looks and not self._is_ours(growing):
                self._growing.pop(event_id, None)

    def let_go(self) -> None:
        """Send every onlooker away: this process ends, and would wait for them."""
        for growing in self._growing.values():
            for look in growing.looks:
                look.close()

    async def aclose(self) -> None:
        """End what runs beside, and forget what has ended until now."""
        tasks = [task for task in (self._keeper, self._looker) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        with contextlib.suppress(sa.exc.SQLAlchemyError):
            await self._forget_ended(set(self._ended))
        self._threads.shutdown(wait=False)

    def _is_ours(self, growing: _Growing) -> bool:
        return growing.grew_at_s > time.monotonic() - OURS_S and growing.ends_at_s == float("-inf")

    def _is_known(self, growing: _Growing) -> bool:
        # What is kept of a text that has just been ended here is older than what everybody has seen of it.
        return self._is_ours(growing) or growing.ends_at_s > time.monotonic()

    async def _keep(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            began_s = time.monotonic()
            try:
                await self._keep_once()
            except sa.exc.SQLAlchemyError as error:
                log.warning("texts on their way are not kept now", reason=reason_of(error))
                self._changed.set()
                await asyncio.sleep(1.0)
            await asyncio.sleep(max(KEEP_EVERY_S, SHARE * (time.monotonic() - began_s)))

    async def _keep_once(self) -> None:
        ended, texts = set(self._ended), dict[str, str]()
        pieces = []
        for event_id, growing in self._growing.items():
            if event_id not in ended and growing.text != growing.kept and growing.grew_at_s > float("-inf"):
                texts[event_id] = growing.text
                pieces.append(_piece(event_id, growing.kept, growing.text))
        if pieces:
            await self._in_thread(self._store.append, pieces)
        for event_id, text in texts.items():
            if event_id in self._growing:
                self._growing[event_id].kept = text
        await self._forget_ended(ended)

    async def _forget_ended(self, ended: set[str]) -> None:
        if ended:
            await self._in_thread(self._store.remove, sorted(ended))
            self._ended -= ended

    async def _in_thread(self, call: Callable[..., T], *given: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, call, *given)

    async def _look(self) -> None:
        while looked_at := {name: growing for name, growing in self._growing.items() if growing.looks}:
            began_s = time.monotonic()
            try:
                await self._read(looked_at)
            except sa.exc.SQLAlchemyError as error:
                log.warning("receipts cannot be looked at now", reason=reason_of(error))
                await asyncio.sleep(1.0)
            took_s = time.monotonic() - began_s
            await asyncio.sleep(max(_pause_s(looked_at, time.monotonic()), SHARE * took_s))

    async def _read(self, looked_at: dict[str, _Growing]) -> None:
        elsewhere = {name: growing.number for name, growing in looked_at.items() if not self._is_known(growing)}
        found, pieces = await self._in_thread(self._read_now, list(looked_at), elsewhere)
        for name, growing in looked_at.items():
            receipt = found.get(name)
            if receipt != growing.receipt:
                growing.receipt = receipt
                growing.wake()
        for piece in pieces:
            looked_at[piece.event_id].take(piece)
        for name in {piece.event_id for piece in pieces}:
            growing = looked_at[name]
            if not self._is_known(growing) and growing.read != growing.text:
                growing.text = growing.read
                growing.wake()

    def _read_now(self, names: list[str], numbers: dict[str, int]) -> tuple[dict[str, Receipt], list[Piece]]:
        found = self._receipts.of(names)
        working = {name: number for name, number in numbers.items() if name in found and not found[name].finished_at}
        return found, self._store.after(working) if working else []


def _piece(event_id: str, kept: str, text: str) -> Piece:
    """What leads from `kept` to `text`."""
    start = len(kept) if text.startswith(kept) else len(os.path.commonprefix([kept, text]))  # noqa: RUF071  # character by character is what is meant
    return Piece(event_id, start, text[start:])


def _pause_s(looked_at: dict[str, _Growing], now_s: float) -> float:
    """How long until the next look."""
    open_ones = [one for one in looked_at.values() if one.receipt is None or one.receipt.finished_at is None]
    if any(one.ends_at_s > now_s for one in open_ones):
        return ENDING_EVERY_S
    grows_elsewhere = any(_is_elsewhere(one, now_s) for one in open_ones)
    return LOOK_EVERY_S if grows_elsewhere else IDLE_EVERY_S


def _is_elsewhere(growing: _Growing, now_s: float) -> bool:
    receipt = growing.receipt
    works = receipt is not None and receipt.state in ("received", "working")
    return works and growing.grew_at_s < now_s - OURS_S


_opened: weakref.WeakKeyDictionary[sa.Engine, LiveTexts] = weakref.WeakKeyDictionary()


def live_texts_of(database: sa.Engine) -> LiveTexts:
    """The texts of this database: the same object for who writes and who looks, so that they wake each other."""
    if database not in _opened:
        _opened[database] = LiveTexts(database)
    return _opened[database]
