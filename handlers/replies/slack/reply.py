"""The Slack reply: one answer's way from the model into a thread, as `bot.events.Reply` wants it."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import structlog

from bot.doors.slack.calls import CallRequest, Done, Priority
from bot.doors.slack.fence_check import FenceCheck
from bot.doors.slack.refusals import NO_ENTRY, words_for
from bot.doors.slack.status import Asked, status_words
from bot.doors.slack.wire import DELETED
from bot.doors.slack.zone import zone_of
from bot.errors import NotWanted, Refused, TryAgain, Waits
from bot.events import Answer, Event, Place, SlackThread
from bot.parts import Standing
from bot.waiting import LONG_S, waiting_words
from handlers.replies.slack.final_answer import WAITING, FinalAnswer
from handlers.replies.slack.live_message import LiveMessage
from handlers.replies.slack.messages import Messages
from handlers.replies.slack.native_stream import NativeStream
from handlers.replies.slack.rendering import (
    Tail,
)
from handlers.replies.slack.search import destination_of
from handlers.replies.slack.workspace import Workspace
from handlers.replies.slack.writer import QUESTION_DELETED, SPILL_AFTER_S

log = structlog.get_logger()

STATUS_ENDS_WITHIN_S = 0.5
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
        self._destination = destination_of(event, thread)
        self._messages = workspace.remembered(event.id, thread.channel)
        self._fence_check = FenceCheck(workspace.pacer, event.id, workspace.holds)
        self._run = _Progress()
        self._final = FinalAnswer(workspace, event.id, thread.asker, self._destination, self._fence_check, self._check)

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
        await self._final.mark(self._known_messages(), self._run.live, words, Tail((words,)))
        self._run = _Progress(waited=not self._run.live)

    async def finish(self, answer: Answer) -> None:
        """Return once Slack has confirmed the whole answer, text unchanged but for neutralised tokens.

        Raises Refused when Slack will not have it, TryAgain when Slack stays silent for two minutes.
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
        await self._final.deliver(self._known_messages(), self._run.live, answer)

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
        await self._final.mark_failed(self._known_messages(), self._run.live, words)

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

    async def standing(self) -> Standing:
        """The first message of what was posted; its link is asked of Slack once, and is "" where that gives none."""
        parts = self._known_messages().parts
        if not parts:
            return Standing()
        channel, ts, pacer = self._thread.channel, parts[0].ts, self._workspace.pacer
        request = CallRequest("chat.getPermalink", f"link {channel} {ts}", Priority.NOTICE, pacer.clock(), channel)
        result = await pacer.send(request, lambda: {"channel": channel, "message_ts": ts}, LINK_WITHIN_S)
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


def _rest_or_again(error: TryAgain) -> TryAgain | Waits:
    """A long rest that Slack orders is waited out without a worker."""
    if error.after_s is None or error.after_s <= LONG_S:
        return error
    return Waits(error.reason.rstrip("."), datetime.now(UTC) + timedelta(seconds=error.after_s))
