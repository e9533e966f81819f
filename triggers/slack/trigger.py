"""This file is the Slack trigger: a Bolt app whose listeners only check, hand over and acknowledge."""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

import structlog
from slack_bolt.response import BoltResponse
from starlette.routing import BaseRoute

from bot.doors.slack.settings import SlackSettings
from bot.events import Emit, Event, Health, Receipt, SlackThread
from bot.rules.rule import Rule
from triggers.slack.bolt import NotStored, bolt_app
from triggers.slack.buttons import Click, click_from_action, question_from_shortcut
from triggers.slack.listening import SLACKS_STOP, Ears, Edit, Ignored, NotAllowed, Payload, Question, Stop, hear
from triggers.slack.sockets import Sockets
from triggers.slack.versions import LIVE, replaced_by
from triggers.slack.web import slack_route

log = structlog.get_logger()

HEARD = ("message", "app_mention", *SLACKS_STOP)
ACK_WITHIN_S = 2.5
"""Slack waits three seconds: https://docs.slack.dev/apis/events-api/#responding"""


class Desk(Protocol):
    """What the trigger needs of the engine and the receipts."""

    def is_ours(self, conversation: str) -> bool: ...
    def states(self, conversation: str) -> Mapping[str, str]: ...
    def event(self, event_id: str) -> Event | None: ...
    def set_feedback(self, event_id: str, value: str) -> None: ...
    async def request_stop(self, event_id: str, by: str) -> bool: ...
    async def retry(self, event_id: str) -> bool: ...


Notice = Callable[[str, str, str], Awaitable[None]]
"""Tells one person something that only they see: channel, user, words."""


@dataclass(frozen=True, slots=True)
class Wiring:
    """What the trigger is given: the desk, a way to tell one person something, and how long the second socket waits."""

    desk: Desk
    notice: Notice
    second_socket_after_s: float = 61.0


