"""What a mail says: its text without what it quotes, its files, and the earlier turns of its thread."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from bot.doors.mail.mail_store import MailTexts
from bot.errors import Refused, TryAgain
from bot.events import Event, MailThread
from bot.parts import Parts
from bot.rules.rule import RuleBook
from handlers.context.mail.turns import Memory, earlier_turns
from handlers.documents.letter import Letter, read_letter
from handlers.prompt import Gathered, Turn
from handlers.quoting import Parted, part
from handlers.quoting.marks import is_answer

EMPTY = "The mail was empty: it had no subject, no text and no attachment. Write what you would like to know."
TOO_BIG = "This mail has {size:.0f} MB, and at most 25 MB are read. Send the part that matters, or a link's content."
NOT_KEPT = "This mail was left alone when it came, and only its first lines were kept. Have it sent again."
GONE = "The copy of this mail is not there any more. Have it sent again."
QUOTED = "quoted in the mail"
MOST_BYTES = 25 * 1024 * 1024


class MailReader:
    """`memory` knows the events and answers of a conversation, `rules` what is asked about a mail."""

    def __init__(self, memory: Memory, texts: MailTexts, rules: RuleBook) -> None:
        self._memory, self._texts, self._rules = memory, texts, rules

    async def gather(self, event: Event) -> Gathered:
        """Read the mail of an event. Raises Refused, in words for whoever sent it, when nothing can be read of it."""
        if not event.attachments:
            return Gathered()
        letter = await self._letter(event)
        parted = self._parted(event, letter)
        turns = await asyncio.to_thread(earlier_turns, event, self._memory, self._texts)
        if not turns and parted.history.strip():
            turns = [Turn(QUOTED, parted.history)]  # of a thread that we took no part in, the mail alone tells
        await asyncio.to_thread(self._texts.keep, event.id, parted.new)
        rule = self._rules.named(event.rule) or self._rules.named(event.source)
        is_material = bool(rule and rule.ask.strip())
        return Gathered(
            turns=tuple(turns),
            documents=letter.documents,
            notes=letter.notes,
            text=_shown(event, parted.new, ("From", "Date", "Subject") if is_material else ("Subject",)),
            speaker="" if is_material else event.fields.get("From", ""),
            when="" if is_material else event.fields.get("Date", ""),
            has_read_files=True,
        )

    async def _letter(self, event: Event) -> Letter:
        copy = event.attachments[0]
        if copy.path is None:
            size = copy.size_bytes or 0
            raise Refused(TOO_BIG.format(size=size / 1024**2) if size > MOST_BYTES else NOT_KEPT)
        path = Path(copy.path)
        if not await asyncio.to_thread(path.is_file):
            raise TryAgain(GONE)
        letter = await read_letter(path)
        if not letter.text.strip() and not letter.documents:
            if letter.notes:
                raise Refused(" ".join(letter.notes))
            if not _subject(event):
                raise Refused(EMPTY)
        return letter

    def _parted(self, event: Event, letter: Letter) -> Parted:
        address = event.reply_to
        answers = (isinstance(address, MailThread) and bool(address.references)) or is_answer(event.subject)
        return part(letter.text, event.subject, answers=answers)


def _shown(event: Event, text: str, headers: tuple[str, ...]) -> str:
    """The text below these of its headers; the operator's `ask` speaks first where the mail is only material."""
    head = "\n".join(f"{name}: {event.fields[name]}" for name in headers if event.fields.get(name))
    return "\n\n".join(part for part in (head, text) if part)


def _subject(event: Event) -> str:
    return event.fields.get("Subject", "")


def open_reader(parts: Parts) -> Callable[[Event], Awaitable[Gathered]]:
    """What reads a mail from its private copy, and its thread from our own memory."""
    return MailReader(parts.engine.receipts, MailTexts(parts.database), parts.rules).gather
