"""The URLs that open a socket each: Slack is not asked for another before it will give one."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from bot.doors.slack.wire import error_name, retry_after_s

log = structlog.get_logger()

REST_IF_UNTOLD_S = 30.0
"""How long to wait when Slack says "ratelimited" without a Retry-After."""


class NotYet(Exception):
    """Slack gives no URL for another `wait_s` seconds."""

    def __init__(self, wait_s: float) -> None:
        super().__init__("ratelimited")
        self.wait_s = wait_s


class Opener(Protocol):
    """What is needed of slack_sdk's WebClient."""

    def apps_connections_open(self, *, app_token: str) -> SlackResponse: ...


class SocketUrls:
    """Asks apps.connections.open. Shared by all sockets; usable from any thread. `clock` counts seconds.

    Instead of the SDK's own way, which sleeps out a refusal on the thread that hears Slack: the socket that is still
    open would be deaf meanwhile.
    """

    def __init__(self, client: Opener, app_token: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._client, self._app_token, self._clock = client, app_token, clock
        self._rests_until = float("-inf")

    def new(self) -> str:
        """The address of a new socket, good once. Raises NotYet, and whatever else the SDK raises."""
        wait_s = self._rests_until - self._clock()
        if wait_s > 0:
            raise NotYet(wait_s)
        try:
            said = self._client.apps_connections_open(app_token=self._app_token)
        except SlackApiError as error:
            if error.response.status_code != 429 and error_name(error) != "ratelimited":
                raise
            told_s = retry_after_s(error.response.headers)
            rest_s = REST_IF_UNTOLD_S if told_s is None else told_s
            self._rests_until = self._clock() + rest_s
            log.info("slack gives no new socket yet", again_in_s=round(rest_s))
            raise NotYet(rest_s) from None
        return str(said["url"])