class SlackTrigger:
    """Serves one workspace in Socket Mode (SLACK_APP_TOKEN), in HTTP mode (SLACK_SIGNING_SECRET), or in both."""

    name = "slack"

    def __init__(self, settings: SlackSettings, rules: tuple[Rule, ...], wiring: Wiring) -> None:
        self._settings, self._rules, self._wiring = settings, rules, wiring
        self._ears: Ears | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._emit: Emit | None = None
        self._last_seen = ""
        self._last_seen_at: datetime | None = None
        self._told: set[tuple[str, str]] = set()
        self._edited_before: deque[str] = deque(maxlen=1_000)
        """Questions whose edit is here; Slack may deliver the first text after it."""
        self._sockets: Sockets | None = None
        self._app = bolt_app(settings, lambda: self._ears)
        self._listen()

    @property
    def routes(self) -> list[BaseRoute]:
        """`/slack/events`, when the signing secret is set."""
        return [slack_route(self._app)] if self._settings.slack_signing_secret else []

    async def run(self, emit: Emit) -> None:
        """Learn who we are, open the sockets and serve until cancelled."""
        self._loop, self._emit = asyncio.get_running_loop(), emit
        await self._learn_who_we_are()
        if self._settings.slack_app_token:
            self._sockets = Sockets(
                self._app, self._settings.slack_app_token.get_secret_value(), self._wiring.second_socket_after_s
            )
            self._sockets.start()
        try:
            await asyncio.Event().wait()
        finally:
            if self._sockets is not None:
                await asyncio.to_thread(self._sockets.stop)

    def health(self) -> Health:
        """Socket Mode: is a socket up. HTTP mode alone: do we know who we are."""
        words, ok = self._words()
        return Health(ok=ok, words=words, last_seen=self._last_seen, last_seen_at=self._last_seen_at)

    def _words(self) -> tuple[str, bool]:
        if self._ears is None:
            return "Slack has not said yet who we are; see the log.", False
        if self._sockets is None:
            return "Listening at /slack/events.", True
        up = self._sockets.up()
        return (f"Connected to Slack ({up} of 2 sockets).", True) if up else (_not_connected(self._sockets), False)

    async def _learn_who_we_are(self) -> None:
        wait_s = 1.0
        while self._ears is None:
            try:
                said = await asyncio.to_thread(self._app.client.auth_test)
                self._ears = Ears(
                    team=said["team_id"],
                    bot_user=said["user_id"],
                    bot_id=said.get("bot_id", ""),
                    rules=self._rules,
                    allow=self._settings.slack_allow,
                    allow_outsiders=self._settings.slack_allow_outsiders,
                    enterprise=said.get("enterprise_id") or "",
                )
            except Exception as error:  # noqa: BLE001  # whatever the SDK raises here, waiting is the answer; `check` says why
                log.warning("slack does not know us", problem=type(error).__name__, again_in_s=wait_s)
                await asyncio.sleep(wait_s)
                wait_s = min(wait_s * 2, 60.0)

    def _listen(self) -> None:
        app = self._app
        app.event(re.compile(f"^({'|'.join(HEARD)})$"))(self._on_message)
        app.event(re.compile(""))(self._on_other)
        app.shortcut("bellhop_ask")(self._on_shortcut)
        app.action(re.compile("^bellhop_"))(self._on_button)
        app.action(re.compile(""))(self._on_other_action)

    def _on_message(self, body: dict[str, Any]) -> None:
        if self._ears is None:
            raise NotStored
        heard = hear(body, self._ears, self._wiring.desk.is_ours)
        if not isinstance(heard, Ignored):
            self._last_seen, self._last_seen_at = "a message", datetime.now(UTC)
        self._act(heard)

    def _act(self, heard: object) -> None:
        match heard:
            case Question(event) if event.id in self._edited_before:
                log.debug("slack event passed over", why="its edit came first")
            case Question(event):
                self._wait_for(self._emitted(event))
            case Edit(first, question):
                self._wait_for(self._edited(first, question))
            case Stop(conversation, user):
                self._stop_all(conversation, user)
            case NotAllowed(channel, user, words):
                self._tell_once(channel, user, words)
            case Ignored(why):
                log.debug("slack event passed over", why=why)

    def _on_shortcut(self, ack: Callable[[], BoltResponse], body: dict[str, Any]) -> None:
        if self._ears is None:
            raise NotStored
        heard = question_from_shortcut(body, self._ears)
        self._act(heard)
        ack()

    def _on_button(self, ack: Callable[[], BoltResponse], body: dict[str, Any]) -> None:
        click = click_from_action(body)
        if click is not None:
            self._wait_for(self._clicked(click))
        ack()

    async def _clicked(self, click: Click) -> None:
        desk = self._wiring.desk
        event = await asyncio.to_thread(desk.event, click.event_id)
        if event is None:
            await self._say(click, "That answer is too old; please ask again.")
        elif click.action == "feedback":
            await asyncio.to_thread(desk.set_feedback, click.event_id, click.value)
            await self._say(click, "Thank you, noted.")
        elif not self._may_steer(event, click.user):
            await self._say(click, "Only the person who asked, or an admin, can do that.")
        elif click.action == "stop":
            await desk.request_stop(click.event_id, click.user)
        elif not await desk.retry(click.event_id):
            await self._say(click, "That answer is already there, or being written.")

    async def _say(self, click: Click, words: str) -> None:
        _later(self._wiring.notice(click.channel, click.user, words))

    async def _edited(self, first: str, question: Event) -> None:
        """An edit of an answered question changes nothing; of one still open, it replaces the question."""
        states = await asyncio.to_thread(self._wiring.desk.states, question.conversation)
        replaced = replaced_by(question.id, first, states)
        if replaced is None:
            return
        self._edited_before.append(first)
        # In this order: when we die in between, the edit comes again, and finds what it still has to stop.
        await self._emitted(question)
        for one in replaced:
            await self._wiring.desk.request_stop(one, "edit")

    async def _emitted(self, event: Event) -> Receipt:
        assert self._emit is not None
        return await self._emit(event)

    def _stop_all(self, conversation: str, user: str) -> None:
        for event_id, state in self._wiring.desk.states(conversation).items():
            event = self._wiring.desk.event(event_id) if state in LIVE else None
            if event is not None and self._may_steer(event, user):
                self._wait_for(self._wiring.desk.request_stop(event_id, user))

    def _may_steer(self, event: Event, user: str) -> bool:
        asker = event.reply_to.asker if isinstance(event.reply_to, SlackThread) else None
        return user == asker or user in self._settings.slack_admins

    def _tell_once(self, channel: str, user: str, words: str) -> None:
        if (channel, user) not in self._told:
            self._told.add((channel, user))
            assert self._loop is not None
            asyncio.run_coroutine_threadsafe(_shielded(self._wiring.notice(channel, user, words)), self._loop)

    def _on_other(self, body: Payload) -> None:
        """Everything else that is subscribed to is acknowledged, else Slack would send it again."""

    def _on_other_action(self, ack: Callable[[], BoltResponse]) -> None:
        ack()

    def _wait_for(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Run `work` on the loop and wait, within Slack's patience; a late one goes on, and is not acknowledged."""
        assert self._loop is not None
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


def _not_connected(sockets: Sockets) -> str:
    return f"Not connected to Slack ({sockets.problem() or 'connecting'})."
