"""Another rule's questions and answers, those that no earlier run has told."""

from __future__ import annotations

import asyncio

from bot.events import Answer, Event, Receipt
from bot.parts import Parts
from bot.receipts import Receipts
from handlers.reading.material import Material, Seen, missing, text_of

MOST_EVENTS = 200
MOST_CHARS = 200_000
LOOKED_AT = 5_000


class PastEvents:
    """Reads the receipts."""

    def __init__(self, receipts: Receipts, rules: frozenset[str]) -> None:
        self._receipts, self._rules = receipts, rules

    async def read(self, place: str, seen: Seen) -> Material:
        """The oldest that were not told yet, as many as fit; the rest comes with the next run."""
        if place not in self._rules:
            return missing(f'there is no rule "{place}"')
        return await asyncio.to_thread(self._read, place, seen)

    def _read(self, rule: str, seen: Seen) -> Material:
        answered = self._receipts.answered_by(rule, LOOKED_AT)
        told = seen([receipt.id for receipt in answered])
        fresh = [receipt for receipt in answered if receipt.id not in told]
        pieces, items, chars = list[str](), list[str](), 0
        for receipt in fresh[:MOST_EVENTS]:
            piece = self._piece(receipt)
            chars += len(piece)
            if items and chars > MOST_CHARS:
                break
            pieces.append(piece)
            items.append(receipt.id)
        if not items:
            return Material("nothing new")
        left = len(fresh) - len(items)
        rest = f"; {left} more come with the next run" if left else ""
        document = text_of(f"answers of {rule}", "questions and answers", "\n\n".join(pieces))
        notes = (f"{left} more come with the next run",) if left else ()
        return Material(f"{len(items)} questions with their answers{rest}", (document,), tuple(items), notes)

    def _piece(self, receipt: Receipt) -> str:
        event, answer = self._receipts.event(receipt.id), self._receipts.answer(receipt.id)
        head = f"[{receipt.received_at:%Y-%m-%d %H:%M} UTC] {receipt.subject}"
        return "\n".join((head, f"Question: {_asked(event)}", f"Answer: {_said(answer)}"))


def _asked(event: Event | None) -> str:
    if event is None:
        return ""
    fields = "; ".join(f"{name}: {value}" for name, value in event.fields.items()) if not event.text else ""
    return (event.text or fields or event.subject).strip()


def _said(answer: Answer | None) -> str:
    return answer.text.strip() if answer else ""


def open_source(parts: Parts) -> PastEvents:
    """What reads the receipts of this database."""
    return PastEvents(parts.engine.receipts, frozenset(rule.name for rule in parts.rules.rules))
