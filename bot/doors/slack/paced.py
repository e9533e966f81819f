"""The paced client of one workspace: whoever writes to Slack or reads from it shares its limits through this."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Protocol, runtime_checkable

from bot.doors.slack.call_log import FileCallLog
from bot.doors.slack.client import SlackClient
from bot.doors.slack.pacer import Pacer
from bot.doors.slack.rate_limits import RateLimits, SteadyShare
from bot.doors.slack.settings import SlackSettings
from bot.errors import SettingsError


class PacedSlack:
    """The client, its pacer and its call log. Make it once for a process; use it from one event loop.

    `share` tells this process's part of the workspace's limits: 1 divided by the number of live workers. `call_log`
    holds what earlier processes called; without one the minute begins empty. Raises SettingsError without a bot token.
    """

    def __init__(
        self,
        settings: SlackSettings,
        share: Callable[[], float] = lambda: 1.0,
        clock: Callable[[], float] = time.monotonic,
        *,
        call_log: FileCallLog | None = None,
    ) -> None:
        if settings.slack_bot_token is None:
            raise SettingsError("SLACK_BOT_TOKEN is missing: take it from your Slack app's page OAuth & Permissions.")
        self._client = SlackClient(settings.slack_bot_token.get_secret_value(), settings.slack_api_url)
        # Random only so that processes come back at different instants after a refusal.
        limits = RateLimits(SteadyShare(share, clock), lambda: random.uniform(0.1, 1.0))  # noqa: S311 - no secret
        limits.inherit(call_log.past() if call_log else (), clock())
        self._call_log = call_log
        self.pacer = Pacer(self._client, limits, clock, call_log)
        self.put = self._client.put
        self.respond = self._client.respond

    def used_calls(self) -> dict[str, tuple[int, int]]:
        """For each method called so far: calls of the last minute that Slack counts, and Slack's limit a minute."""
        return self.pacer.limits.used(self.pacer.clock())

    async def aclose(self) -> None:
        """Give up what waits, let calls under way end, and stop the threads."""
        await self.pacer.aclose()
        self._client.close()
        if self._call_log:
            self._call_log.close()


@runtime_checkable
class HoldsPaced(Protocol):
    """Slack's replies hold the paced client, and close it."""

    paced: PacedSlack


def paced_of(replies: object) -> PacedSlack:
    """The paced client that this process's Slack replies hold; reading and the trigger share it."""
    assert isinstance(replies, HoldsPaced)
    return replies.paced
