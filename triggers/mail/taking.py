"""The taking of a mail: read, decided, and made an event, a receipt that says why not, or nothing, in one commit.

How many answers a sender and a conversation had is counted in the receipts: nobody's word is taken for it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

import sqlalchemy as sa
import structlog

from bot.errors import Refused, TryAgain
from bot.events import Attachment, Emit, Event, MailThread, Receipt, Record
from bot.receipts import conversation_key
from bot.store.schema import receipts
from triggers.mail.copies import NAME, MailCopies
from triggers.mail.deciding import Counts, Decision, Policy, decide, event_from_mail
from triggers.mail.mails import RawMail
from triggers.mail.reading import Mail, read_mail

log = structlog.get_logger()

MOST_KEPT_BYTES = 1_000_000
"""Of a mail that is left alone: strangers do not fill this disk."""
NO_ROOM = "The copy of a mail could not be written ({reason})."

HOUR_S, DAY_S = 3_600.0, 86_400.0

CountsOf = Callable[[str, str], Counts]
"""Counts the answers of a sender and of a conversation; blocks."""


class Skip(Protocol):
    """Records an event as skipped, for a reason, without running it; `record` is called in the same transaction."""

    async def __call__(self, event: Event, reason: str, record: Record | None = None, *, code: str = "") -> Receipt:
        """Return once it is durable."""


class MailTaking:
    """See `Take`: what becomes of each new mail of a mailbox."""

    def __init__(self, policy: Policy, counts_of: CountsOf, copies: MailCopies, skip: Skip) -> None:
        self._policy, self._counts_of, self._copies, self._skip = policy, counts_of, copies, skip

    async def __call__(self, mail: RawMail, emit: Emit, record: Record) -> bool:
        """True: an event, answered or skipped, was kept together with `record`. False: nobody's mail."""
        try:
            found = await asyncio.to_thread(read_mail, mail.content)
        except Refused as refusal:
            await self._skip(_unreadable(mail, self._policy), f"skipped: {refusal.reason}", record, code=refusal.code)
            return True
        decision = await self._decision(found)
        if not decision.rule:
            return False
        event = await self._event(found, mail, decision)
        if decision.is_answered:
            await emit(event, record)
            return True
        log.info("mail left alone", event_id=event.id, code=decision.code)
        await self._skip(event, decision.why, record, code=decision.code)
        return True

    async def _decision(self, mail: Mail) -> Decision:
        """The brakes are asked last: most mails that are left alone need no look into the database."""
        first = decide(mail, self._policy)
        if not first.is_answered or mail.sender is None:
            return first
        conversation = f"mail:{mail.conversation}"
        counts = await asyncio.to_thread(self._counts_of, mail.sender.address, conversation)
        return decide(mail, self._policy, counts)

    async def _event(self, mail: Mail, raw: RawMail, decision: Decision) -> Event:
        copies = (Attachment(NAME, size_bytes=raw.size_bytes),)
        if raw.is_whole and (decision.is_answered or raw.size_bytes <= MOST_KEPT_BYTES):
            try:
                copies = (await asyncio.to_thread(self._copies.keep, mail.event_id, raw.content),)
            except OSError as error:
                raise TryAgain(NO_ROOM.format(reason=error.strerror)) from None
        received_at = raw.received_at or datetime.now(UTC)
        return event_from_mail(
            mail, decision.rule, self._policy, mailbox=raw.mailbox, received_at=received_at, copies=copies
        )


def _unreadable(raw: RawMail, policy: Policy) -> Event:
    """The event of bytes that no mail can be made of."""
    key = raw.content_key[:20]
    return Event(
        id=f"mail:0:{key}",
        source="mail",
        rule=policy.rules[0].name,
        text="",
        subject="(unreadable mail)",
        time=raw.received_at or datetime.now(UTC),
        conversation=f"mail:{key}",
        reply_to=MailThread(raw.mailbox, "", "", ""),
        attachments=(Attachment(NAME, size_bytes=raw.size_bytes),),
    )


class Answers:
    """What was answered, or is going to be: every mail that was not left alone."""

    def __init__(self, database: sa.Engine, clock: Callable[[], float] = time.time) -> None:
        self._database, self._clock = database, clock

    def counts(self, person: str, conversation: str) -> Counts:
        """For a sender's address, and the conversation of an event. Blocks."""
        now_s = self._clock()
        ours = (receipts.c.source == "mail") & (receipts.c.state != "skipped")
        theirs = ours & (receipts.c.person == person)
        thread = ours & (receipts.c.conversation == conversation_key(conversation))
        with self._database.connect() as connection:
            hour, day, whole = (
                int(connection.scalar(sa.select(sa.func.count()).select_from(receipts).where(condition)) or 0)
                for condition in (
                    theirs & (receipts.c.received_at >= now_s - HOUR_S),
                    theirs & (receipts.c.received_at >= now_s - DAY_S),
                    thread,
                )
            )
        return Counts(hour, day, whole)
