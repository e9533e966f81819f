"""The way from one question to one whole answer: every call it takes, healed where the wire breaks.

Success is a stop reason, nothing else: a stream that merely ends is broken. There is one layer of retries, this one.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog

from bot.errors import FAULT, TryAgain
from bot.retry import backoff_s
from bot.text import whole_text
from handlers.claude.ask import Ask
from handlers.claude.caching import CacheMemory
from handlers.claude.part import PROGRESS, Bill, Part
from handlers.claude.question import Question
from handlers.claude.resume import Seam, find_seam
from handlers.claude.till import Till
from handlers.claude.verdict import TOO_LONG, Verdict, judge, may_be_paid, said_by

log = structlog.get_logger()

Show = Callable[[str], Awaitable[None]]

TRIES = 5
PAUSES = 5
LONGEST_WAIT_S = 60.0
"""Waits up to this are waited out inside the call; longer ones are the engine's matter."""
FIRST_WAIT_S, MOST_WAIT_S = 0.5, 8.0
LAST_WORDS_S = 0.25
"""After message_stop the connection gets this long to end properly, so that it can be used again."""

CUT = "The answer reached its length limit; ask to continue."
DECLINED = "Claude declined to go on with this answer."
DEAF = Verdict("again", "Claude does not answer. Try again in a moment.", code=FAULT)
SILENT = Verdict("again", "Claude fell silent in the middle of the answer. Try again in a moment.")
HALF = Verdict("again", "The connection to Claude broke before the answer was whole. Try again in a moment.")
EMPTY = Verdict("again", "Claude gave an empty answer. Try again, perhaps in other words.")
PAUSED = Verdict("again", "Claude paused too often on this question. Try again in a moment.")


@dataclass(frozen=True, slots=True)
class Wire:
    """`open` sends a request and yields the stream's events; leaving it closes the connection. `slots` bounds calls.

    `memory` is told when a call begins to answer; `is_patient`: it may wait for another to fill the cache first.
    """

    open: Callable[[dict[str, Any]], AbstractAsyncContextManager[AsyncIterator[Any]]]
    slots: asyncio.Semaphore
    memory: CacheMemory
    is_patient: bool = False


@dataclass(frozen=True, slots=True)
class Clockwork:
    """Time and chance, so that tests can hold them.

    `silence_s`: this long without progress is a broken stream. `unheard_s`: this long without a word of the answer, no
    further try is made here, because whoever waits is to be told.
    """

    silence_s: float = 30.0
    unheard_s: float = 45.0
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    chance: Callable[[], float] = random.random


