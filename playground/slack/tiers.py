"""Slack's rate limits: a strict sliding minute for each method, and a post a second for each channel.

Slack publishes floors ("50+ per minute"); the stand-in takes the floor for the limit, the worst reading of it.
Source: docs.slack.dev/apis/web-api/rate-limits and the page of each method.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping
from typing import Any

from playground.slack.options import Options

WINDOW_S = 60.0
TWO, THREE, FOUR = 20, 50, 100

PER_MINUTE: dict[str, int | None] = {
    "agents.sessions.setStatus": THREE,
    "api.test": FOUR,
    "apps.connections.open": THREE,  # tier 1 on an older page: `Options(tiers={"apps.connections.open": 1})`
    "assistant.threads.setStatus": 600,  # "special", no figure published: held to be generous
    "assistant.threads.setSuggestedPrompts": FOUR,
    "assistant.threads.setTitle": FOUR,
    "auth.test": 600,  # "special": hundreds a minute
    "bots.info": THREE,
    "chat.appendStream": FOUR,
    "chat.delete": THREE,
    "chat.getPermalink": 600,  # "special"
    "chat.postEphemeral": FOUR,
    "chat.postMessage": None,  # a rule of its own, see `Budgets.spend_post`
    "chat.startStream": TWO,
    "chat.stopStream": TWO,
    "chat.update": THREE,
    "conversations.history": THREE,
    "conversations.info": THREE,
    "conversations.join": THREE,
    "conversations.list": TWO,
    "conversations.members": FOUR,
    "conversations.open": THREE,
    "conversations.replies": THREE,
    "files.completeUploadExternal": FOUR,
    "files.getUploadURLExternal": FOUR,
    "files.info": FOUR,
    "reactions.add": THREE,
    "reactions.get": THREE,
    "reactions.remove": TWO,
    "team.info": THREE,
    "usergroups.list": TWO,
    "users.info": FOUR,
    "users.list": TWO,
    "views.open": FOUR,
    "views.publish": FOUR,
    "views.update": FOUR,
}
DISTRIBUTED = {"conversations.history": 1, "conversations.replies": 1}


class Budgets:
    """What each method has used in the last minute. Not safe for threads: the workspace's lock is held.

    A call turned away blocks its method until its Retry-After has passed: asking earlier is turned away again.
    """

    def __init__(self) -> None:
        self._used: dict[tuple[str, ...], deque[float]] = {}
        self._blocked_until: dict[tuple[str, ...], float] = {}

    def spend(self, method: str, args: Mapping[str, Any], options: Options, now: float) -> int | None:
        """Count one call; None when it may go on, else the whole seconds of its Retry-After."""
        if (wait_s := self._blocked((method,), now)) is not None:
            return wait_s
        if method == "chat.postMessage":
            return self._spend_post(str(args.get("channel", "")), options, now)
        return self._window((method,), limit_of(method, options), WINDOW_S, now)

    def block(self, method: str, seconds: float, now: float) -> None:
        """Turn every call of `method` away for `seconds`."""
        self._blocked_until[(method,)] = now + seconds

    def used(self, options: Options, now: float) -> dict[str, dict[str, int | None]]:
        """For each method called so far: calls in the last minute, and the limit."""
        counts: dict[str, dict[str, int | None]] = {}
        for key, times in self._used.items():
            if len(key) == 1:
                _forget(times, now, WINDOW_S)
                counts[key[0]] = {"used": len(times), "limit": limit_of(key[0], options)}
        return counts

    def _spend_post(self, channel: str, options: Options, now: float) -> int | None:
        burst_s = options.post_burst / options.posts_per_second
        key = ("chat.postMessage", channel)
        if (wait_s := self._blocked(key, now)) is not None:
            return wait_s
        if (wait_s := self._window(key, options.post_burst, burst_s, now)) is not None:
            return wait_s
        return self._window(("chat.postMessage",), options.posts_per_minute, WINDOW_S, now)

    def _window(self, key: tuple[str, ...], limit: int | None, window_s: float, now: float) -> int | None:
        times = self._used.setdefault(key, deque())
        _forget(times, now, window_s)
        if limit is None or len(times) < limit:
            times.append(now)
            return None
        wait_s = max(1, math.ceil(times[0] + window_s - now))
        self._blocked_until[key] = now + wait_s
        return wait_s

    def _blocked(self, key: tuple[str, ...], now: float) -> int | None:
        left_s = self._blocked_until.get(key, 0.0) - now
        return max(1, math.ceil(left_s)) if left_s > 0 else None


def limit_of(method: str, options: Options) -> int | None:
    """Calls of `method` in a minute, or None where no such limit holds."""
    if method in options.tiers:
        return options.tiers[method]
    if method == "chat.postMessage":
        return options.posts_per_minute
    if options.history == "distributed" and method in DISTRIBUTED:
        return DISTRIBUTED[method]
    return PER_MINUTE.get(method, THREE)


def _forget(times: deque[float], now: float, window_s: float) -> None:
    while times and times[0] <= now - window_s:
        times.popleft()
