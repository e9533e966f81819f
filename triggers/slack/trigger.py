"""The Slack trigger: sockets under a lease, or signed requests that any web process may take."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

import structlog
from starlette.routing import BaseRoute

from bot.doors.slack.settings import SlackSettings
from bot.events import Emit, Health
from bot.retry import backoff_s
from bot.rules.rule import Rule
from triggers.slack.identity import Identity
from triggers.slack.listeners import Listeners, Wiring
from triggers.slack.routes import slack_route
from triggers.slack.sockets import Sockets

log = structlog.get_logger()

PROOF_EVERY_S = 20.0
"""Without a socket nothing comes by itself: Slack is asked this often whether it still knows us."""


class SlackTrigger:
    """Serves one workspace in Socket Mode (SLACK_APP_TOKEN), in HTTP mode (SLACK_SIGNING_SECRET), or in both."""

    name = "slack"

    def __init__(self, settings: SlackSettings, rules: tuple[Rule, ...], wiring: Wiring) -> None:
        self._settings, self._wiring = settings, wiring
        self._identity = Identity(settings, rules)
        self._listeners: list[Listeners] = []
        self._sockets: Sockets | None = None

    def routes(self, emit: Emit) -> Sequence[BaseRoute]:
        """`/slack/events`, when the signing secret is set; who we are is learnt with the first event."""
        if not self._settings.slack_signing_secret:
            return ()
        listeners = self._listen(emit)
        return [slack_route(listeners.app)]

    async def run(self, emit: Emit) -> None:
        """Learn who we are, open the sockets and serve until cancelled; in HTTP mode, ask whether Slack is there."""
        await self._learn_who_we_are()
        if not self._settings.slack_app_token:
            await self._keep_asking()
        token = self._settings.slack_app_token
        assert token is not None
        app = self._listen(emit).app
        self._sockets = Sockets(app, token.get_secret_value(), self._wiring.second_socket_after_s)
        self._sockets.start()
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.to_thread(self._sockets.stop)

    def health(self) -> Health:
        """Socket Mode: is a socket up, heard by a message or a pong. HTTP mode: does Slack answer auth.test."""
        words, ok = self._words()
        events = [listeners.last_event_at for listeners in self._listeners if listeners.last_event_at]
        return Health(ok, words, self._heard_at(), max(events, default=None))

    def _listen(self, emit: Emit) -> Listeners:
        self._listeners.append(Listeners(self._settings, self._wiring, self._identity, emit))
        return self._listeners[-1]

    def _heard_at(self) -> datetime | None:
        known = [self._identity.heard_at, self._sockets.heard_at() if self._sockets else None]
        return max((at for at in known if at), default=None)

    def _words(self) -> tuple[str, bool]:
        if self._identity.problem:
            return self._identity.problem, False
        if self._sockets is None:
            return "Listening at /slack/events.", True
        up = self._sockets.up()
        return (f"Connected to Slack ({up} of 2 sockets).", True) if up else (_not_connected(self._sockets), False)

    async def _learn_who_we_are(self) -> None:
        tried = 0
        while not await asyncio.to_thread(self._identity.ask):
            tried += 1
            await asyncio.sleep(backoff_s(tried, 1.0, 60.0))

    async def _keep_asking(self) -> None:
        while True:
            await asyncio.sleep(PROOF_EVERY_S)
            await self._learn_who_we_are()


def _not_connected(sockets: Sockets) -> str:
    return f"Not connected to Slack ({sockets.problem() or 'connecting'})."
