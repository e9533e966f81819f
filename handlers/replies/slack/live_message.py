"""The live message: an answer that grows in its messages while the model writes, by edits or natively."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

import structlog

from bot.doors.slack.refusals import BLOCKS_REFUSED, WORKSPACE_REFUSES, ShapeRefused
from bot.doors.slack.wire import STOP
from bot.errors import NotWanted, Refused, TryAgain
from handlers.replies.slack.messages import Messages
from handlers.replies.slack.native_stream import NativeStream
from handlers.replies.slack.rendering import Abilities, Rendered, Shape, Tail, render_partial
from handlers.replies.slack.safe_prefix import shown_chars
from handlers.replies.slack.safety import breaks_code, link_hosts, neutralised

log = structlog.get_logger()

FIRST_TEXT_AFTER_S = 1.25
"""An answer that is done by then is posted once; the others begin to show."""
WORTH_CHARS = 20
WORTH_ANYWAY_S = 3.0
"""A few characters are not worth an edit, unless they have waited so long."""
IN_CODE = "In the code an invisible character (U+2060) stands behind the < of mentions: take it out when you copy it."
STOP_BUTTON = (STOP, "Stop")


class LiveMessage:
    """Shows the text so far of one answer. `stream` is None where answers grow by edits."""

    def __init__(
        self,
        clock: Callable[[], float],
        abilities: Abilities,
        messages: Messages,
        event_id: str,
        *,
        asker: str | None,
        stream: NativeStream | None,
    ) -> None:
        self.text = ""
        self.shape: Shape = abilities.shapes[0]
        self.stream = stream
        self._clock, self._abilities = clock, abilities
        self._messages = messages
        self._event_id = event_id
        self._asker = asker
        self._changed = asyncio.Event()
        self._over = asyncio.Event()
        self._shown_chars = 0
        self._shown_at = self._clock()

    def write(self, text: str) -> None:
        """The whole text so far; the latest wins."""
        self.text = text
        self._changed.set()

    def stop(self) -> None:
        """Show nothing more: what has not been sent is taken back."""
        self._over.set()
        self._changed.set()
        self._messages.stop_growing()
        if self.stream:
            self.stream.stop_growing()

    async def run(self) -> None:
        """Run until `stop`, or until Slack will not have it; the final then says why."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._over.wait(), FIRST_TEXT_AFTER_S)
        try:
            while not self._over.is_set():
                self._changed.clear()
                if self._worth_showing() and await self._show():
                    continue
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._changed.wait(), WORTH_ANYWAY_S)
        except NotWanted:
            await self._messages.finalize([])
        except (Refused, TryAgain) as error:
            log.warning("slack answer does not grow", event_id=self._event_id, words=error.reason)

    async def _show(self) -> bool:
        chars = shown_chars(self.text)
        showed = await (self._stream_on(self.stream) if self.stream else self._edit_on())
        if showed:
            self._shown_chars = max(self._shown_chars, chars)
            self._shown_at = self._clock()
        return showed

    async def _edit_on(self) -> bool:
        try:
            grew = await self._messages.grow(self._render)
        except ShapeRefused as refused:
            self.shape = await smaller_shape(self._abilities, self._messages, self.shape, refused, self._render()[-1])
            return True
        if grew:
            self._abilities.took(self.shape)
        return grew

    async def _stream_on(self, stream: NativeStream) -> bool:
        showed = await stream.grow(self._visible)
        if stream.over:
            await self.leave_stream()
        return showed or stream.over

    async def leave_stream(self) -> None:
        """Go on by edits: the streamed message is the first part, and is written over from the whole text."""
        stream, self.stream = self.stream, None
        if stream is None:
            return
        if not stream.stopped:
            await stream.stop(None, ())
        if stream.refusal in WORKSPACE_REFUSES:
            self._abilities.native = False
        if stream.ts:
            self._messages.adopt(stream.ts)
        elif stream.in_doubt:
            self._messages.look_again()

    def _worth_showing(self) -> bool:
        chars = shown_chars(self.text)
        more = chars - self._shown_chars if self.text[:chars].strip() else 0
        waited_s = self._clock() - self._shown_at
        return more >= WORTH_CHARS or (more > 0 and (waited_s >= WORTH_ANYWAY_S or not self._shown_chars))

    def _visible(self) -> str:
        return neutralised(self.text[: shown_chars(self.text)], self._asker)

    def _render(self) -> list[Rendered]:
        text = self._visible()
        tail = Tail(small_print=host_notes(text), buttons=(STOP_BUTTON,))
        return render_partial(text, self.shape, tail, self._event_id)


async def smaller_shape(
    abilities: Abilities, messages: Messages, shape: Shape, refused: ShapeRefused, rendered: Rendered
) -> Shape:
    """The shape to try next for a message that was refused in `shape`.

    What the workspace takes is judged by a plain probe, once, not by what this message holds.
    """
    if shape.block == "markdown" and refused.error in BLOCKS_REFUSED and abilities.markdown is None:
        abilities.markdown = await messages.takes_markdown(rendered)
    return abilities.smaller_shape(shape, refused.error)


def code_notes(text: str) -> tuple[str, ...]:
    """What whoever copies code out of the answer has to know."""
    return (IN_CODE,) if breaks_code(text) else ()


def host_notes(text: str) -> tuple[str, ...]:
    """Where the text's labelled links lead, for the small print: the text itself stays as it is."""
    hosts = link_hosts(text)
    if not hosts:
        return ()
    more = f" and {len(hosts) - 5} more" if len(hosts) > 5 else ""
    return ("Links lead to " + ", ".join(hosts[:5]) + more,)
