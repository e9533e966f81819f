"""The Slack reply: one answer's way from the model into a thread, as `bot.events.Reply` wants it."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import replace
from datetime import UTC, datetime

import structlog

from bot.doors.slack.fence_check import FenceCheck
from bot.doors.slack.refusals import ShapeRefused
from bot.doors.slack.status import Asked, status_words
from bot.doors.slack.wire import FEEDBACK_DOWN, FEEDBACK_UP, MESSAGES_PER_ANSWER, RETRY
from bot.doors.slack.zone import zone_of
from bot.events import Answer, Event, Place, SlackThread
from bot.waiting import waiting_words
from handlers.replies.slack.live_message import LiveMessage, host_notes
from handlers.replies.slack.messages import Messages
from handlers.replies.slack.native_stream import NativeStream
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
from handlers.replies.slack.writer import SPILL_AFTER_S

log = structlog.get_logger()

FEEDBACK_BUTTONS = ((FEEDBACK_UP, "👍"), (FEEDBACK_DOWN, "👎"))
RETRY_BUTTON = ((RETRY, "Retry"),)
WAITING = "⏳"
"""What a line begins with that says why the answer comes later."""
IN_A_FILE = "This is the beginning; the whole answer is in the file in this thread."
"""Said where an answer takes more than MESSAGES_PER_ANSWER messages."""
STATUS_ENDS_WITHIN_S = 0.5
CLOCKS_APART_S = 60.0


class SlackReply:
    """The way back into a Slack thread. See `bot.events.Reply`; used from the pacer's event loop only."""

    def __init__(self, workspace: Workspace, event: Event, thread: SlackThread, *, watched: bool = True) -> None:
        self.watched = watched
        self.ended = False
        """The answer, or why there is none, stands there; another run of the event gets another reply."""
        self._workspace = workspace
        self._event = event
        self._destination = Destination(thread.channel, thread.thread_ts, _oldest(event, thread))
        self._messages = workspace.remembered(event.id)
        self._fence_check = FenceCheck(workspace.pacer, event.id, workspace.holds)
        self._live: LiveMessage | None = None
        self._growing: asyncio.Task[None] | None = None
        self._over = asyncio.Event()
        self._status: asyncio.Task[None] | None = None
        self._waited = False

    @property
    def _thread(self) -> SlackThread:
        assert isinstance(self._event.reply_to, SlackThread)
        return self._event.reply_to

    async def open(self, place: Place | None) -> Place:
        """Give a sign of life at once, without waiting for it; nothing is posted before there is text."""
        if self._messages is None:
            # Only where an earlier run may have written is there anything to find, and finding costs calls.
            self._messages = self._new_messages(fresh=place is None)
        on = self._thread.message_ts or self._thread.thread_ts
        if on and self._status is None:
            words = status_words(self._event.attachments)
            asked = Asked(self._thread.channel, self._thread.thread_ts or on, on)
            keep = self._workspace.status.keep(asked, words, self._over, lambda: self._live is not None)
            self._status = self._workspace.begin(keep)
        return {"channel": self._thread.channel, "thread_ts": self._thread.thread_ts}

    async def show(self, text_so_far: str) -> None:
        """Let the answer grow to this text, when its turn comes; returns at once."""
        if self._live is None:
            await self._take_back_wait()
            clock, abilities = self._workspace.pacer.clock, self._workspace.abilities
            messages, stream = self._known_messages(), self._stream()
            self._live = LiveMessage(
                clock, abilities, messages, self._event.id, asker=self._thread.asker, stream=stream
            )
            self._growing = self._workspace.begin(self._live.run())
        self._live.write(text_so_far)

    async def wait(self, reason: str, until: datetime | None) -> None:
        """Say it in a message, because a status lasts two minutes at most.

        The message goes when the answer comes: that is posted anew, because Slack tells nobody of an edit.
        """
        await self._quiet()
        if self._live:
            await self._live.leave_stream()
        if await self._left_nothing():
            return
        zone = await zone_of(self._workspace.pacer, self._thread.asker)
        words = f"{WAITING} {waiting_words(reason, until, datetime.now(UTC), zone)}"
        await self._mark(words, Tail((words,)))
        self._waited = not self._live
        self._live = self._growing = self._status = None
        self._over = asyncio.Event()

    async def finish(self, answer: Answer) -> None:
        """Return once Slack has confirmed the whole answer, text unchanged but for neutralised tokens.

        Raises Refused when Slack will not have it, TryAgain when Slack stays silent for a quarter of an hour.
        """
        await self._quiet()
        if answer.stop_reason == "stopped" and await self._left_nothing():
            return
        await self._take_back_wait()
        text = neutralised(answer.text, self._thread.asker)
        tail = Tail((*answer.notes, *host_notes(text), *self._footer(answer)), FEEDBACK_BUTTONS)
        if not await self._finish_stream(text, tail):
            await self._finalize(text, tail)
        self._done()

    async def fail(self, reason: str) -> None:
        """Mark what is there as unfinished, say why in the small print, and offer to try again."""
        await self._quiet()
        if self._live:
            await self._live.leave_stream()
        if await self._left_nothing():
            return
        short_id = hashlib.sha256(self._event.id.encode()).hexdigest()[:8]
        log.warning("slack answer failed", event_id=self._event.id, ref=short_id)
        words = f"{reason} (ref {short_id})"
        await self._take_back_wait()
        await self._mark(f"⚠️ {words}", Tail((f"⚠️ Unfinished: {words}",), RETRY_BUTTON))
        self._done()

    async def _mark(self, words: str, tail: Tail) -> None:
        """Put the tail under what is there of the answer; where nothing is, `words` with the tail's buttons."""
        messages = self._known_messages()
        await messages.look()
        text = neutralised(self._live.text if self._live else "", self._thread.asker)
        if text.strip():
            await self._finalize(text, replace(tail, small_print=(*tail.small_print, *host_notes(text))))
        elif messages.found and not messages.found[0].text.startswith(WAITING):
            await messages.finalize(self._as_found(messages.found, tail))
        else:
            await messages.finalize([notice(words, tail.buttons, self._event.id)])

    async def _take_back_wait(self) -> None:
        if self._waited:
            self._waited = False
            await self._known_messages().finalize([])

    async def _left_nothing(self) -> bool:
        """Take away what there is when the question was edited: another event answers it. False when it was not."""
        if not await self._workspace.replaced(self._event.id):
            return False
        if self._live:
            await self._live.leave_stream()
        await self._known_messages().finalize([])
        self._done()
        return True

    def _as_found(self, found: list[Found], tail: Tail) -> list[Rendered]:
        """What an earlier run showed, as Slack hands it back, with the small print and buttons under the last part."""
        ends = [*small_print_blocks(tail.small_print), *button_blocks(tail.buttons, self._event.id)]
        rendered = [Rendered(part.text, part.blocks) for part in found]
        return [*rendered[:-1], replace(rendered[-1], blocks=(*rendered[-1].blocks, *ends))]

    async def _quiet(self) -> None:
        self._over.set()
        if self._status:
            # A status that arrives after the answer would stand there for two minutes.
            await asyncio.wait({self._status}, timeout=STATUS_ENDS_WITHIN_S)
        if self._live is None or self._growing is None:
            return
        self._live.stop()
        await asyncio.wait({self._growing}, timeout=SPILL_AFTER_S)
        messages = self._known_messages()
        if not self._growing.done() and messages.parts and not messages.posting and self._live.stream is None:
            messages.leave_behind()
        else:
            await self._growing

    async def _finish_stream(self, text: str, tail: Tail) -> bool:
        if self._live is None or self._live.stream is None:
            return False
        blocks = [*small_print_blocks(tail.small_print), *button_blocks(tail.buttons, self._event.id)]
        exact = await self._live.stream.stop(text, blocks)
        await self._live.leave_stream()
        if exact:
            self._known_messages().forget()
        return exact

    async def _finalize(self, text: str, tail: Tail) -> None:
        """Make the messages exactly this text, in the first shape that Slack takes."""
        shape = self._live.shape if self._live else self._workspace.abilities.shapes[0]
        while True:
            try:
                await self._known_messages().finalize(await self._render_final(text, shape, tail))
                return
            except ShapeRefused as refused:
                shape = self._workspace.abilities.smaller_shape(shape, refused.error)

    async def _render_final(self, text: str, shape: Shape, tail: Tail) -> list[Rendered]:
        rendered = render_answer(text, shape, tail, self._event.id)
        if len(rendered) <= MESSAGES_PER_ANSWER:
            return rendered
        beginning = pages(text, shape.page_chars, finished=True)[0].text
        short = [
            render_message(beginning, shape, replace(tail, small_print=(IN_A_FILE, *tail.small_print)), self._event.id)
        ]
        await self._known_messages().look()
        if self._known_messages().untouched:
            # The beginning stands above the file; where it grew already, it does.
            await self._known_messages().finalize(short)
        return short if await self._uploaded(text) else rendered

    async def _uploaded(self, text: str) -> bool:
        workspace = self._workspace
        return await upload_answer(self._fence_check, workspace.put, self._destination, self._event.id, text)

    def _done(self) -> None:
        self._workspace.remember(self._event.id, self._known_messages())
        self._live = self._growing = None
        self.ended = True

    def _known_messages(self) -> Messages:
        # Without `open` in this process nothing is known of an earlier run.
        if self._messages is None:
            self._messages = self._new_messages(fresh=False)
        return self._messages

    def _new_messages(self, *, fresh: bool) -> Messages:
        workspace = self._workspace
        return Messages(
            self._fence_check, self._destination, self._event.id, fresh=fresh, native=workspace.abilities.native
        )

    def _stream(self) -> NativeStream | None:
        thread, messages = self._thread, self._known_messages()
        if not (
            self._workspace.abilities.native
            and thread.thread_ts
            and thread.asker
            and thread.team
            and messages.untouched
        ):
            return None
        return NativeStream(self._fence_check, thread, self._event.id)

    def _footer(self, answer: Answer) -> tuple[str, ...]:
        if not self._workspace.footer:
            return ()
        return (f"{answer.model} · {answer.duration_s:.1f} s · ${answer.cost_usd:.4f}",)


def _oldest(event: Event, thread: SlackThread) -> str:
    """A ts before which nothing of this event can stand."""
    return thread.message_ts or thread.thread_ts or f"{event.time.timestamp() - CLOCKS_APART_S:.6f}"
