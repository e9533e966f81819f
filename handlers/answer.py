"""The ONE handler: it opens the reply, asks Claude once for the whole answer, and delivers it.

It knows no single door: what it must know of one is data (bot/door.py), replies come from a map by kind of address,
threads from a map by source.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

import structlog

from bot.door import Known
from bot.errors import BUSY, RESERVED, SPENT, Refused, TryAgain, Waits
from bot.events import Answer, Attachment, Event, Place, Reply
from bot.parts import Replies
from bot.rules.rule import Rule, RuleBook
from bot.settings import Settings
from bot.text import whole
from bot.waiting import LONG_S
from handlers import alerts
from handlers.budget import Budget, midnight_before
from handlers.claude import Ask
from handlers.claude.answering import Show
from handlers.claude.till import Till
from handlers.claude.window import Counter, fit
from handlers.columns import typed_values, values_text
from handlers.documents.document import Document
from handlers.gathering import Gather, Gathering
from handlers.outage import LASTS, SILENT, Outages
from handlers.prompt import Gathered, build_ask
from handlers.reading.reading import Reading
from handlers.routing import KeptDeliveries, Routing

log = structlog.get_logger()


class Asker(Counter, Protocol):
    """What the handler needs of Claude (handlers/claude/client.py says how each behaves)."""

    def warm_up(self) -> None:
        """A question is on its way."""

    async def stream(self, ask: Ask, show: Show, stop: asyncio.Event, till: Till | None = None) -> Answer:
        """The whole answer, shown as it comes."""

    async def complete(self, ask: Ask, stop: asyncio.Event, till: Till | None = None) -> Answer:
        """The whole answer in one shot."""


CLAUDE_IS_BUSY = "Claude is busy"
OUTAGE_S = 75.0
"""After so long without an answer the person is told. Calls that fail at once are over by then, all their tries."""
BUDGET_IS_SPENT = "It waits for tomorrow's budget"
UNFITTING = "The answer did not fit into {limit} tokens, so its columns stay empty. Raise the rule's max_tokens."


class AnswerHandler:
    """The handler that the engine calls. `replies` by kind of address, `readers` by source.

    A Reply lives for the run of its event in this process; after a crash it is made anew and finds its place again.
    """

    def __init__(
        self,
        rules: RuleBook,
        settings: Settings,
        claude: Asker,
        replies: Mapping[str, Replies],
        known: Known,
        *,
        readers: Mapping[str, Gather] | None = None,
        budget: Budget | None = None,
        deliveries: KeptDeliveries | None = None,
        reading: Reading | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        when_over: Callable[[], None] = lambda: None,
    ) -> None:
        """`when_over` lets everything go on that is parked for an outage of Claude's API."""
        self._rules, self._settings, self._claude = rules, settings, claude
        self._routing, self._known = Routing(replies, known, deliveries), known
        self._gathering, self._budget, self._now = Gathering(readers, reading), budget, now
        self._outages = Outages(now, when_over)
        self._open: dict[str, Reply] = {}
        self._told: set[str] = set()
        self._begun: dict[str, datetime] = {}

    async def started(self) -> None:
        """The engine works now: what waits for money may look again, for the ceilings may be others."""
        if self._budget:
            await self._budget.call_all()

    async def open_reply(self, event: Event, attempt: int) -> Place:
        """Take the reply's place; where an earlier run may have taken it, the reply looks for it."""
        self._claude.warm_up()
        reply = self._open.get(event.id) or self._make_reply(event)
        place = await reply.open(None if attempt == 1 else {})
        self._open[event.id] = reply
        log.info("reply opened", event_id=event.id, source=event.source, attempt=attempt)
        return place

    async def answer(self, event: Event, place: Place, stop: asyncio.Event) -> Answer:
        """Ask Claude. Raises Refused (final), TryAgain (another attempt) or Waits (much later), in plain words."""
        if event.source == alerts.SOURCE:
            return Answer(event.text, "", "end_turn")
        rule = self._rule(event)
        await self._hold(event)
        self._begun.setdefault(event.id, self._now())
        if event.id in self._told:
            self._told.discard(event.id)
            await (await self._reply(event, place)).open(place)  # a sign of life again, after a long wait
        try:
            return await self._asked(event, rule, place, stop)
        except Refused as error:
            raise await self._refused(event, rule, error) from None
        except Waits as error:
            if error.waits_for == RESERVED and self._is_long(event):
                await self.wait(event, error.reason, None)
            raise

    async def _asked(self, event: Event, rule: Rule, place: Place, stop: asyncio.Event) -> Answer:
        if self._budget:
            await self._budget.check(event, rule)
        gathered = await self._gathering.gather(event, rule)
        documents, notes = await read_attachments(event, gathered)
        profile = self._known.doors[rule.on].profile
        asked = build_ask(event, rule, profile, self._settings, gathered, documents=documents)
        ask, fit_notes = await fit(asked, self._claude)
        till = self._budget.till(event, rule) if self._budget else None
        try:
            answer = await self._ask(ask, await self._reply(event, place), stop, till)
        except TryAgain as error:
            raise await self._waits(event, error) from None
        self._outages.answered()
        try:
            answer = with_values(answer, rule, ask.max_tokens)
        except (Refused, TryAgain):
            if till:
                await till.settle(answer.model, answer.usage, answer.cost_usd)
            raise
        log.info("claude answered", event_id=event.id, model=answer.model, stop_reason=answer.stop_reason)
        return replace(answer, notes=tuple(dict.fromkeys((*notes, *fit_notes, *answer.notes))))

    async def wait(self, event: Event, reason: str, until: datetime | None) -> None:
        """Say where the person waits that the answer comes later, and why. Never raises."""
        try:
            await (await self._reply(event, None)).wait(reason, until)
            self._told.add(event.id)
        except Exception as error:  # noqa: BLE001  # a line that cannot be shown must not cost the answer that comes
            log.warning("wait could not be shown", event_id=event.id, error=type(error).__name__)

    def _forget(self, event_id: str) -> None:
        self._open.pop(event_id, None)
        self._begun.pop(event_id, None)
        self._told.discard(event_id)
        self._outages.forget(event_id)

    async def _hold(self, event: Event) -> None:
        """In an outage one question tries for all that nobody watches."""
        reply = self._open.get(event.id)
        waits = self._outages.hold() if reply is not None and not reply.watched else None
        if waits is not None:
            await self._tell_outage(event, waits)
            raise waits

    async def _tell_outage(self, event: Event, waits: Waits) -> None:
        """Say it once; whoever would get a mail of its own for it (`is_told`) only when it lasts."""
        profile, watched = self._known.doors[self._rule(event).on].profile, (await self._reply(event, None)).watched
        lasts = waits.until is not None and waits.until - self._now() >= LASTS
        if event.id not in self._told and (watched or lasts or not profile.is_told):
            await self.wait(event, SILENT, None)

    async def _refused(self, event: Event, rule: Rule, error: Refused) -> Refused | Waits:
        """Whoever asked is refused, and can ask again; a row or a file waits for the next day's money by itself."""
        profile = self._known.doors[rule.on].profile
        if error.code != SPENT or profile.text_is_request or profile.is_told:
            return error
        until = midnight_before(self._now()) + timedelta(days=1)
        await self.wait(event, BUDGET_IS_SPENT, until)
        return Waits(BUDGET_IS_SPENT, until, waits_for=SPENT)

    async def _waits(self, event: Event, error: TryAgain) -> TryAgain | Waits | Refused:
        """A short wait as it is; a long one is told, and holds no worker."""
        if error.after_s is None or error.after_s <= LONG_S:
            outage = self._outages.failed(event.id, error, watched=(await self._reply(event, {})).watched)
            if isinstance(outage, Waits):
                await self._tell_outage(event, outage)
            elif self._is_long(event):
                await self.wait(event, SILENT, None)
            return outage or error
        until = self._now() + timedelta(seconds=error.after_s)
        self._begun.pop(event.id, None)
        await self.wait(event, CLAUDE_IS_BUSY, until)
        return Waits(CLAUDE_IS_BUSY, until, waits_for=BUSY)

    def _is_long(self, event: Event) -> bool:
        """Whether its person has waited so long that a word is due."""
        return self._now() - self._begun[event.id] > timedelta(seconds=OUTAGE_S)

    async def deliver(self, event: Event, place: Place, answer: Answer) -> None:
        """Put the stored answer where it belongs."""
        self._paid(event)
        reply = await self._reply(event, place)
        await reply.finish(answer)
        self._forget(event.id)

    async def fail(self, event: Event, place: Place | None, reason: str) -> None:
        """Tell the person that there is no answer, and why."""
        self._paid(event)
        reply = await self._reply(event, place)
        await reply.fail(reason)
        self._forget(event.id)

    async def _ask(self, ask: Ask, reply: Reply, stop: asyncio.Event, till: Till | None) -> Answer:
        if reply.watched:
            return await self._claude.stream(ask, reply.show, stop, till)
        return await self._claude.complete(ask, stop, till)

    def _paid(self, event: Event) -> None:
        rule = self._known_rule(event)
        if self._budget and rule:
            self._budget.paid(event, rule)

    async def _reply(self, event: Event, place: Place | None) -> Reply:
        reply = self._open.get(event.id)
        if reply is None:
            reply = self._make_reply(event)
            await reply.open({} if place is None else place)
            self._open[event.id] = reply
        return reply

    def _make_reply(self, event: Event) -> Reply:
        return self._routing.reply_for(event, self._known_rule(event))

    def _known_rule(self, event: Event) -> Rule | None:
        # A rule may have been renamed or removed since: the door's own rule stands in.
        return self._rules.named(event.rule) or self._rules.named(event.source)

    def _rule(self, event: Event) -> Rule:
        rule = self._known_rule(event)
        if rule is None:
            raise Refused(f'The rule "{event.rule}" was removed, so nobody knows what to ask. Put it back and retry.')
        return replace(rule, **event.overrides)  # type: ignore[arg-type]  # its door has checked names and values


