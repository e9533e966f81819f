"""The client of Claude: streamed and one-shot answers, token counts and the check of key and model.

The SDK is imported at the first use, in a thread, so that `bot --help` and the event loop do not pay for it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Iterable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import structlog

from bot.door import Finding
from bot.errors import OUTAGE, Refused, TryAgain
from bot.events import Answer
from bot.settings import Settings
from handlers.claude.answering import Answering, Clockwork, Show, Wire
from handlers.claude.ask import Ask, request_of
from handlers.claude.batches import Batches
from handlers.claude.caching import CacheMemory
from handlers.claude.prices import is_assumed
from handlers.claude.sdk import import_sdk
from handlers.claude.till import Till
from handlers.claude.verdict import KEYS_PAGE, NO_KEY, WRONG_URL, judge

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic

log = structlog.get_logger()

QUICK_S = 30.0
"""Token counts and model look-ups take no longer."""
STOPPED = "Stopped on request."


class Claude:
    """One client for the whole process; at most `claude_concurrency` calls are on their way at once."""

    def __init__(
        self, settings: Settings, clockwork: Clockwork | None = None, memory: CacheMemory | None = None
    ) -> None:
        self._settings = settings
        self._clockwork = clockwork or Clockwork(silence_s=settings.claude_silence_seconds)
        self._slots = asyncio.Semaphore(settings.claude_concurrency)
        self._client: AsyncAnthropic | None = None
        self._bare: set[str] = set()
        self._memory = memory or CacheMemory()
        self._warm = False

    async def stream(self, ask: Ask, show: Show, stop: asyncio.Event, till: Till | None = None) -> Answer:
        """The whole answer; `show` gets the whole text so far with every piece that comes.

        At the `till` every call is reserved, and all are paid but the one that the answer tells of; without one it
        tells of all. Raises Refused (asking again is no use), TryAgain (a passing fault that outlasted all tries) and
        Waits (from the till), in plain words.
        On `stop` the connection is closed at once and the answer is what is there: `stop_reason` "stopped".
        """
        return await self._answer(ask, show, stop, till, Wire(self._streamed, self._slots, self._memory))

    async def _answer(self, ask: Ask, show: Show, stop: asyncio.Event, till: Till | None, wire: Wire) -> Answer:
        with self._memory.asking(ask) as planned:
            return await self._answer_to(planned, show, stop, till, wire)

    async def _answer_to(self, ask: Ask, show: Show, stop: asyncio.Event, till: Till | None, wire: Wire) -> Answer:
        started = time.monotonic()
        await self._sdk()
        bare = ask.model in self._bare
        answering = Answering(ask, wire, show, self._clockwork, bare=bare, till=till)
        try:
            reason = await self._bounded(answering, ask, stop)
        except (Refused, TryAgain) as error:
            log.warning("no answer", event_id=ask.name, reason=error.reason)
            await answering.pay()
            raise
        if reason == "end_turn":
            self._memory.answered(ask, answering.bill.usage.output_tokens)
        if answering.question.bare:
            self._bare.add(ask.model)
        return Answer(
            text=answering.text,
            model=answering.bill.model,
            stop_reason=reason,
            usage=answering.bill.usage,
            cost_usd=answering.bill.cost_usd,
            duration_s=round(time.monotonic() - started, 3),
            notes=tuple(answering.question.notes),
        )

    async def complete(self, ask: Ask, stop: asyncio.Event, till: Till | None = None) -> Answer:
        """As `stream`, with nobody watching. Streams underneath: only a stream shows whether the model is alive."""
        wire = Wire(self._streamed, self._slots, self._memory, is_patient=True)
        return await self._answer(ask, _show_nobody, stop, till, wire)

    async def count_tokens(self, ask: Ask) -> int:
        """The tokens of the question with all its documents; free of charge. Raises Refused and TryAgain."""
        request = request_of(ask, ask.messages, bare=ask.model in self._bare)
        request.pop("max_tokens")
        client = await self._sdk()
        counted = await self._asked(client.messages.count_tokens(**request, timeout=QUICK_S))
        return int(counted.input_tokens)

    async def check(self, models: Iterable[str] = ()) -> list[Finding]:
        """Whether the key works and every model exists (the default one, and `models`)."""
        if not self._settings.anthropic_api_key:
            return [_finding("API key", ok=False, words="it is missing", fix=NO_KEY)]
        try:
            known = await self._known_models()
        except TryAgain as error:
            fix = "Is this machine online, and may it reach ANTHROPIC_BASE_URL?" if error.code == OUTAGE else ""
            return [_finding("API key", ok=False, words=error.reason, fix=fix)]
        except Refused as error:
            told = KEYS_PAGE in error.reason or WRONG_URL in error.reason
            return [
                _finding("API key", ok=False, words=error.reason, fix="" if told else f"Keys are made at {KEYS_PAGE}")
            ]
        wanted = dict.fromkeys((self._settings.claude_model, *models))
        return [_finding("API key", ok=True, words="it works")] + [
            await self._check_model(model, known) for model in wanted
        ]

    def batches(self) -> Batches:
        """The same client's way to Message Batches."""
        return Batches(self._sdk, self._clockwork.now)

    def warm_up(self) -> None:
        """Import the SDK in the background, once, while the reply opens: the first question waits less.

        Not done before a question is on its way: an idle process would hold a third more memory.
        """
        if not self._warm:
            self._warm = True
            asyncio.get_running_loop().run_in_executor(None, import_sdk)

    async def aclose(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.close()

    async def _sdk(self) -> AsyncAnthropic:
        if self._client is None:
            key = self._settings.anthropic_api_key
            if not key:
                raise Refused(NO_KEY)
            await asyncio.to_thread(import_sdk)
            self._client = self._client or _new_client(key.get_secret_value(), self._settings.anthropic_base_url)
        return self._client

    @asynccontextmanager
    async def _streamed(self, request: dict[str, Any]) -> AsyncIterator[AsyncIterator[Any]]:
        client = await self._sdk()
        async with await client.messages.create(**request, stream=True) as events:
            yield events

    async def _bounded(self, answering: Answering, ask: Ask, stop: asyncio.Event) -> str:
        """Run until done, stopped or out of time; whichever comes first, nothing is left running."""
        work = asyncio.create_task(answering.run())
        stopped = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({work, stopped}, timeout=ask.deadline_s, return_when=asyncio.FIRST_COMPLETED)
        finally:
            ended = work.done()
            for task in (work, stopped):
                task.cancel()
            await asyncio.gather(work, stopped, return_exceptions=True)
        if ended:
            return work.result()
        if stop.is_set():
            answering.question.notes.append(STOPPED)
            return "stopped"
        return _out_of_time(answering, ask)

    async def _known_models(self) -> dict[str, Any]:
        client = await self._sdk()
        page = await self._asked(client.models.list(limit=1000, timeout=QUICK_S))
        return {model.id: model for model in page.data}

    async def _check_model(self, name: str, known: dict[str, Any]) -> Finding:
        try:
            client = await self._sdk()
            model = known.get(name) or await self._asked(client.models.retrieve(name, timeout=QUICK_S))
        except (Refused, TryAgain):
            some = ", ".join(list(known)[:6])
            fix = f"Set CLAUDE_MODEL (or the rule's model) to one of: {some}" if some else "Check CLAUDE_MODEL"
            return _finding(f"model {name}", ok=False, words="there is no such model for this key", fix=fix)
        retires = getattr(model, "retires_at", None)
        if getattr(model, "lifecycle", "active") == "retired":
            return _finding(f"model {name}", ok=False, words="it is retired", fix="Set CLAUDE_MODEL to a newer one")
        words = f"it works, but retires on {retires:%Y-%m-%d}" if retires else "it works"
        words += "; its price is assumed (prices.toml may say it)" if is_assumed(name) else ""
        return _finding(f"model {name}", ok=True, words=words)

    async def _asked(self, call: Awaitable[Any]) -> Any:
        import anthropic
        import httpx2

        try:
            return await call
        except (anthropic.APIError, httpx2.HTTPError, httpx2.InvalidURL, ValueError, TypeError) as error:
            verdict = judge(error, self._clockwork.now())
            if verdict.course == "again":
                raise TryAgain(verdict.words, verdict.after_s, verdict.code) from None
            raise Refused(verdict.words) from None


async def _show_nobody(_text: str) -> None:
    """Nobody is watching."""


def _out_of_time(answering: Answering, ask: Ask) -> str:
    # What was paid for is kept: asking the same again would run out of time again, and cost again.
    if answering.text.strip() and ask.schema is None:
        answering.question.notes.append(f"The answer was cut after {ask.deadline_s:g} seconds; ask to continue.")
        return "deadline"
    raise TryAgain(f"Claude did not answer within {ask.deadline_s:g} seconds. Try again, or ask for less.")


def _new_client(key: str, base_url: str) -> AsyncAnthropic:
    import httpx2
    from anthropic import AsyncAnthropic

    # No read timeout: pings would reset it anyway. The watch over silence is ours.
    timeout = httpx2.Timeout(None, connect=10.0)
    return AsyncAnthropic(api_key=key, base_url=base_url, max_retries=0, timeout=timeout, open_telemetry=False)


def _finding(subject: str, *, ok: bool, words: str, fix: str = "") -> Finding:
    return Finding("claude", subject, ok, words, fix)
