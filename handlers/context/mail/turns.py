"""The earlier turns of a mail's thread, theirs and ours, from our own memory of what was asked and answered."""

from __future__ import annotations

from typing import Protocol

from bot.doors.mail.mail_store import MailTexts
from bot.events import Answer, Event, Receipt
from handlers.prompt import Turn

MOST_TURNS = 20
"""Mails of a thread that are sent along, the newest."""
MOST_CHARS = 60_000
"""Of all of them together; older ones are left out first."""


class Memory(Protocol):
    """What is known of events; `bot.receipts.Receipts` is one."""

    def in_conversation(self, conversation: str, limit: int = 100) -> list[Receipt]:
        """The receipts of one conversation, newest first."""

    def event(self, event_id: str) -> Event | None:
        """The event itself."""

    def answer(self, event_id: str) -> Answer | None:
        """Its stored answer."""


def earlier_turns(event: Event, memory: Memory, texts: MailTexts) -> list[Turn]:
    """What was asked and answered before this event, oldest first. Blocks."""
    turns: list[Turn] = []
    chars = 0
    before = [one for one in memory.in_conversation(event.conversation) if one.id != event.id]
    for receipt in before[:MOST_TURNS]:
        asked, text = memory.event(receipt.id), texts.of(receipt.id)
        if asked is None or not text.strip() or (asked.time, asked.id) >= (event.time, event.id):
            continue
        answer = memory.answer(receipt.id)
        chars += len(text) + len(answer.text if answer else "")
        if chars > MOST_CHARS:
            break
        ours = [Turn("", answer.text, ours=True)] if answer and answer.text.strip() else []
        turns = [_theirs(asked, text, event), *ours, *turns]
    return turns


def _theirs(asked: Event, text: str, now: Event) -> Turn:
    speaker = asked.fields.get("From") or asked.person
    when = f"{asked.time:%Y-%m-%d %H:%M}"
    return Turn(speaker, text, trusted=bool(now.person) and asked.person == now.person, when=when)
