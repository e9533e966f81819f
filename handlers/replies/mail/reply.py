"""The reply to a mail: in its thread, as plain text and as a page, sent once or laid among the drafts.

Each mail of ours has a Message-ID that is made from its event, so it is the same one however often it is tried.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import structlog

from bot.doors.mail.addresses import Mailbox, normal
from bot.doors.mail.message_ids import Kind, digest, our_id
from bot.errors import Refused, TryAgain, Waits
from bot.events import Address, Answer, Event, MailThread, Place
from bot.waiting import waiting_words
from handlers.replies.mail.composing import Letter, Quoted, compose
from handlers.replies.mail.delivering import Delivery

log = structlog.get_logger()

LONG = timedelta(hours=1)
"""A shorter wait is not worth a mail."""
NOBODY = "There is no address that this answer could go to: the mail does not say clearly from whom it is."

QuestionOf = Callable[[Event], Awaitable[str]]
"""The text that an event's mail brought, to be quoted below the answer; "" for none."""


async def event_text(event: Event) -> str:
    """The question as it stands in the event itself."""
    return event.text


class MailReply:
    """Nobody watches a mailbox: one shot. Every method may be repeated without a second mail."""

    watched = False

    def __init__(
        self,
        event: Event,
        address: MailThread,
        sender: Mailbox,
        delivery: Delivery,
        question_of: QuestionOf = event_text,
    ) -> None:
        self._event, self._address, self._sender = event, address, sender
        self._delivery, self._question_of = delivery, question_of

    async def open(self, place: Place | None) -> Place:
        """Say which Message-ID the answer will have. Raises Refused when there is nobody to write to."""
        del place  # the event says it all
        if "@" not in self._address.to:
            raise Refused(NOBODY)
        return {"message_id": self._id("draft" if self._address.is_draft else "answer")}

    async def show(self, text_so_far: str) -> None:
        """Nobody is looking."""

    async def wait(self, reason: str, until: datetime | None) -> None:
        """Send one mail, once, when the answer takes more than an hour; of a draft, nobody is told anything."""
        now = self._delivery.now()
        if not self._address.is_draft and (until is None or until - now >= LONG):
            await self._send("wait", waiting_words(reason, until, now))

    async def finish(self, answer: Answer) -> None:
        """Return once the answer was sent, or lies among the drafts. Raises Waits while the server takes no mail."""
        await self._send("draft" if self._address.is_draft else "answer", answer.text, answer.notes)

    async def fail(self, reason: str) -> None:
        """Send the reason; of a draft the receipt alone says it, for nothing is sent without a person."""
        if self._address.is_draft:
            return
        try:
            await self._send("failure", reason)
        except Waits as error:  # a failure is told now or never
            raise TryAgain(error.reason) from None

    async def _send(self, kind: Kind, text: str, notes: tuple[str, ...] = ()) -> None:
        letter = await self._letter(kind, text, notes)
        await asyncio.to_thread(self._bring, letter)
        log.info("mail sent", event_id=self._event.id, kind=kind, message_id=letter.message_id)

    def _bring(self, letter: Letter) -> None:
        mail = compose(letter, self._delivery.now())
        if self._address.is_draft:
            self._delivery.lay_down(self._event.id, letter.message_id, mail)
        else:
            to = normal(letter.to)
            self._delivery.send(self._event.id, letter.message_id, self._sender.address, to, mail)

    async def _letter(self, kind: Kind, text: str, notes: tuple[str, ...]) -> Letter:
        answers = self._address.message_id
        submitted = "" if self._address.is_draft else "auto-replied" if answers else "auto-generated"
        return Letter(
            sender=self._sender,
            to=self._address.to,
            subject=self._address.subject,
            message_id=self._id(kind),
            text=text,
            notes=notes,
            answers=answers,
            references=self._address.references,
            quoted=await self._quoted(text),
            submitted=submitted,
        )

    async def _quoted(self, text: str) -> Quoted | None:
        """The question; what came through another door with all that was said, else nobody knows what is answered."""
        event = self._event
        question, who = await self._question_of(event), event.fields.get("From") or event.person
        if event.source == "mail":
            return Quoted(who, event.time, question) if question.strip() and who else None
        said = "\n".join(f"{name}: {value}" for name, value in event.fields.items() if value)
        question = question if question.strip() else said
        is_told = question.strip() and question != text  # an alert is its own answer
        return Quoted(event.person, event.time, question, event.subject) if is_told else None

    def _id(self, kind: Kind) -> str:
        source, _, mail = self._event.conversation.partition(":")
        conversation = mail if source == "mail" and self._address.message_id else digest(self._event.conversation)
        # An answer that goes to several addresses is a mail of its own for each.
        whose = self._event.id if self._address.message_id else f"{self._event.id} {normal(self._address.to)}"
        return our_id(conversation, whose, kind, self._sender.domain)


class MailReplies:
    """Makes a reply for each event; each delivery has connections of its own."""

    def __init__(self, sender: Mailbox, delivery: Delivery, question_of: QuestionOf = event_text) -> None:
        self._sender, self._delivery, self._question_of = sender, delivery, question_of

    def reply_for(self, event: Event, *, watched: bool) -> MailReply:
        """The reply of an event that is answered by mail; a mail does not grow before anybody's eyes."""
        del watched
        assert isinstance(event.reply_to, MailThread)
        return MailReply(event, event.reply_to, self._sender, self._delivery, self._question_of)

    async def note(self, address: Address, words: str) -> None:
        """Nothing: a mail that only they see would be a second answer."""

    async def aclose(self) -> None:
        """Nothing is held."""
