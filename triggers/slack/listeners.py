"""The Bolt listeners of one face of the Slack trigger: they check, hand over and acknowledge."""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

import structlog
from slack_bolt.response import BoltResponse

from bot.doors.slack.settings import SlackSettings
from bot.doors.slack.wire import ASK_SHORTCUT, DELETED, EDITED
from bot.events import Emit, Event, Receipt, SlackThread
from triggers.slack.bolt import NotStored, bolt_app
from triggers.slack.buttons import Click, click_from_action, question_from_shortcut
from triggers.slack.decision import (
    SLACKS_STOP,
    Deleted,
    Edit,
    Ignored,
    NotAllowed,
    Payload,
    Question,
    Recipient,
    Stop,
    decide,
)
from triggers.slack.identity import Identity
from triggers.slack.pane import Pane, may_open_talk, opened_pane
from triggers.slack.versions import is_of_message, replaced_by

log = structlog.get_logger()

SUBSCRIBED = ("message", "app_mention", *SLACKS_STOP)
ACK_WITHIN_S = 2.5
"""Slack waits three seconds: https://docs.slack.dev/apis/events-api/#responding"""


class KnownEvents(Protocol):
    """What the trigger needs of the engine and the receipts."""

    def is_ours(self, conversation: str) -> bool: ...
    def states(self, conversation: str) -> Mapping[str, str]: ...
    def open_below(self, prefix: str) -> Sequence[str]: ...
    def event(self, event_id: str) -> Event | None: ...
    def set_feedback(self, event_id: str, value: str) -> None: ...
    async def request_stop(self, event_id: str, by: str) -> bool: ...
    async def retry(self, event_id: str) -> bool: ...


Notice = Callable[[str, str, str], Awaitable[None]]
"""Tells one person something that only they see: channel, user, words."""


@dataclass(frozen=True, slots=True)
class Wiring:
    """What the trigger is given: the known events, a way to tell one person something, when the second socket opens.

    `pane`: what greets in the assistant pane, where there is one.
    """

    known: KnownEvents
    notice: Notice
    second_socket_after_s: float = 61.0
    pane: Pane | None = None


