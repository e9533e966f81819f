"""A handful of questions as one batch of their own, read as soon as it is over and delivered to nobody."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

from bot.errors import BellhopError, Refused, TryAgain
from bot.events import Answer
from bot.retry import backoff_s
from handlers.claude.ask import Ask
from handlers.claude.batches import Batches
from handlers.claude.entry import AskAgain, mended, read_entry, request_in_batch

FIRST_LOOK_S, LONGEST_GAP_S = 1.0, 30.0
OVER = "over"
Outcome = Answer | BellhopError


class Trial:
    """Nothing is kept here: the batch's id is all that is needed to read it again."""

    def __init__(self, batches: Batches) -> None:
        self._batches = batches

    async def send(self, asks: Mapping[str, Ask]) -> str:
        """Send them, by event id; returns the batch's id. Raises Refused and TryAgain."""
        requests = [
            {"custom_id": _custom_id(event_id), "params": request_in_batch(mended(ask, ()))}
            for event_id, ask in asks.items()
        ]
        body = await asyncio.to_thread(lambda: json.dumps({"requests": requests}, ensure_ascii=False).encode())

        async def whole() -> AsyncIterator[bytes]:
            yield body

        return (await self._batches.submit(whole(), len(body))).id

    async def read(self, batch_id: str, asks: Mapping[str, Ask], tell: Callable[[str], None]) -> dict[str, Outcome]:
        """What the batch says of each, once it is over. Raises Refused when there is no such batch, and TryAgain."""
        looks, told = 0, ""
        while (words := await self._standing(batch_id)) != OVER:
            if words != told:
                tell(words)
            looks, told = looks + 1, words
            await asyncio.sleep(backoff_s(looks, FIRST_LOOK_S, LONGEST_GAP_S))
        results = await self._results(batch_id)
        return {event_id: _outcome(results.get(_custom_id(event_id)), ask) for event_id, ask in asks.items()}

    async def _standing(self, batch_id: str) -> str:
        """In words; a passing fault is waited out. Raises Refused."""
        try:
            seen = await self._batches.look(batch_id)
        except TryAgain as error:
            return error.reason
        if seen is None:
            raise Refused(f"There is no batch {batch_id}.")
        return OVER if seen.has_ended else f"{seen.done} of {seen.count} done"

    async def _results(self, batch_id: str) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        async with self._batches.lines(batch_id) as lines:
            async for line in lines:
                try:
                    one = json.loads(line)
                    found[str(one["custom_id"])] = dict(one["result"])
                except (ValueError, KeyError, TypeError):
                    continue  # its event is told of as one without an answer
        return found


def _custom_id(event_id: str) -> str:
    return hashlib.sha256(event_id.encode()).hexdigest()[:32]


def _outcome(result: Mapping[str, Any] | None, ask: Ask) -> Outcome:
    if result is None:
        return Refused("The batch has no readable answer to this.")
    try:
        return read_entry(result, ask.max_tokens, shortens=False)
    except AskAgain as again:
        return TryAgain(again.words)
    except BellhopError as error:
        return error
