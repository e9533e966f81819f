"""The Slack reply: one answer's way from the model into a thread, as `bot.events.Reply` wants it."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import structlog

from bot.doors.slack.calls import CallRequest, Done, Priority
from bot.doors.slack.fence_check import FenceCheck
from bot.doors.slack.refusals import NO_ENTRY, ShapeRefused, words_for
from bot.doors.slack.status import Asked, status_words
from bot.doors.slack.wire import DELETED, FEEDBACK_DOWN, FEEDBACK_UP, MESSAGES_PER_ANSWER, RETRY
from bot.doors.slack.zone import zone_of
from bot.errors import NotWanted, Refused, TryAgain, Waits
from bot.events import Answer, Event, Place, SlackThread
from bot.parts import Standing
from bot.waiting import LONG_S, waiting_words
from handlers.replies.slack.live_message import LiveMessage, code_notes, host_notes, smaller_shape
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
from handlers.replies.slack.writer import QUESTION_DELETED, SPILL_AFTER_S

log = structlog.get_logger()

FEEDBACK_BUTTONS = ((FEEDBACK_UP, "👍"), (FEEDBACK_DOWN, "👎"))
RETRY_BUTTON = ((RETRY, "Retry"),)
WAITING = "⏳"
"""What a line begins with that says why the answer comes later."""
IN_A_FILE = "This is the beginning; the whole answer is in the file in this thread."
"""Said where an answer takes more than MESSAGES_PER_ANSWER messages."""
STATUS_ENDS_WITHIN_S = 0.5
CLOCKS_APART_S = 60.0
LINK_WITHIN_S = 3.0
UNHEARD = timedelta(seconds=60)
"""A question that is older when its answer begins may have been deleted while nobody listened."""


@dataclass(slots=True)
class _Progress:
    """How far one run of an answer is. `live`, `growing`: it grows just now; `asked`, `status`: a sign of life."""

    live: LiveMessage | None = None
    growing: asyncio.Task[None] | None = None
    over: asyncio.Event = field(default_factory=asyncio.Event)
    asked: Asked | None = None
    status: asyncio.Task[None] | None = None
    waited: bool = False
    gone: bool = False
    """The question was deleted: nothing is shown any more."""
    no_entry: str = ""
    """Slack's name for why nothing can be shown there."""


