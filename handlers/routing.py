"""Where an answer goes: the reply of one event, or one reply that is several, each delivered once on its own."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol, TypeVar

import structlog

from bot.door import NO_WAY, Known, Profile, streams
from bot.errors import BellhopError, Refused, TryAgain, Waits
from bot.events import Answer, Delivery, Event, Json, Place, Reply
from bot.parts import Replies, Standing, Stands
from bot.retry import went_wrong
from bot.rules.rule import Rule

T = TypeVar("T")
OPEN_WITHIN_S = 1.0
"""Of several places none keeps the others, and Claude, waiting longer; it is opened when the answer is there."""

log = structlog.get_logger()


class KeptDeliveries(Protocol):
    """Where it is kept which places have the answer (bot/deliveries.py)."""

    def of(self, event_ids: Sequence[str]) -> Mapping[str, Sequence[Delivery]]: ...

    def keep(self, event_id: str, number: int, delivery: Delivery, thread: str = "") -> None: ...


class _Unkept:
    """Where nothing is kept."""

    def of(self, event_ids: Sequence[str]) -> Mapping[str, Sequence[Delivery]]:
        del event_ids
        return {}

    def keep(self, event_id: str, number: int, delivery: Delivery, thread: str = "") -> None:
        """Forget it."""


class Routing:
    """Makes the reply of an event from what its rule names. `replies` by kind of address."""

    def __init__(self, replies: Mapping[str, Replies], known: Known, deliveries: KeptDeliveries | None = None) -> None:
        self._replies, self._known = replies, known
        self._deliveries = deliveries or _Unkept()

    def reply_for(self, event: Event, rule: Rule | None) -> Reply:
        """The reply to where the event came from, or to all that its rule names. Raises Refused where none is open."""
        door = self._known.doors.get(rule.on if rule else event.source)
        watched = streams(rule, door.profile if door else Profile())
        if rule is None or not rule.reply:
            return self._one(event, watched=watched)
        places = {place: self._routed(place, event, watched=watched) for place in rule.reply}
        return RoutedReply(event, places, self._deliveries)

    def _routed(self, place: str, event: Event, *, watched: bool) -> Reply | Refused:
        try:
            return self._one(replace(event, reply_to=self._known.reply_address(place, event)), watched=watched)
        except Refused as error:
            return error

    def _one(self, event: Event, *, watched: bool) -> Reply:
        replies = self._replies.get(event.reply_to.kind)
        if replies is None:
            raise Refused(NO_WAY.format(kind=event.reply_to.kind))
        return replies.reply_for(event, watched=watched)


class RoutedReply:
    """One reply that is several. A place that fails is tried again alone, and named when it stays so.

    `places`: by the name that the rule gives it, its reply, or why there is none.
    """

    def __init__(self, event: Event, places: Mapping[str, Reply | Refused], deliveries: KeptDeliveries) -> None:
        self._event, self._places, self._deliveries = event, places, deliveries
        self.watched = any(not isinstance(reply, Refused) and reply.watched for reply in places.values())
        self._opened: set[str] = set()

    async def open(self, place: Place | None) -> Place:
        """Open every place that has no answer yet; raises only when not one of them can be opened."""
        before = (place or {}).get("each")
        kept = before if isinstance(before, dict) else {}

        async def opened(name: str, reply: Reply) -> Json:
            own = kept.get(name)
            try:
                async with asyncio.timeout(OPEN_WITHIN_S if len(self._places) > 1 else None):
                    return await reply.open(own if isinstance(own, dict) else None if place is None else {})
            except TimeoutError:
                raise TryAgain("It does not answer.") from None

        places: dict[str, Json] = {}
        pending = await self._pending()
        faults = await self._each(pending, opened, places)
        self._opened |= places.keys()
        if faults and len(faults) == len(pending):
            raise self._worst(faults)
        return {"each": {**kept, **places}}

    async def show(self, text_so_far: str) -> None:
        """Show it where the answer grows."""
        for name in self._opened:
            reply = self._places[name]
            if not isinstance(reply, Refused) and reply.watched:
                await reply.show(text_so_far)

    async def wait(self, reason: str, until: datetime | None) -> None:
        """Say so at each place."""
        await self._each(await self._pending(), lambda _, reply: reply.wait(reason, until))

    async def finish(self, answer: Answer) -> None:
        """Deliver to every place that has not got it; raises, with all places named, while one has not."""

        async def delivered(name: str, reply: Reply) -> None:
            if name not in self._opened:
                await reply.open({})
                self._opened.add(name)
            await reply.finish(answer)
            standing = await reply.standing() if isinstance(reply, Stands) else Standing()
            await self._keep(Delivery(name, "delivered", link=standing.link), standing.thread)

        faults = await self._each(await self._pending(), delivered)
        for name, fault in faults.items():
            await self._keep(Delivery(name, "failed", reason=_words(fault)))
        if faults:
            raise self._worst(faults)

    async def fail(self, reason: str) -> None:
        """Say so at every place that has no answer."""
        faults = await self._each(await self._pending(), lambda _, reply: reply.fail(reason))
        if faults and len(faults) == len(self._places):
            raise self._worst(faults)

    def _reply(self, name: str) -> Reply:
        reply = self._places[name]
        if isinstance(reply, Refused):
            raise reply
        return reply

    async def _pending(self) -> list[str]:
        known = (await asyncio.to_thread(self._deliveries.of, [self._event.id])).get(self._event.id, ())
        done = {delivery.to for delivery in known if delivery.state == "delivered"}
        return [name for name in self._places if name not in done]

    async def _keep(self, delivery: Delivery, thread: str = "") -> None:
        number = list(self._places).index(delivery.to)
        await asyncio.to_thread(self._deliveries.keep, self._event.id, number, delivery, thread)

    def _worst(self, faults: Mapping[str, BellhopError]) -> BellhopError:
        """What to raise for them: a fault that may pass first, then a wait. With one place its own, else all named."""
        worst = min(faults.values(), key=lambda fault: isinstance(fault, Refused) * 2 + isinstance(fault, Waits))
        if len(self._places) == 1:
            return worst
        words = "; ".join(f"{name}: {_words(fault)}" for name, fault in faults.items())
        reason = f"Not delivered to {words}"
        if isinstance(worst, TryAgain):
            return TryAgain(reason, worst.after_s, worst.code)
        if isinstance(worst, Waits):
            return Waits(reason, worst.until, waits_for=worst.waits_for)
        return Refused(reason, worst.code)

    async def _each(
        self, names: Sequence[str], call: Callable[[str, Reply], Awaitable[T]], results: dict[str, T] | None = None
    ) -> dict[str, BellhopError]:
        """Do something at these places side by side; returns what went wrong where. One never keeps another waiting."""
        faults: dict[str, BellhopError] = {}

        async def tried(name: str) -> None:
            try:
                result = await call(name, self._reply(name))
                if results is not None:
                    results[name] = result
            except BellhopError as error:
                faults[name] = error
            except Exception:  # whatever one place raises must not keep the others from their answer
                log.exception("reply failed", event_id=self._event.id, place=name)
                faults[name] = TryAgain(went_wrong(self._event.id))

        await asyncio.gather(*map(tried, names))
        return {name: faults[name] for name in names if name in faults}


def _words(fault: BellhopError) -> str:
    return fault.reason.rstrip(".")
