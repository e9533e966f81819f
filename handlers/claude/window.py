"""The check, before money is spent, that a question fits the vendor's request and the model's window."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Protocol

import structlog

from bot.errors import Refused, TryAgain
from handlers.claude.ask import Ask, blocks_of, shortened
from handlers.claude.lightening import MOST_CHARS, fitting
from handlers.claude.models import window_tokens
from handlers.claude.question import FORGOT
from handlers.claude.verdict import TOO_LARGE

log = structlog.get_logger()

COUNT_FROM_SHARE = 0.5
"""Tokens are counted exactly when a rough upper estimate fills this much of the window."""
CHARS_PER_TOKEN = 2.0
BYTES_PER_PDF_TOKEN = 1.5
IMAGE_TOKENS = 1_600.0
"""The ratios are low, so that the estimate is high. A picture never takes more than IMAGE_TOKENS."""


class Counter(Protocol):
    """What counts the tokens of a question."""

    async def count_tokens(self, ask: Ask) -> int:
        """Raises Refused and TryAgain."""


async def fit(ask: Ask, counter: Counter) -> tuple[Ask, tuple[str, ...]]:
    """The question as it fits, and notes for the reader: files that a request does not hold are left out.

    Raises Refused when even the bare question is too long, or nothing is left of what was asked about.
    """
    left_out = fitting(ask.messages, len(ask.system))
    notes = tuple(one.note for one in left_out)
    if left_out:
        if ask.about_files and left_out[-1].bare:
            raise Refused(" ".join(one.refused for one in left_out))
        ask = replace(ask, messages=left_out[-1].messages)
    if sum(len(data) for data, _ in _data(ask)) > MOST_CHARS:
        raise Refused(TOO_LARGE)
    if estimated_tokens(ask) < window_tokens(ask.model) * COUNT_FROM_SHARE:
        return ask, notes
    while (tokens := await _counted(ask, counter)) > window_tokens(ask.model) - ask.max_tokens:
        rest = shortened(ask.messages)
        if rest is None:
            raise Refused(_too_long(tokens, window_tokens(ask.model) - ask.max_tokens))
        ask, notes = replace(ask, messages=rest), (*notes, FORGOT)
    return ask, tuple(dict.fromkeys(notes))


def estimated_tokens(ask: Ask) -> float:
    """Rather too many than too few."""
    return sum(_TOKENS[kind](len(data)) for data, kind in _data(ask))


async def _counted(ask: Ask, counter: Counter) -> int:
    try:
        return await counter.count_tokens(ask)
    except (Refused, TryAgain) as error:
        # Counting only saves a refused call; when it does not work, the call itself will tell.
        log.warning("tokens could not be counted", event_id=ask.name, reason=error.reason)
        return 0


_TOKENS: dict[str, Callable[[int], float]] = {
    "text": lambda chars: chars / CHARS_PER_TOKEN,
    "pdf": lambda chars: chars / BYTES_PER_PDF_TOKEN,
    "image": lambda _chars: IMAGE_TOKENS,
}


def _too_long(tokens: int, most: int) -> str:
    return (
        f"This is {tokens:,} tokens long, and the model reads at most {most:,} at once. "
        "Send fewer or shorter documents, or split them."
    )


def _data(ask: Ask) -> Iterator[tuple[str, str]]:
    yield ask.system, "text"
    for message in ask.messages:
        for block in blocks_of(message):
            yield from _data_of(block)


def _data_of(block: dict[str, Any]) -> Iterator[tuple[str, str]]:
    source = block.get("source", {})
    if block["type"] == "text":
        yield block["text"], "text"
    elif block["type"] == "document" and isinstance(source.get("data"), str):
        yield source["data"], "pdf" if source["type"] == "base64" else "text"
    elif block["type"] == "image":
        yield source.get("data", ""), "image"
