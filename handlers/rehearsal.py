"""A question without its event's place: what would be asked and what it costs, or the answer, delivered to nobody."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.door import Known
from bot.errors import BellhopError
from bot.events import Answer, Event, Usage
from bot.payments import AnswerLength, Payments
from bot.rules.rule import Rule
from bot.settings import Settings
from handlers.answer import Asker
from handlers.attachments import read_attachments
from handlers.claude.ask import Ask, blocks_of
from handlers.claude.prices import cost_usd
from handlers.claude.window import fit
from handlers.columns import with_values
from handlers.estimates import Expected, dollars, expected, length_words
from handlers.gathering import Gathering
from handlers.night.trial import Trial
from handlers.prompt import build_ask


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a question would cost: its tokens, exactly counted, and US dollars for it, with an answer, and at most."""

    tokens: int
    prompt_usd: float
    expected: Expected
    most_usd: float


class Rehearsal:
    """Nothing is opened, kept or delivered; what is asked is paid."""

    def __init__(
        self, settings: Settings, claude: Asker, known: Known, gathering: Gathering, trial: Trial, *, payments: Payments
    ) -> None:
        self._settings, self._claude, self._known, self._gathering = settings, claude, known, gathering
        self._trial, self._payments = trial, payments

    async def ask_of(self, event: Event, rule: Rule) -> tuple[Ask, tuple[str, ...]]:
        """The question as it would be put to Claude, and notes for its reader."""
        gathered = await self._gathering.gather(event, rule, keeps=False)
        documents, notes = await read_attachments(event, gathered)
        profile = self._known.doors[rule.on].profile
        asked = build_ask(event, rule, profile, self._settings, gathered, documents=documents)
        ask, fit_notes = await fit(asked, self._claude)
        return ask, (*notes, *fit_notes)

    async def answer(self, event: Event, rule: Rule) -> Answer:
        """What Claude answers under this rule. Raises Refused and TryAgain, in plain words."""
        ask, notes = await self.ask_of(event, rule)
        answer = await self._claude.complete(ask, asyncio.Event())
        return replace(with_values(answer, rule.columns, ask.max_tokens), notes=(*notes, *answer.notes))

    async def answers_by_night(
        self, events: Mapping[str, Event], rule: Rule, batch_id: str, tell: Callable[[str], None]
    ) -> dict[str, Answer | BellhopError]:
        """The same through a batch, by event id; `batch_id`: sent earlier, "" sends one. Raises Refused, TryAgain."""
        asks: dict[str, Ask] = {}
        found: dict[str, Answer | BellhopError] = {}
        for event_id, event in events.items():
            try:
                asks[event_id], _ = await self.ask_of(event, rule)
            except BellhopError as error:
                found[event_id] = error
        if asks:
            batch_id = batch_id or await self._trial.send(asks)
            tell(f"with batch {batch_id}; if you leave, --batch {batch_id} reads it later")
            found |= await self._trial.read(batch_id, asks, tell)
        return {event_id: _in_columns(one, rule, asks.get(event_id)) for event_id, one in found.items()}

    async def estimate(self, ask: Ask, rule: Rule) -> Estimate:
        """What it would cost under this rule; counting is free. Raises Refused and TryAgain."""
        length = await asyncio.to_thread(self._payments.answer_length, rule.name)
        return await estimate(ask, self._claude, length, batch=rule.lane == "night")


async def estimate(ask: Ask, claude: Asker, length: AnswerLength | None = None, *, batch: bool = False) -> Estimate:
    """What a question would cost, by how long such answers were; counting is free. Raises Refused and TryAgain."""
    tokens = await claude.count_tokens(ask)

    def price(answer_tokens: float) -> float:
        answer = round(min(ask.max_tokens, answer_tokens))
        return cost_usd(ask.model, Usage(input_tokens=tokens, output_tokens=answer), batch=batch)

    return Estimate(tokens, price(0), expected(price, length), price(ask.max_tokens))


def shown(ask: Ask) -> str:
    """The whole prompt as text; what is no text is named."""
    parts = [f"--- system ---\n{ask.system}"]
    for message in ask.messages:
        content = "\n\n".join(text for block in blocks_of(message) for text in _text_of(block))
        parts.append(f"--- {message['role']} ---\n{content}")
    return "\n\n".join(parts)


def _in_columns(one: Answer | BellhopError, rule: Rule, ask: Ask | None) -> Answer | BellhopError:
    if isinstance(one, BellhopError) or ask is None:
        return one
    try:
        return with_values(one, rule.columns, ask.max_tokens)
    except BellhopError as error:
        return error


def cost_words(ask: Ask, found: Estimate) -> str:
    """One line: the model, the prompt's tokens and price, what it probably comes to, and the most that it can."""
    return (
        f"{ask.model}: {found.tokens:,} tokens, {dollars(found.prompt_usd)}; with its answer probably about "
        f"{dollars(found.expected.usd)}, at most {dollars(found.most_usd)} ({ask.max_tokens:,} tokens of answer). "
        f"{length_words(found.expected, each='')} Nothing was asked."
    )


def _text_of(block: dict[str, Any]) -> Iterator[str]:
    source = block.get("source", {})
    if block["type"] == "text":
        yield block["text"]
    elif source.get("type") == "text":
        yield source["data"]
    else:
        size = len(str(source.get("data", ""))) * 3 // 4
        yield f"[{block['type']}, {source.get('media_type', 'no media type')}, {size:,} bytes]"
