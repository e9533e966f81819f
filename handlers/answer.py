"""The ONE handler: it opens the reply, asks Claude once for the whole answer, and delivers it.

It knows no single door: what it must know of one is data (bot/door.py), replies come from a map by kind of address,
threads from a map by source.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

import structlog

from bot.door import Known
from bot.errors import BATCH, BUSY, RESERVED, SPENT, Refused, TryAgain, Waits
from bot.events import Answer, Event, Place, Reply
from bot.parts import Replies
from bot.rules.rule import Rule, RuleBook
from bot.settings import Settings
from bot.waiting import LONG_S
from handlers import alerts, batch
from handlers.attachments import read_attachments
from handlers.budget import Budget, midnight_before
from handlers.claude import Ask
from handlers.claude.answering import Show
from handlers.claude.till import Till
from handlers.claude.window import Counter, fit
from handlers.columns import with_values
from handlers.gathering import Gather, Gathering
from handlers.night.asking import Asked, GiveUp, Job, NightAsking
from handlers.outage import LASTS, SILENT, Outages
from handlers.progress import OpenEvents
from handlers.prompt import build_ask
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


class AnswerHandler:
    """The handler that the engine calls. `replies` by kind of address, `readers` by source.

    A Reply lives while its event is worked on in this process, and while it is among those that were parked last;
    after that, or a crash, it is made anew and finds its place again.
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
        night: NightAsking | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        when_over: Callable[[], None] = lambda: None,
    ) -> None:
        """`when_over` lets everything go on that is parked for an outage of Claude's API."""
        self._rules, self._settings, self._claude = rules, settings, claude
        self._routing, self._known = Routing(replies, known, deliveries), known
        self._gathering, self._budget, self._night, self._now = Gathering(readers, reading), budget, night, now
        self._outages = Outages(now, when_over)
        self._events = OpenEvents(self._outages.forget)

    async def started(self) -> None:
        """The engine works now: what waits for money may look again, for the ceilings may be others."""
        if self._budget:
            await self._budget.call_all()

    async def open_reply(self, event: Event, attempt: int) -> Place:
        """Take the reply's place; where an earlier run may have taken it, the reply looks for it."""
        self._claude.warm_up()
        progress = self._events.of(event.id)
        reply = progress.reply or self._make_reply(event)
        place = await reply.open(None if attempt == 1 else {})
        progress.reply = reply
        log.info("reply opened", event_id=event.id, source=event.source, attempt=attempt)
        return place

    async def answer(self, event: Event, place: Place, stop: asyncio.Event) -> Answer:
        """Ask Claude. Raises Refused (final), TryAgain (another attempt) or Waits (much later), in plain words."""
        if event.source == alerts.SOURCE:
            return Answer(event.text, "", "end_turn")
        rule = self._rule(event)
        try:
            if rule.lane == "night" and self._night is not None:
                with contextlib.suppress(GiveUp):
                    return await self._by_night(event, rule, self._night, stop)
            return await self._by_day(event, rule, place, stop)
        except Refused as error:
            raise await self._refused(event, rule, error) from None
        except Waits as error:
            if error.waits_for == RESERVED and self._is_long(event):
                await self.wait(event, error.reason, None)
            raise

    async def _by_day(self, event: Event, rule: Rule, place: Place, stop: asyncio.Event) -> Answer:
        await self._hold(event)
        progress = self._events.of(event.id)
        progress.begun_at = progress.begun_at or self._now()
        if progress.is_told:
            progress.is_told = False
            await (await self._reply(event, place)).open(place)  # a sign of life again, after a long wait
        asked = await self._build(event, rule)
        till = self._budget.till(event, rule) if self._budget else None
        try:
            answer = await self._ask(asked.ask, await self._reply(event, place), stop, till)
        except TryAgain as error:
            raise await self._waits(event, error) from None
        self._outages.answered()
        try:
            answer = with_values(answer, rule.columns, asked.ask.max_tokens)
        except (Refused, TryAgain):
            if till:
                await till.settle(answer.model, answer.usage, answer.cost_usd)
            raise
        log.info("claude answered", event_id=event.id, model=answer.model, stop_reason=answer.stop_reason)
        return replace(answer, notes=tuple(dict.fromkeys((*asked.notes, *answer.notes))))

    async def _build(self, event: Event, rule: Rule) -> Asked:
        """The question as it is put to Claude, by day and by night."""
        if self._budget:
            await self._budget.check(event, rule)
        gathered = await self._gathering.gather(event, rule)
        documents, notes = await read_attachments(event, gathered)
        profile = self._known.doors[rule.on].profile
        asked = build_ask(event, rule, profile, self._settings, gathered, documents=documents)
        ask, fit_notes = await fit(asked, self._claude)
        return Asked(ask, (*notes, *fit_notes))

    async def _by_night(self, event: Event, rule: Rule, night: NightAsking, stop: asyncio.Event) -> Answer:
        till = self._budget.till(event, rule, is_batch=True) if self._budget else None
        job = Job(
            event,
            rule,
            build=lambda: self._build(event, rule),
            finish=lambda answer, most: with_values(answer, rule.columns, most),
            till=till,
            is_quick=event.source == batch.SOURCE,
        )
        try:
            answer = await night.answer(job, stop)
        except Waits as waits:
            if waits.waits_for == BATCH and self._can_tell_quietly(event, rule):
                await self.wait(event, waits.reason, waits.until)
            self._events.forget(event.id)  # thousands may wait for hours
            raise
        log.info("claude answered", event_id=event.id, model=answer.model, stop_reason=answer.stop_reason)
        return answer

    def _can_tell_quietly(self, event: Event, rule: Rule) -> bool:
        places = [self._known.reply_address(place, event) for place in rule.reply] or [event.reply_to]
        return all(self._known.replies[place.kind].is_quiet for place in places)

    async def wait(self, event: Event, reason: str, until: datetime | None) -> None:
        """Say where the person waits that the answer comes later, and why. Never raises."""
        try:
            await (await self._reply(event, None)).wait(reason, until)
            self._events.of(event.id).is_told = True
        except Exception as error:  # noqa: BLE001  # a line that cannot be shown must not cost the answer that comes
            log.warning("wait could not be shown", event_id=event.id, error=type(error).__name__)

    async def _leave_lane(self, event: Event) -> None:
        rule = self._known_rule(event)
        if self._night is not None and rule is not None and rule.lane == "night":
            await self._night.forget(event.id)

    async def _hold(self, event: Event) -> None:
        """In an outage one question tries for all that nobody watches."""
        reply = self._events.of(event.id).reply
        waits = self._outages.hold() if reply is not None and not reply.watched else None
        if waits is not None:
            await self._tell_outage(event, waits)
            raise waits

    async def _tell_outage(self, event: Event, waits: Waits) -> None:
        """Say it once; whoever would get a mail of its own for it (`is_told`) only when it lasts."""
        profile, watched = self._known.doors[self._rule(event).on].profile, (await self._reply(event, None)).watched
        lasts = waits.until is not None and waits.until - self._now() >= LASTS
        if not self._events.of(event.id).is_told and (watched or lasts or not profile.is_told):
            await self.wait(event, SILENT, None)

    async def _refused(self, event: Event, rule: Rule, error: Refused) -> Refused | Waits:
        """Whoever asked is refused, and can ask again; a row or a file waits for the next day's money by itself."""
        profile = self._known.doors[rule.on].profile
        asks_again = rule.lane == "now" and (profile.text_is_request or profile.is_told)
        if error.code != SPENT or asks_again:
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
        self._events.of(event.id).begun_at = None
        await self.wait(event, CLAUDE_IS_BUSY, until)
        return Waits(CLAUDE_IS_BUSY, until, waits_for=BUSY)

    def _is_long(self, event: Event) -> bool:
        """Whether its person has waited so long that a word is due."""
        begun_at = self._events.of(event.id).begun_at or self._now()
        return self._now() - begun_at > timedelta(seconds=OUTAGE_S)

    async def deliver(self, event: Event, place: Place, answer: Answer) -> None:
        """Put the stored answer where it belongs."""
        self._paid(event)
        reply = await self._reply(event, place)
        await reply.finish(answer)
        await self._leave_lane(event)

    async def fail(self, event: Event, place: Place | None, reason: str) -> None:
        """Tell the person that there is no answer, and why."""
        self._paid(event)
        reply = await self._reply(event, place)
        await reply.fail(reason)
        await self._leave_lane(event)

    def over(self, event_id: str, *, is_parked: bool) -> None:
        """Forget what a run knew; of what goes on later it is kept who was told, and since when, as long as it may."""
        if is_parked:
            self._events.park(event_id)
        else:
            self._events.forget(event_id)

    async def _ask(self, ask: Ask, reply: Reply, stop: asyncio.Event, till: Till | None) -> Answer:
        if reply.watched:
            return await self._claude.stream(ask, reply.show, stop, till)
        return await self._claude.complete(ask, stop, till)

    def _paid(self, event: Event) -> None:
        rule = self._known_rule(event)
        if self._budget and rule:
            self._budget.paid(event, rule)

    async def _reply(self, event: Event, place: Place | None) -> Reply:
        progress = self._events.of(event.id)
        if progress.reply is None:
            reply = self._make_reply(event)
            await reply.open({} if place is None else place)
            progress.reply = reply
        return progress.reply

    def _make_reply(self, event: Event) -> Reply:
        return self._routing.reply_for(event, self._known_rule(event))

    def _known_rule(self, event: Event) -> Rule | None:
        # A rule may have been renamed or removed since: the door's own rule stands in.
        return self._rules.named(event.rule) or self._rules.named(event.source)

    def _rule(self, event: Event) -> Rule:
        rule = self._known_rule(event)
        if rule is None:
            raise Refused(f'The rule "{event.rule}" was removed, so nobody knows what to ask. Put it back and retry.')
        return rule.with_overrides(event.overrides)