def with_values(answer: Answer, rule: Rule, max_tokens: int) -> Answer:
    """The answer with its typed columns, where the rule has some. Raises TryAgain when it does not fit them."""
    if not rule.columns:
        return answer
    if answer.stop_reason == "stopped":
        return replace(answer, text="")
    if answer.stop_reason not in {"end_turn", "stop_sequence"}:
        raise Refused(UNFITTING.format(limit=max_tokens))
    values = whole(typed_values(rule.columns, answer.text))  # JSON may name half a character
    return replace(answer, text=values_text(values), values=values)


async def read_attachments(event: Event, gathered: Gathered) -> tuple[list[Document], list[str]]:
    """The event's files as documents, and notes for the reader. Raises Refused when the only file cannot be read."""
    documents: list[Document] = []
    notes = list(gathered.notes)
    for attachment in () if gathered.has_read_files else event.attachments:
        try:
            document = await _read(attachment, gathered)
        except Refused as refusal:
            if len(event.attachments) == 1 and not event.text.strip():
                raise
            notes.append(f"{attachment.name}: {refusal.reason}")
            continue
        if document is not None:
            documents.append(document)
    everything = (*documents, *gathered.documents)
    if event.attachments and not everything and not event.text.strip() and not gathered.has_read_files:
        raise Refused(" ".join(notes))
    return documents, notes + [f"{document.name}: {note}" for document in everything for note in document.notes]


async def _read(attachment: Attachment, gathered: Gathered) -> Document | None:
    if attachment.path is None or attachment.sha256 is None:
        # Only a private copy, known by its hash, is opened as it stands: elsewhere a link may have taken its place.
        if gathered.documents or gathered.notes:
            return None  # the source's own reader fetched it, or said why not
        raise Refused("The file could not be fetched.")
    # Imported here: the readers of office files are not needed by chats.
    from handlers.documents import read_document

    path = Path(attachment.path)
    if not await asyncio.to_thread(path.is_file):
        raise TryAgain(f"The copy of {attachment.name} is not there just now. Drop the file again if this stays.")
    return await read_document(path, attachment.name)
