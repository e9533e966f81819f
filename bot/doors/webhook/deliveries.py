"""How what came in over HTTP becomes an event: with its files and its delivery's name, durable in one commit."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import sqlalchemy as sa

from bot.doors.webhook.delivery_store import DeliveryStore, File, Known
from bot.doors.webhook.rule import WebhookRule
from bot.events import Attachment, Emit, Event, HttpCaller, Receipt
from bot.rules.rule import Rule
from bot.text import whole, whole_text

__all__ = ["Deliveries", "Delivery", "File", "Forgotten", "OtherBody", "event_of"]

SOURCE = "webhook"
SUBJECT_CHARS = 200


class OtherBody(Exception):
    """The same delivery came before with another body."""


class Forgotten(Exception):
    """This delivery came before and was seen to, but its receipt is kept no more."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What came in for a rule's hook or form. Texts are untrusted; `delivery_id` names it for its sender.

    The same id and body are the same event; without an id it is a new one. `body_sha256` "" compares nothing.
    `overrides` as an event has them.
    """

    rule: Rule
    text: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    files: tuple[File, ...] = ()
    delivery_id: str = ""
    body_sha256: str = ""
    conversation: str = ""
    subject: str = ""
    overrides: Mapping[str, str | int] = field(default_factory=dict)

    @property
    def hook(self) -> str:
        """The hook that it came to."""
        return self.rule.of(WebhookRule).hook


class Deliveries:
    """Accepts deliveries. `emit` is the engine's; `clock` in seconds since 1970."""

    def __init__(self, emit: Emit, store: DeliveryStore, clock: Callable[[], float] = time.time) -> None:
        self._emit, self._store, self._clock = emit, store, clock

    async def accept(self, delivery: Delivery) -> Receipt:
        """Return once it is durable: the receipt of a new event, or of the one that this delivery became before.

        Raises OtherBody when its id came with another body, Forgotten when it came long ago, TryAgain when nothing can
        be stored now.
        """
        now_s = self._clock()
        name = named(delivery)
        event = event_of(delivery, name, now_s)
        known = Known(delivery.body_sha256, event.id, now_s)

        def record(connection: sa.Connection) -> None:
            # Without an id it cannot come again, so there is nothing to remember.
            before = self._store.remember(connection, delivery.hook, name, known) if delivery.delivery_id else None
            if before is not None:
                _demand_same(before, known)
                return
            if delivery.files:
                self._store.keep_files(connection, event.id, delivery.files)
            if delivery.rule.of(WebhookRule).callback:
                self._store.callbacks.owe(connection, event.id, delivery.rule.name)

        return await self._emit(event, record)

    async def is_known(self, delivery: Delivery) -> bool:
        """Whether it came before."""
        return await asyncio.to_thread(self._store.is_known, delivery.hook, named(delivery))


def _demand_same(before: Known, now: Known) -> None:
    """Raise OtherBody or Forgotten where this is not the delivery that came before, or it came too long ago."""
    if before.body_sha256 != now.body_sha256:
        raise OtherBody
    if before.is_forgotten:
        raise Forgotten


def named(delivery: Delivery) -> str:
    """What a delivery is kept under: a hash of its id, of bounded length; a new one where it has none."""
    return (
        hashlib.sha256(delivery.delivery_id.encode()).hexdigest()[:32]
        if delivery.delivery_id
        else secrets.token_hex(16)
    )


def event_of(delivery: Delivery, name: str, now_s: float) -> Event:
    """The event that a delivery becomes; its id derives from `name`. Pure."""
    event_id = f"hook:{delivery.hook}:{name}"
    conversation = whole_text(delivery.conversation)
    return Event(
        id=event_id,
        source=SOURCE,
        rule=delivery.rule.name,
        text=delivery.text,
        subject=whole_text(delivery.subject)[:SUBJECT_CHARS] or delivery.hook,
        time=datetime.fromtimestamp(now_s, UTC),
        conversation=f"hook:{delivery.hook}:in:{conversation}" if conversation else event_id,
        reply_to=HttpCaller(delivery.hook),
        attachments=tuple(_attachment(file) for file in delivery.files),
        fields=whole(dict(delivery.fields)),
        overrides=dict(delivery.overrides),
    )


def _attachment(file: File) -> Attachment:
    digest = hashlib.sha256(file.data).hexdigest()
    return Attachment(file.name, size_bytes=len(file.data), sha256=digest)