class Listeners:
    """Turns what Slack delivers into events for one `emit`, on the loop it was made on; Bolt calls it from threads."""

    def __init__(self, settings: SlackSettings, wiring: Wiring, identity: Identity, emit: Emit) -> None:
        self._settings, self._wiring, self._identity, self._emit = settings, wiring, identity, emit
        self._loop = asyncio.get_running_loop()
        self._told: set[tuple[str, str]] = set()
        self._edited_before: deque[str] = deque(maxlen=1_000)
        """Questions whose edit is here; Slack may deliver the first text after it."""
        self._deleted: deque[str] = deque(maxlen=1_000)
        """Questions whose deletion is here; Slack may deliver them after it."""
        self.last_event_at: datetime | None = None
        self.app = bolt_app(settings, identity.recipient)
        self._listen()

    def _listen(self) -> None:
        app = self.app
        app.event(re.compile(f"^({'|'.join(SUBSCRIBED)})$"))(self._on_message)
        app.event("assistant_thread_started")(self._on_pane)
        app.event(re.compile(""))(self._on_other)
        app.shortcut(ASK_SHORTCUT)(self._on_shortcut)
        app.action(re.compile("^bellhop_"))(self._on_button)
        app.action(re.compile(""))(self._on_other_action)

    def _on_message(self, body: dict[str, Any]) -> None:
        decision = decide(body, self._recipient(), self._wiring.known.is_ours)
        self._entitle(decision)
        self._act(decision)

    def _on_pane(self, body: dict[str, Any]) -> None:
        pane, opened = self._wiring.pane, opened_pane(body)
        if pane and opened:
            asyncio.run_coroutine_threadsafe(_shielded(pane.greet(*opened)), self._loop)

    def _entitle(self, decision: object) -> None:
        if self._wiring.pane is None or not isinstance(decision, Question):
            return
        event, place = decision.event, may_open_talk(decision.event)
        if place and place.thread_ts and not self._wiring.known.is_ours(event.conversation):
            work = self._wiring.pane.entitle(place.channel, place.thread_ts, event.subject)
            asyncio.run_coroutine_threadsafe(_shielded(work), self._loop)

    def _recipient(self) -> Recipient:
        recipient = self._identity.recipient()
        if recipient is None:
            raise NotStored
        return recipient

    def _act(self, decision: object) -> None:
        match decision:
            case Question(event) if event.id in self._edited_before or event.id in self._deleted:
                log.debug("slack event passed over", why="its edit or deletion came first")
            case Question(event):
                self._wait_for(self._emitted(event))
            case Edit(first, _) if first in self._deleted:
                log.debug("slack event passed over", why="its deletion came first")
            case Edit(first, question):
                self._wait_for(self._edited(first, question))
            case Stop(place, user):
                self._wait_for(self._stopped(place, user))
            case Deleted(first):
                self._deleted.append(first)
                self._wait_for(self._withdrawn(first))
            case NotAllowed(channel, user, words):
                self._tell_once(channel, user, words)
            case Ignored(why):
                log.debug("slack event passed over", why=why)

    def _on_shortcut(self, ack: Callable[[], BoltResponse], body: dict[str, Any]) -> None:
        self._act(question_from_shortcut(body, self._recipient()))
        ack()

    def _on_button(self, ack: Callable[[], BoltResponse], body: dict[str, Any]) -> None:
        click = click_from_action(body)
        if click is not None:
            self._wait_for(self._clicked(click))
        ack()

    async def _clicked(self, click: Click) -> None:
        known = self._wiring.known
        event = await asyncio.to_thread(known.event, click.event_id)
        if event is None:
            await self._say(click, "That answer is too old; please ask again.")
        elif click.action == "feedback":
            await asyncio.to_thread(known.set_feedback, click.event_id, click.value)
            await self._say(click, "Thank you, noted.")
        elif not self._may_steer(event, click.user):
            await self._say(click, "Only the person who asked, or an admin, can do that.")
        elif click.action == "stop":
            await known.request_stop(click.event_id, click.user)
        elif not await known.retry(click.event_id):
            await self._say(click, "That answer is already there, or being written.")

    async def _say(self, click: Click, words: str) -> None:
        _later(self._wiring.notice(click.channel, click.user, words))

    async def _edited(self, first: str, question: Event) -> None:
        """An edit of an answered question changes nothing; of one still open, it replaces the question."""
        states = await asyncio.to_thread(self._wiring.known.states, question.conversation)
        replaced = replaced_by(question.id, first, states)
        if replaced is None:
            return
        self._edited_before.append(first)
        # In this order: when we die in between, the edit comes again, and finds what it still has to stop.
        await self._emitted(question)
        for one in replaced:
            await self._wiring.known.request_stop(one, EDITED)

    async def _emitted(self, event: Event) -> Receipt:
        receipt = await self._emit(event)
        self.last_event_at = datetime.now(UTC)
        if any(is_of_message(event.id, first) for first in self._deleted):  # deleted in this very instant
            await self._wiring.known.request_stop(event.id, DELETED)
        return receipt

    async def _withdrawn(self, first: str) -> None:
        """Whatever was asked by a message that is deleted now is not answered any more."""
        # Below the channel: a direct message may have joined an earlier conversation.
        for event_id in await asyncio.to_thread(self._wiring.known.open_below, first.rpartition(":")[0] + ":"):
            if is_of_message(event_id, first):
                await self._wiring.known.request_stop(event_id, DELETED)

    async def _stopped(self, place: str, user: str) -> None:
        known = self._wiring.known
        for event_id in await asyncio.to_thread(known.open_below, place):
            event = await asyncio.to_thread(known.event, event_id)
            if event is not None and self._may_steer(event, user):
                await known.request_stop(event_id, user)

    def _may_steer(self, event: Event, user: str) -> bool:
        asker = event.reply_to.asker if isinstance(event.reply_to, SlackThread) else None
        return user == asker or user in self._settings.slack_admins

    def _tell_once(self, channel: str, user: str, words: str) -> None:
        if (channel, user) not in self._told:
            self._told.add((channel, user))
            asyncio.run_coroutine_threadsafe(_shielded(self._wiring.notice(channel, user, words)), self._loop)

    def _on_other(self, body: Payload) -> None:
        """Everything else that is subscribed to is acknowledged, else Slack would send it again."""

    def _on_other_action(self, ack: Callable[[], BoltResponse]) -> None:
        ack()

    def _wait_for(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Run `work` on the loop and wait, within Slack's patience; a late one goes on, and is not acknowledged."""
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result(timeout=ACK_WITHIN_S)
        except Exception as error:
            raise NotStored from error


_background: set[asyncio.Future[None]] = set()


def _later(work: Awaitable[None]) -> None:
    task = asyncio.ensure_future(_shielded(work))
    _background.add(task)
    task.add_done_callback(_background.discard)


async def _shielded(work: Awaitable[None]) -> None:
    try:
        await work
    except Exception as error:  # noqa: BLE001  # a notice that cannot be given must not disturb the trigger
        log.warning("slack notice not given", problem=type(error).__name__)
