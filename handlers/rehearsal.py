"""A question without its event's place: what would be asked and what it costs, or the answer, delivered to nobody."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.door import Known
from bot.errors import BellhopError
from bot.events import Answer, Event, Usage
from bot.rules.rule import Rule
from bot.settings import Settings
from handlers.answer import Asker
from handlers.attachments import read_attachments
from handlers.claude.ask import Ask, blocks_of
from handlers.claude.prices import cost_usd
from handlers.claude.window import fit
from handlers.columns import with_values
from handlers.gathering import Gathering
from handlers.night.trial import Trial
from handlers.prompt import build_ask


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a question would cost: its tokens, exactly counted, and US dollars for it and for the longest answer."""

    tokens: int
    prompt_usd: float
    most_usd: float


class Rehearsal:
    """Nothing is opened, kept or delivered; what is asked is paid."""

    def __init__(self, settings: Settings, claude: Asker, known: Known, gathering: Gathering, trial: Trial) -> None:
        self._settings, self._claude, self._known, self._gathering = settings, claude, known, gathering
        self._trial = trial

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

    async def estimate(self, ask: Ask) -> Estimate:
        """What it would cost; counting is free. Raises Refused and TryAgain."""
        return await estimate(ask, self._claude)


async def estimate(ask: Ask, claude: Asker) -> Estimate:
    """What a question would cost; counting is free. Raises Refused and TryAgain."""
    tokens = await claude.count_tokens(ask)
    prompt = cost_usd(ask.model, Usage(input_tokens=tokens))
    most = cost_usd(ask.model, Usage(input_tokens=tokens, output_tokens=ask.max_tokens))
    return Estimate(tokens, prompt, most)


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
    """One line: the model, the prompt's tokens and price, and the most that it can come to."""
    return (
        f"{ask.model}: {found.tokens:,} tokens, ${found.prompt_usd:.4f}; "
        f"with an answer of {ask.max_tokens:,} tokens at most ${found.most_usd:.4f}. Nothing was asked."
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
