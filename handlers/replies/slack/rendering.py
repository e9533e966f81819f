"""What a message looks like: the answer's text in its blocks, small print and buttons apart from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from bot.doors.slack.refusals import BLOCKS_REFUSED
from bot.doors.slack.wire import (
    BUTTON_VALUE_CHARS,
    FALLBACK_CHARS,
    MARKDOWN_PAGE_CHARS,
    MESSAGES_PER_ANSWER,
    METADATA_TYPE,
    SECTION_CHARS,
    Block,
    escaped,
    unbroken,
)
from bot.errors import Refused
from handlers.replies.slack.mrkdwn import plain_words, to_mrkdwn
from handlers.replies.slack.pages import pages
from handlers.replies.slack.safety import neutralised

SMALL_PRINT_CHARS = 600
SMALL_PRINTS = 8
"""A context block takes 10 elements. Source: https://docs.slack.dev/reference/block-kit/blocks/context-block"""


@dataclass(frozen=True, slots=True)
class Shape:
    """How text is put into blocks, and how much of it one message takes."""

    block: Literal["markdown", "section", "none"]
    page_chars: int


SHAPES = (
    Shape("markdown", MARKDOWN_PAGE_CHARS),
    Shape("markdown", 5_000),
    Shape("section", 8_000),
    Shape("none", 2_500),
)
"""The first is meant; the others are for a message that is refused: in Slack's own markup, at last without blocks."""


@dataclass(slots=True)
class Abilities:
    """What this workspace takes: native streams, and markdown blocks (None: not known yet)."""

    native: bool = False
    markdown: bool | None = None

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """The shapes for a message, the one that is meant first."""
        return SHAPES if self.markdown is not False else SHAPES[2:]

    def took(self, shape: Shape) -> None:
        """Slack took a message in this shape."""
        if shape.block == "markdown":
            self.markdown = True

    def smaller_shape(self, shape: Shape, error: str) -> Shape:
        """The shape to try after `shape` was refused. Raises Refused when there is none left.

        It is for this one message: what a message holds says nothing about the next.
        """
        rest = SHAPES[SHAPES.index(shape) + 1 :]
        if error in BLOCKS_REFUSED:
            rest = tuple(other for other in rest if other.block != shape.block)
        if not rest:
            raise Refused("Slack takes the text in no shape that Bellhop knows.")
        return rest[0]


@dataclass(frozen=True, slots=True)
class Rendered:
    """One message as it should stand: its blocks and the plain fallback that notifications show."""

    text: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Tail:
    """What stands under the last message and is not the answer: small print, and buttons by action id and label."""

    small_print: tuple[str, ...] = ()
    buttons: tuple[tuple[str, str], ...] = ()


def render_answer(text: str, shape: Shape, tail: Tail, event_id: str) -> list[Rendered]:
    """The messages that show the whole `text` (already neutralised): one, or more when it is long."""
    return _render_pages([page.text for page in pages(text, shape.page_chars, finished=True)], shape, tail, event_id)


def render_partial(text: str, shape: Shape, tail: Tail, event_id: str) -> list[Rendered]:
    """The messages that show what there is of an unfinished text, as far as MESSAGES_PER_ANSWER messages go."""
    bodies = [page.text for page in pages(text, shape.page_chars, finished=False)]
    return _render_pages(bodies[:MESSAGES_PER_ANSWER], shape, tail, event_id)


def _render_pages(bodies: list[str], shape: Shape, tail: Tail, event_id: str) -> list[Rendered]:
    last = len(bodies) - 1
    return [render_message(body, shape, tail if part == last else Tail(), event_id) for part, body in enumerate(bodies)]


def render_message(text: str, shape: Shape, tail: Tail, event_id: str) -> Rendered:
    """One message: the text, then the small print, then the buttons, each in blocks of its own."""
    if shape.block == "none":
        ends = [escaped(neutralised(words[:SMALL_PRINT_CHARS])) for words in tail.small_print]
        return Rendered("\n\n".join(filter(None, (to_mrkdwn(text), *ends))) or "…", ())
    blocks = [*text_blocks(text, shape), *small_print_blocks(tail.small_print), *button_blocks(tail.buttons, event_id)]
    return Rendered(fallback(text or " · ".join(tail.small_print)), tuple(blocks))


def probe(rendered: Rendered) -> Rendered:
    """The plainest markdown block there is, in a message that says in notifications what the real one will."""
    return Rendered(rendered.text, ({"type": "markdown", "text": "…"},))


def notice(words: str, buttons: Sequence[tuple[str, str]], event_id: str) -> Rendered:
    """A message that is no answer: why there is none, in a block that cannot be taken for the answer's text."""
    words = neutralised(words[: SECTION_CHARS - 50])
    section = {"type": "section", "text": {"type": "plain_text", "text": words, "emoji": True}}
    return Rendered(fallback(words), (section, *button_blocks(buttons, event_id)))


def text_blocks(text: str, shape: Shape) -> list[Block]:
    """The answer itself. Slack refuses a block without text, so an empty text has none."""
    if not text.strip():
        return []
    if shape.block == "markdown":
        return [{"type": "markdown", "text": text}]
    # `verbatim` keeps Slack from finding names and channels in the text by itself.
    texts = [page.text for page in pages(to_mrkdwn(text), SECTION_CHARS, finished=True)]
    return [{"type": "section", "text": {"type": "mrkdwn", "text": part, "verbatim": True}} for part in texts if part]


def small_print_blocks(small_print: Sequence[str]) -> list[Block]:
    """Notes and footer, as plain text that Slack does not interpret."""
    texts = [neutralised(text[:SMALL_PRINT_CHARS]) for text in small_print if text.strip()][:SMALL_PRINTS]
    elements = [{"type": "plain_text", "text": text, "emoji": True} for text in texts]
    return [{"type": "context", "elements": elements}] if elements else []


def button_blocks(buttons: Sequence[tuple[str, str]], event_id: str) -> list[Block]:
    """Buttons whose value is the event's id, for the trigger that hears them."""
    elements = [
        {
            "type": "button",
            "action_id": action_id,
            "text": {"type": "plain_text", "text": label, "emoji": True},
            "value": event_id[:BUTTON_VALUE_CHARS],
        }
        for action_id, label in buttons
    ]
    return [{"type": "actions", "elements": elements}] if elements else []


def fallback(text: str) -> str:
    """What notifications show: the beginning in plain words, in Slack's own escapes, at most FALLBACK_CHARS long."""
    text = plain_words(unbroken(text[: 4 * FALLBACK_CHARS])) or text
    short = text if len(text) <= FALLBACK_CHARS else text[: FALLBACK_CHARS - 1] + "…"
    while len(escaped(short)) > FALLBACK_CHARS:
        short = short[: len(short) * 9 // 10] + "…"
    return escaped(short) if short.strip() else "…"


def metadata(event_id: str, part: int) -> Mapping[str, Any]:
    """The mark by which a message is found again. Source: https://docs.slack.dev/messaging/message-metadata"""
    return {"event_type": METADATA_TYPE, "event_payload": {"event_id": event_id, "part": part}}
