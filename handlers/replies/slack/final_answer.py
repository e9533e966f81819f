"""What stands in the end: the whole answer in the first shape that Slack takes, or a line below its half."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass, replace
from typing import Protocol

from bot.doors.slack.fence_check import FenceCheck
from bot.doors.slack.refusals import ShapeRefused
from bot.doors.slack.wire import FEEDBACK_DOWN, FEEDBACK_UP, MESSAGES_PER_ANSWER, RETRY
from bot.events import Answer
from bot.money import usd_words
from handlers.replies.slack.live_message import LiveMessage, code_notes, host_notes, smaller_shape
from handlers.replies.slack.messages import Messages
from handlers.replies.slack.pages import pages
from handlers.replies.slack.rendering import (
    Rendered,
    Shape,
    Tail,
    button_blocks,
    notice,
    render_answer,
    render_message,
    small_print_blocks,
)
from handlers.replies.slack.safety import neutralised
from handlers.replies.slack.search import Destination, Found
from handlers.replies.slack.upload import upload_answer
from handlers.replies.slack.workspace import Workspace

FEEDBACK_BUTTONS = ((FEEDBACK_UP, "👍"), (FEEDBACK_DOWN, "👎"))
RETRY_BUTTON = ((RETRY, "Retry"),)
WAITING = "⏳"
"""What a line begins with that says why the answer comes later."""
IN_A_FILE = "This is the beginning; the whole answer is in the file in this thread."
"""Said where an answer takes more than MESSAGES_PER_ANSWER messages."""


class Check(Protocol):
    """Raises NotWanted when the question was deleted; `look`: ask Slack, too."""

    def __call__(self, *, look: bool = False) -> Awaitable[None]: ...


@dataclass(frozen=True, slots=True)
class FinalAnswer:
    """One for each reply. `messages` are its own in the thread, `live` is what grows there, if anything does."""

    _workspace: Workspace
    _event_id: str
    _asker: str | None
    _destination: Destination
    _fence_check: FenceCheck
    _check: Check

    async def deliver(self, messages: Messages, live: LiveMessage | None, answer: Answer) -> None:
        """Make what stands there exactly the answer, with what is said below it."""
        text = neutralised(answer.text, self._asker)
        tail = Tail((*answer.notes, *host_notes(text), *code_notes(text), *self._footer(answer)), FEEDBACK_BUTTONS)
        if not await self._end_stream(messages, live, text, tail):
            await self._stand(messages, live, text, tail)

    async def mark_failed(self, messages: Messages, live: LiveMessage | None, words: str) -> None:
        """Say why there is no answer, or no whole one."""
        await self.mark(messages, live, f"⚠️ {words}", Tail((f"⚠️ Unfinished: {words}",), RETRY_BUTTON))

    async def mark(self, messages: Messages, live: LiveMessage | None, words: str, tail: Tail) -> None:
        """Put the tail under what is there of the answer; where nothing is, `words` with the tail's buttons."""
        await messages.look()
        text = neutralised(live.text if live else "", self._asker)
        if text.strip():
            await self._stand(messages, live, text, replace(tail, small_print=(*tail.small_print, *host_notes(text))))
        elif messages.found and not messages.found[0].text.startswith(WAITING):
            await messages.finalize(self._as_found(messages.found, tail))
        else:
            await messages.finalize([notice(words, tail.buttons, self._event_id)])

    def _as_found(self, found: list[Found], tail: Tail) -> list[Rendered]:
        """What an earlier run showed, as Slack hands it back, with the small print and buttons under the last part."""
        ends = [*small_print_blocks(tail.small_print), *button_blocks(tail.buttons, self._event_id)]
        rendered = [Rendered(part.text, part.blocks) for part in found]
        return [*rendered[:-1], replace(rendered[-1], blocks=(*rendered[-1].blocks, *ends))]

    async def _end_stream(self, messages: Messages, live: LiveMessage | None, text: str, tail: Tail) -> bool:
        if live is None or live.stream is None:
            return False
        blocks = [*small_print_blocks(tail.small_print), *button_blocks(tail.buttons, self._event_id)]
        exact = await live.stream.stop(text, blocks)
        await live.leave_stream()
        if exact:
            messages.forget()
        return exact

    async def _stand(self, messages: Messages, live: LiveMessage | None, text: str, tail: Tail) -> None:
        """Make the messages exactly this text, in the first shape that Slack takes."""
        shape = live.shape if live else self._workspace.abilities.shapes[0]
        while True:
            try:
                rendered = await self._render(messages, text, shape, tail)
                await messages.finalize(rendered)
            except ShapeRefused as refused:
                abilities = self._workspace.abilities
                shape = await smaller_shape(abilities, messages, shape, refused, rendered[0])
            else:
                self._workspace.abilities.took(shape)
                return

    async def _render(self, messages: Messages, text: str, shape: Shape, tail: Tail) -> list[Rendered]:
        rendered = render_answer(text, shape, tail, self._event_id)
        if len(rendered) <= MESSAGES_PER_ANSWER:
            return rendered
        beginning = pages(text, shape.page_chars, finished=True)[0].text
        short = [
            render_message(beginning, shape, replace(tail, small_print=(IN_A_FILE, *tail.small_print)), self._event_id)
        ]
        await self._check(look=True)
        await messages.look()
        if messages.untouched:
            # The beginning stands above the file; where it grew already, it does.
            await messages.finalize(short)
        return short if await self._uploaded(messages, text) else rendered

    async def _uploaded(self, messages: Messages, text: str) -> bool:
        # A new message of the channel is continued in its thread.
        put, below = self._workspace.put, self._destination.thread_ts or messages.parts[0].ts
        place = replace(self._destination, thread_ts=below)
        return await upload_answer(self._fence_check, put, place, self._event_id, text)

    def _footer(self, answer: Answer) -> tuple[str, ...]:
        if not self._workspace.footer:
            return ()
        return (f"{answer.model} · {answer.duration_s:.1f} s · {usd_words(answer.cost_usd)}",)
