"""What a call will probably use, and at most, estimated from its question before it is made. Pure.

Sources: https://platform.claude.com/docs/en/build-with-claude/pdf-support and /docs/en/build-with-claude/vision
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.events import Usage
from handlers.claude.ask import Ask, Block, File, Message, blocks_of_part, parts_of
from handlers.claude.models import window_tokens
from handlers.claude.prices import cost_usd

CHARS_PER_TOKEN = 3.0
"""English prose by the tokenizer of the 5.5 generation; a letter beyond ASCII counts as a token of its own."""
LEAST_BYTES_PER_TOKEN = 2.0
"""Text is never denser than about this."""
PAGE_TOKENS, MOST_PAGE_TOKENS = 2_000, 4_600
"""A page of a PDF: its text, up to 3,000, and its picture."""
IMAGE_TOKENS, MOST_IMAGE_TOKENS = 1_600, 1_700
BYTES_PER_PDF_TOKEN = 1.5
"""For a PDF whose pages nobody counted; base64."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What one call to `model` comes to: `most` that it may use, and what is `likely`."""

    model: str
    most: Usage
    likely: Usage

    def most_usd(self, *, batch: bool = False) -> float:
        """US dollars that it may cost."""
        return cost_usd(self.model, self.most, batch=batch)

    def likely_usd(self, *, batch: bool = False) -> float:
        """US dollars that it probably costs."""
        return cost_usd(self.model, self.likely, batch=batch)

    def usd_with(self, answer_tokens: float, *, batch: bool = False) -> float:
        """US dollars that it probably costs with an answer of so many tokens, as far as it may be so long."""
        answer = round(min(self.most.output_tokens, answer_tokens))
        return cost_usd(self.model, replace(self.likely, output_tokens=answer), batch=batch)


def forecast(ask: Ask, messages: Sequence[Message] | None = None) -> Forecast:
    """What the call that asks with `messages` comes to, with what keeping its prompt costs more than reading it."""
    cache_life = ask.cache.longest
    parts = [part for message in messages or ask.messages for part in parts_of(message)]
    likely = text_tokens(ask.system) + sum(_tokens(part, _LIKELY) for part in parts)
    most = min(_most_text(ask.system) + sum(_tokens(part, _MOST) for part in parts), window_tokens(ask.model))
    kept, hourly = round(most) if cache_life else 0, round(most) if cache_life == "1h" else 0
    return Forecast(
        ask.model,
        Usage(round(most) - kept, ask.max_tokens, cache_write_tokens=kept, cache_write_1h_tokens=hourly),
        Usage(round(likely), round(min(ask.max_tokens, ask.answer_tokens))),
    )


def text_tokens(text: str) -> float:
    """About how many tokens a text has."""
    if text.isascii():
        return len(text) / CHARS_PER_TOKEN
    plain = len(text.encode("ascii", "ignore"))
    return plain / CHARS_PER_TOKEN + len(text) - plain


def _most_text(text: str) -> float:
    return len(text.encode("utf-8", "replace")) / LEAST_BYTES_PER_TOKEN


@dataclass(frozen=True, slots=True)
class _Ratios:
    text: Callable[[str], float]
    page: float
    image: float


_LIKELY = _Ratios(text_tokens, PAGE_TOKENS, IMAGE_TOKENS)
_MOST = _Ratios(_most_text, MOST_PAGE_TOKENS, MOST_IMAGE_TOKENS)


def _tokens(part: Block | File, ratios: _Ratios) -> float:
    pages = part.pages * ratios.page if isinstance(part, File) else 0
    return pages + sum(_of_block(block, ratios, counted=pages > 0) for block in blocks_of_part(part))


def _of_block(block: dict[str, Any], ratios: _Ratios, *, counted: bool) -> float:
    source = block.get("source", {})
    if block["type"] == "image":
        return ratios.image
    if block["type"] == "document" and source.get("type") == "base64":
        return 0 if counted else len(source["data"]) / BYTES_PER_PDF_TOKEN
    return ratios.text(str(block.get("text") or source.get("data") or ""))
