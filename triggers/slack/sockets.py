"""The Socket Mode connections: two that overlap, each replaced when it has gone deaf."""

from __future__ import annotations

import contextlib
import math
import socket
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import structlog
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler

from bot.doors.slack.wire import error_name
from bot.retry import backoff_s
from triggers.slack.socket_urls import NotYet, SocketUrls

log = structlog.get_logger()

PING_S = 5.0
DEAF_AFTER_S = 25.0
"""Nothing heard for this long, not even the answer to one of our pings: the socket is dead without having closed."""
LOOK_EVERY_S = 5.0
SECOND_SOCKET_AFTER_S = 61.0
"""Slack may allow one new connection a minute: https://docs.slack.dev/reference/methods/apps.connections.open"""


class Socket:
    """One Socket Mode client that is kept alive: SDK reconnects, and we replace what the SDK takes for alive."""

    def __init__(self, app: App, app_token: str, urls: SocketUrls, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._urls = urls
        self._is_due = False
        """A new connection was wanted and could not be had."""
        self._handler = SocketModeHandler(app, app_token, ping_interval=PING_S)
        self._client = self._handler.client
        self._client.issue_new_wss_url = self._new_url  # type: ignore[method-assign]  # see SocketUrls for why
        self._client.on_message_listeners.append(lambda _message: self._heard())
        self._heard_at_s = float("-inf")
        self.problem = ""

    def keep_open(self, stop: threading.Event) -> None:
        """Connect and stay connected until `stop` is set. Blocks; run it in a thread of its own."""
        failed = 0
        while not stop.is_set():
            try:
                self._look()
                self.problem, failed = "", 0
                stop.wait(LOOK_EVERY_S)
            except NotYet as error:
                self.problem = "" if self._client.is_connected() else _words(error)
                stop.wait(min(error.wait_s, LOOK_EVERY_S))
            except Exception as error:  # noqa: BLE001  # the SDK's threads race here with odd errors; the socket must live on
                failed += 1
                wait_s = backoff_s(failed, 1.0, 60.0)
                self.problem = _words(error)
                log.warning("slack socket", problem=self.problem, again_in_s=wait_s)
                stop.wait(wait_s)
        self._close()

    def is_up(self) -> bool:
        """Connected, and something was heard lately."""
        return bool(self._client.is_connected()) and self._silence_s() < DEAF_AFTER_S

    def _look(self) -> None:
        if self._client.current_session is None or self._is_due:
            # Never the SDK's plain connect(): after a failed try it would offer the same single-use URL for ever.
            self._client.connect_to_new_endpoint(force=True)
            self._heard()
        elif self._client.is_connected() and self._silence_s() > DEAF_AFTER_S:
            log.warning("slack socket went deaf", seconds=round(self._silence_s()))
            self._client.connect_to_new_endpoint(force=True)
            self._heard()

    def _new_url(self) -> str:
        self._is_due = True
        url = self._urls.new()
        self._is_due = False
        return url

    def _close(self) -> None:
        """Close at once: the SDK's own close waits until its blocking read, seconds long, has ended."""
        self._client.auto_reconnect_enabled = False
        session: Any = self._client.current_session
        with contextlib.suppress(OSError, AttributeError):  # no session, or no socket any more
            session.sock.shutdown(socket.SHUT_RDWR)
        with contextlib.suppress(AttributeError):
            self._client.close()
            return
        self._client.close()  # one of the SDK's own threads closed the socket in the same moment

    def _silence_s(self) -> float:
        """Seconds since a message or the answer to a ping; the SDK keeps the latter in wall-clock time."""
        session: Any = self._client.current_session
        pong_at = getattr(session, "last_ping_pong_time", None)
        pong_age_s = max(time.time() - pong_at, 0.0) if pong_at else float("inf")
        return min(self._clock() - self._heard_at_s, pong_age_s)

    def heard_at(self) -> datetime | None:
        """When a message or the answer to a ping came last; None while none did."""
        silence_s = self._silence_s()
        return datetime.fromtimestamp(time.time() - silence_s, UTC) if math.isfinite(silence_s) else None

    def _heard(self) -> None:
        self._heard_at_s = self._clock()


class Sockets:
    """The overlapping pair: while one is being replaced the other hears."""

    def __init__(self, app: App, app_token: str, second_after_s: float = SECOND_SOCKET_AFTER_S) -> None:
        urls = SocketUrls(app.client, app_token)
        self._sockets = (Socket(app, app_token, urls), Socket(app, app_token, urls))
        self._second_after_s = second_after_s
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, args=(number,), name=f"slack-socket-{number}", daemon=True)
            for number in range(len(self._sockets))
        ]

    def start(self) -> None:
        """Open the first now and the second when Slack's limit allows."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Close both; returns when their threads have ended."""
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=5.0)

    def up(self) -> int:
        """How many hear Slack now."""
        return sum(socket.is_up() for socket in self._sockets)

    def heard_at(self) -> datetime | None:
        """When Slack was last heard on any of them, be it only a pong; None while it was not."""
        return max((at for socket in self._sockets if (at := socket.heard_at())), default=None)

    def problem(self) -> str:
        """Why none is up, in the SDK's or Slack's words; "" while all is well."""
        return next((socket.problem for socket in self._sockets if socket.problem), "")

    def _run(self, number: int) -> None:
        if number and self._stop.wait(self._second_after_s):
            return
        self._sockets[number].keep_open(self._stop)


def _words(error: Exception) -> str:
    """The error's kind and Slack's own word for it, never the response, which may hold such a URL."""
    word = error_name(error)
    return f"{type(error).__name__} {word}" if word else type(error).__name__