class Answering:
    """One answer on its way. `text` is what the reader has; `bill` holds what was not paid at the `till` yet.

    Without a till that is every call; with one the last call alone, which is paid with the answer.
    """

    def __init__(
        self, ask: Ask, wire: Wire, show: Show, clockwork: Clockwork, *, bare: bool, till: Till | None = None
    ) -> None:
        self.text = ""
        self.bill = Bill(ask.model)
        self._till = till
        self.question = Question(ask, bare)
        self._wire, self._show, self._clockwork = wire, show, clockwork
        self._pauses = self._tries = 0
        self._shows = True
        self._begun_at = asyncio.get_running_loop().time()
        self._ends_at = self._begun_at + ask.deadline_s

    async def run(self) -> str:
        """The stop reason of the whole answer. Raises Refused, TryAgain and Waits in plain words."""
        while True:
            before = self.text
            part, verdict = await self._call(before)
            if verdict is None:
                verdict = self._after(part)
                if verdict is None:
                    return part.stop_reason or ""
            await self.pay()
            if verdict is not _ON:
                await self._recover(verdict, progress=len(self.text) > len(before))

    async def pay(self) -> None:
        """Pay at the till for what is over and gave no whole answer."""
        if self._till is not None:
            # Whoever stops us now must not undo it: it is booked, whatever becomes of the answer.
            await asyncio.shield(asyncio.ensure_future(self._till.settle(*self.bill.take())))

    async def _call(self, before: str) -> tuple[Part, Verdict | None]:
        """One call; the verdict says what broke it, None that it has its stop reason."""
        ask, call = self.question.ask, self.question.forecast(before)
        part = Part(likely_tokens=call.likely.input_tokens)
        if self._wire.is_patient:
            await self._wire.memory.wait_for_leader(ask)
        try:
            if self._till is not None:
                await self._till.reserve(call)
            return await self._made(part, before)
        finally:  # also where the call may not be made: others wait for this one
            self._wire.memory.begun(ask, is_there=part.has_begun)

    async def _made(self, part: Part, before: str) -> tuple[Part, Verdict | None]:
        question, said = self.question, ""
        seam = Seam(before, 0) if question.paused else None
        try:
            seam = await self._listen(question.request(before), part, before, seam)
        except TimeoutError:
            verdict, cause = SILENT if self.text or part.text else DEAF, "silence"
        except _wire_errors() as error:
            verdict, cause, said = judge(error, self._clockwork.now()), type(error).__name__, said_by(error)
            part.is_sent = part.is_sent and may_be_paid(error)
        else:
            verdict, cause = HALF, "ended too early"
        finally:
            self.bill.add(part)
        if part.stop_reason is None:
            name = question.ask.name
            log.warning("call to claude failed", event_id=name, error=cause, course=verdict.course, said=said)
            if question.paused and verdict.course != "again":
                verdict = HALF  # a paused answer that is not taken back is quoted instead, as a broken one is
            self._keep(before)
            return part, verdict
        seam = seam or find_seam(before, part.text, ended=True) or Seam(before, 0)
        self.text = whole_text(seam.joined(part.text))
        return part, None

    async def _listen(self, request: dict[str, Any], part: Part, before: str, seam: Seam | None) -> Seam | None:
        clock = asyncio.get_running_loop().time
        silence_s = self._clockwork.silence_s
        async with self._wire.slots, asyncio.timeout(silence_s) as watch:
            part.is_sent = True
            async with self._wire.open(request) as events:
                async for event in events:
                    part.take(event)
                    if event.type == "content_block_delta" and not part.has_begun:
                        part.has_begun = True
                        self._wire.memory.begun(self.question.ask, is_there=True)
                    if event.type in PROGRESS:
                        watch.reschedule(None)  # how long the reply takes to show is not the model's silence
                        seam = await self._heard(part, before, seam)
                        watch.reschedule(clock() + silence_s)
                    elif event.type == "message_stop":
                        watch.reschedule(clock() + LAST_WORDS_S)
        return seam

    async def _heard(self, part: Part, before: str, seam: Seam | None) -> Seam | None:
        seam = seam or find_seam(before, part.text, ended=False)
        text = seam.joined(part.text) if seam else before
        # Begun anew, the text is shown once it has caught up: what the reader sees never shrinks.
        if len(text) >= len(before) and text != self.text:
            self.text = text
            await self._show_text()
        return seam

    async def _show_text(self) -> None:
        if not self._shows:
            return
        try:
            await self._show(whole_text(self.text))
        except Exception as error:  # noqa: BLE001  # a reply that cannot show must not cost the paid answer
            self._shows = False
            log.warning("showing stopped", event_id=self.question.ask.name, error=type(error).__name__)

    def _keep(self, before: str) -> None:
        self.question.paused.clear()
        if self.question.ask.schema is not None:
            self.text = ""  # half a JSON object cannot be continued: asked anew, it comes whole
        elif len(self.text) < len(before):
            self.text = before

    def _after(self, part: Part) -> Verdict | None:
        """What to do once a call has its stop reason; None: the answer is whole."""
        reason, has_text = part.stop_reason, bool(self.text.strip())
        if reason == "pause_turn":
            return self._pause(part)
        if reason == "model_context_window_exceeded" and self.question.shorten():
            return _ON
        if reason == "tool_use":
            return HALF
        if not has_text:
            return empty(reason, self.question.ask.max_tokens)
        self.question.notes += notes_of(reason)
        return None

    def _pause(self, part: Part) -> Verdict:
        self._pauses += 1
        content = part.content()
        if self._pauses > PAUSES or not content:
            self.question.paused.clear()
            return PAUSED
        self.question.pause(content)
        return _ON

    async def _recover(self, verdict: Verdict, *, progress: bool) -> None:
        if verdict.course == "again":
            await self._wait(verdict, progress=progress)
        else:
            self.question.mend(verdict)

    async def _wait(self, verdict: Verdict, *, progress: bool) -> None:
        self._tries += 1
        delay_s = verdict.after_s
        if delay_s is None:
            steps_s = backoff_s(self._tries, FIRST_WAIT_S, MOST_WAIT_S)
            delay_s = 0.0 if progress else steps_s * (0.75 + self._clockwork.chance() / 4)
        now = asyncio.get_running_loop().time()
        is_unheard = not self.text and verdict.code and now + delay_s > self._begun_at + self._clockwork.unheard_s
        if self._tries >= TRIES or is_unheard or delay_s > min(LONGEST_WAIT_S, self._ends_at - now):
            raise TryAgain(verdict.words, verdict.after_s, verdict.code)
        log.info("asking claude again", event_id=self.question.ask.name, tries=self._tries, after_s=round(delay_s, 2))
        await self._clockwork.sleep(delay_s)


_ON = Verdict("again", "")
"""Nothing is wrong: the next call goes out at once."""

_NOTES = {"max_tokens": CUT, "model_context_window_exceeded": CUT, "refusal": DECLINED}


def notes_of(reason: str | None) -> list[str]:
    """What the reader is told of why an answer stopped."""
    return [_NOTES[reason]] if reason in _NOTES else []


def empty(reason: str | None, max_tokens: int) -> Verdict:
    """What to do about a call that has its stop reason and no text."""
    if reason == "refusal":
        return Verdict("refuse", "Claude declined to answer this. Ask in other words, or ask for something else.")
    if reason == "max_tokens":
        words = (
            f"All {max_tokens} tokens of the answer were used up by thinking. Raise max_tokens or CLAUDE_MAX_TOKENS."
        )
        return Verdict("refuse", words)
    if reason == "model_context_window_exceeded":
        return Verdict("refuse", TOO_LONG)
    return EMPTY


def _wire_errors() -> tuple[type[Exception], ...]:
    # A reset inside a stream is no APIError, a chunk that is no JSON a bare ValueError, odd bodies an AssertionError.
    import anthropic
    import httpx2

    # A TypeError is the request itself: something in it is no JSON.
    wire = (anthropic.APIError, httpx2.HTTPError, httpx2.StreamError, httpx2.InvalidURL)
    return (*wire, ValueError, AssertionError, TypeError)