class SlackReply:
    """The way back into a Slack thread. See `bot.events.Reply`; used from the pacer's event loop only."""

    def __init__(self, workspace: Workspace, event: Event, thread: SlackThread, *, watched: bool = True) -> None:
        self.watched = watched
        self.ended = False
        """The answer, or why there is none, stands there; another run of the event gets another reply."""
        self._workspace = workspace
        self._event = event
        self._destination = Destination(thread.channel, thread.thread_ts, _oldest(event, thread))
        self._messages = workspace.remembered(event.id, thread.channel)
        self._fence_check = FenceCheck(workspace.pacer, event.id, workspace.holds)
        self._run = _Progress()

    @property
    def _thread(self) -> SlackThread:
        assert isinstance(self._event.reply_to, SlackThread)
        return self._event.reply_to

    async def open(self, place: Place | None) -> Place:
        """Give a sign of life at once, without waiting for it; nothing is posted before there is text.

        Raises Refused where an answer could not be seen, NotWanted where the question is gone: Claude is not paid then.
        """
        if self._messages is None:
            # Only where an earlier run may have written is there anything to find, and finding costs calls.
            self._messages = self._new_messages(fresh=place is None)
        self._messages.posted = False
        if not self._run.no_entry and not self._run.gone:
            async with self._or_nothing():
                await self._check()
                self._begin_status()
                await self._look_around(began_before=place is not None)
        return {"channel": self._thread.channel, "thread_ts": self._thread.thread_ts}

    def _begin_status(self) -> None:
        on = self._thread.message_ts or self._thread.thread_ts
        if not on or self._run.status is not None:
            return
        run = self._run
        run.asked = Asked(self._thread.channel, self._thread.thread_ts or on, on)
        words = status_words(self._event.attachments)
        keep = self._workspace.status.keep(run.asked, words, run.over, lambda: run.live is not None)
        run.status = self._workspace.begin(keep)

    async def _look_around(self, *, began_before: bool) -> None:
        """Deletions that we were told of are known; of those that came while nobody listened Slack is asked."""
        access = self._workspace.access
        self._run.no_entry = await access.refusal(self._thread)
        if self._run.no_entry:
            self._run.over.set()
            raise Refused(words_for(self._run.no_entry), self._run.no_entry)
        is_old = datetime.now(UTC) - self._event.time > UNHEARD
        await self._check(look=began_before or is_old)

    async def _check(self, *, look: bool = False) -> None:
        """Raise NotWanted when the question was deleted; `look`: ask Slack, too."""
        if not self._run.gone:
            withdrawn = await self._workspace.withdrawn(self._event.id)
            self._run.gone = withdrawn == DELETED or (look and await self._workspace.access.is_gone(self._thread))
        if self._run.gone:
            raise NotWanted(QUESTION_DELETED)

    @asynccontextmanager
    async def _or_nothing(self) -> AsyncIterator[None]:
        """When it turns out that the question was deleted, what stands there of the answer is taken away."""
        try:
            yield
        except NotWanted:
            await self._leave_nothing()
            raise

    async def show(self, text_so_far: str) -> None:
        """Let the answer grow to this text, when its turn comes; returns at once."""
        if self._run.live is None:
            await self._take_back_wait()
            clock, abilities = self._workspace.pacer.clock, self._workspace.abilities
            messages, stream = self._known_messages(), self._stream()
            self._run.live = LiveMessage(
                clock, abilities, messages, self._event.id, asker=self._thread.asker, stream=stream
            )
            self._run.growing = self._workspace.begin(self._run.live.run())
        self._run.live.write(text_so_far)

    async def wait(self, reason: str, until: datetime | None) -> None:
        """Say it in a message, because a status lasts two minutes at most.

        The message goes when the answer comes: that is posted anew, because Slack tells nobody of an edit.
        """
        await self._quiet()
        if self._run.live:
            await self._run.live.leave_stream()
        if await self._is_withdrawn():
            return
        zone = await zone_of(self._workspace.pacer, self._thread.asker)
        words = f"{WAITING} {waiting_words(reason, until, datetime.now(UTC), zone)}"
        await self._mark(words, Tail((words,)))
        self._run = _Progress(waited=not self._run.live)

    async def finish(self, answer: Answer) -> None:
        """Return once Slack has confirmed the whole answer, text unchanged but for neutralised tokens.

        Raises Refused when Slack will not have it, TryAgain when Slack stays silent for a quarter of an hour.
        """
        await self._quiet()
        async with self._or_nothing():
            await self._check()
            if answer.stop_reason == "stopped" and await self._is_withdrawn():
                return
            try:
                await self._stand(answer)
            except TryAgain as error:
                raise _rest_or_again(error) from None
            except Refused as error:
                self._workspace.access.learn(self._thread.channel, error.code)
                raise
            await self._check()
        self._done()

    async def _stand(self, answer: Answer) -> None:
        await self._take_back_wait()
        text = neutralised(answer.text, self._thread.asker)
        tail = Tail((*answer.notes, *host_notes(text), *code_notes(text), *self._footer(answer)), FEEDBACK_BUTTONS)
        if not await self._finish_stream(text, tail):
            await self._finalize(text, tail)

    async def fail(self, reason: str) -> None:
        """Mark what is there as unfinished, say why in the small print, and offer to try again."""
        await self._quiet()
        if self._run.live:
            await self._run.live.leave_stream()
        if await self._is_withdrawn():
            return
        short_id = hashlib.sha256(self._event.id.encode()).hexdigest()[:8]
        log.warning("slack answer failed", event_id=self._event.id, ref=short_id)
        words = f"{reason} (ref {short_id})"
        try:
            async with self._or_nothing():
                await self._say_failed(words)
        except NotWanted:
            return
        except Refused as error:
            if error.code not in NO_ENTRY:
                raise
            self._workspace.access.learn(self._thread.channel, error.code)
            why = words_for(error.code)
            told = reason if why in reason else f"{reason} {why}"
            await self._workspace.access.tell(self._thread, error.code, told, self._workspace.respond)
        self._done()

    async def _say_failed(self, words: str) -> None:
        if self._run.no_entry:
            raise Refused(words_for(self._run.no_entry), self._run.no_entry)
        await self._take_back_wait()
        await self._mark(f"⚠️ {words}", Tail((f"⚠️ Unfinished: {words}",), RETRY_BUTTON))

    async def _mark(self, words: str, tail: Tail) -> None:
        """Put the tail under what is there of the answer; where nothing is, `words` with the tail's buttons."""
        messages = self._known_messages()
        await messages.look()
        text = neutralised(self._run.live.text if self._run.live else "", self._thread.asker)
        if text.strip():
            await self._finalize(text, replace(tail, small_print=(*tail.small_print, *host_notes(text))))
        elif messages.found and not messages.found[0].text.startswith(WAITING):
            await messages.finalize(self._as_found(messages.found, tail))
        else:
            await messages.finalize([notice(words, tail.buttons, self._event.id)])

    async def _take_back_wait(self) -> None:
        if self._run.waited:
            self._run.waited = False
            await self._known_messages().finalize([])

    async def _is_withdrawn(self) -> bool:
        """Take away what there is when the question was edited or deleted. False when it was not."""
        if not self._run.gone and not await self._workspace.withdrawn(self._event.id):
            return False
        await self._leave_nothing()
        return True

    async def _leave_nothing(self) -> None:
        self._run.over.set()
        if self._run.live:
            self._run.live.stop()
            await self._run.live.leave_stream()
        await self._known_messages().finalize([])
        self._done()

    def _as_found(self, found: list[Found], tail: Tail) -> list[Rendered]:
        """What an earlier run showed, as Slack hands it back, with the small print and buttons under the last part."""
        ends = [*small_print_blocks(tail.small_print), *button_blocks(tail.buttons, self._event.id)]
        rendered = [Rendered(part.text, part.blocks) for part in found]
        return [*rendered[:-1], replace(rendered[-1], blocks=(*rendered[-1].blocks, *ends))]

    async def _quiet(self) -> None:
        self._run.over.set()
        if self._run.status:
            # A status that arrives after the answer would stand there for two minutes.
            await asyncio.wait({self._run.status}, timeout=STATUS_ENDS_WITHIN_S)
        if self._run.live is None or self._run.growing is None:
            return
        self._run.live.stop()
        await asyncio.wait({self._run.growing}, timeout=SPILL_AFTER_S)
        messages = self._known_messages()
        if not self._run.growing.done() and messages.parts and not messages.posting and self._run.live.stream is None:
            messages.leave_behind()
        else:
            await self._run.growing

    async def _finish_stream(self, text: str, tail: Tail) -> bool:
        if self._run.live is None or self._run.live.stream is None:
            return False
        blocks = [*small_print_blocks(tail.small_print), *button_blocks(tail.buttons, self._event.id)]
        exact = await self._run.live.stream.stop(text, blocks)
        await self._run.live.leave_stream()
        if exact:
            self._known_messages().forget()
        return exact

    async def _finalize(self, text: str, tail: Tail) -> None:
        """Make the messages exactly this text, in the first shape that Slack takes."""
        shape = self._run.live.shape if self._run.live else self._workspace.abilities.shapes[0]
        while True:
            try:
                rendered = await self._render_final(text, shape, tail)
                await self._known_messages().finalize(rendered)
            except ShapeRefused as refused:
                messages, abilities = self._known_messages(), self._workspace.abilities
                shape = await smaller_shape(abilities, messages, shape, refused, rendered[0])
            else:
                self._workspace.abilities.took(shape)
                return

    async def _render_final(self, text: str, shape: Shape, tail: Tail) -> list[Rendered]:
        rendered = render_answer(text, shape, tail, self._event.id)
        if len(rendered) <= MESSAGES_PER_ANSWER:
            return rendered
        beginning = pages(text, shape.page_chars, finished=True)[0].text
        short = [
            render_message(beginning, shape, replace(tail, small_print=(IN_A_FILE, *tail.small_print)), self._event.id)
        ]
        await self._check(look=True)
        await self._known_messages().look()
        if self._known_messages().untouched:
            # The beginning stands above the file; where it grew already, it does.
            await self._known_messages().finalize(short)
        return short if await self._uploaded(text) else rendered

    async def _uploaded(self, text: str) -> bool:
        below = self._destination.thread_ts or self._known_messages().parts[0].ts
        place = replace(self._destination, thread_ts=below)
        return await upload_answer(self._fence_check, self._workspace.put, place, self._event.id, text)

    async def standing(self) -> Standing:
        """The first message of what was posted; its link is asked of Slack once, and is "" where that gives none."""
        parts = self._known_messages().parts
        if not parts:
            return Standing()
        channel, ts = self._thread.channel, parts[0].ts
        request = CallRequest(
            "chat.getPermalink", f"link {channel} {ts}", Priority.NOTICE, self._workspace.pacer.clock(), channel
        )
        result = await self._workspace.pacer.send(
            request, lambda: {"channel": channel, "message_ts": ts}, LINK_WITHIN_S
        )
        link = str(result.data.get("permalink", "")) if isinstance(result, Done) else ""
        return Standing(link, f"{channel}:{self._thread.thread_ts or ts}")

    def _done(self) -> None:
        messages, asked = self._known_messages(), self._run.asked
        if asked and not messages.posted:  # only a new message takes the status away
            self._workspace.begin(self._workspace.status.clear(asked))
        self._workspace.remember(self._event.id, messages)
        self._run = _Progress(gone=self._run.gone, no_entry=self._run.no_entry)
        self.ended = True

    def _known_messages(self) -> Messages:
        # Without `open` in this process nothing is known of an earlier run.
        if self._messages is None:
            self._messages = self._new_messages(fresh=False)
        return self._messages

    def _new_messages(self, *, fresh: bool) -> Messages:
        workspace = self._workspace
        return Messages(
            self._fence_check,
            self._destination,
            self._event.id,
            fresh=fresh,
            native=workspace.abilities.native,
            check=self._check,
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


def _rest_or_again(error: TryAgain) -> TryAgain | Waits:
    """A long rest that Slack orders is waited out without a worker."""
    if error.after_s is None or error.after_s <= LONG_S:
        return error
    return Waits(error.reason.rstrip("."), datetime.now(UTC) + timedelta(seconds=error.after_s))


def _oldest(event: Event, thread: SlackThread) -> str:
    """A ts before which nothing of this event can stand."""
    return thread.message_ts or thread.thread_ts or f"{event.time.timestamp() - CLOCKS_APART_S:.6f}"
