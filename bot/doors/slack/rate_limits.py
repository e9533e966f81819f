"""Slack's rate limits: what a workspace has used of each, and when a method may be called again."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal

from bot.doors.slack.calls import Priority

CALLS_PER_MINUTE = {
    "agents.sessions.setStatus": 50,
    "assistant.threads.setStatus": 100,  # "special", no figure published: held to be Tier 4
    "chat.appendStream": 100,
    "chat.delete": 50,
    "chat.postEphemeral": 100,
    "chat.postMessage": 300,  # "special": 1 a second for each channel, and an unpublished cap for the workspace
    "chat.startStream": 20,
    "chat.stopStream": 20,
    "chat.update": 50,
    "conversations.history": 50,
    "conversations.replies": 50,
    "files.completeUploadExternal": 100,
    "files.getUploadURLExternal": 100,
    "reactions.add": 50,
}
"""The floors of the tiers, taken as limits. Source: https://docs.slack.dev/apis/web-api/rate-limits"""

WINDOW_S = 60.0
CALL_TAKES_S = 10.0
"""A call without an answer by then is given up."""
POST_GAP_S = 1.05
"""Between two posts in one channel; Slack allows about one a second. Counted from the answer to the former post."""

SHARE_FOR_ALL = 0.9
"""45 of 50: what calls that can wait may use of a window."""
SHARE_FOR_FINALS = 0.96
"""48 of 50: what a final text may use. The rest is room for clocks that run apart."""

NEVER = math.inf
REST_IF_UNTOLD_S = 5.0
"""How long a method rests when Slack says "ratelimited" without a Retry-After."""
ABANDONED_AFTER_S = 1_800.0
CAUTION_S = 120.0
CAUTION = 0.8
"""After a 429 the method uses four fifths of its limit for two minutes: somebody else is counting differently."""


@dataclass(frozen=True, slots=True)
class LogEntry:
    """What an earlier process did: a call so many seconds ago, or a rest that lasts so many seconds yet."""

    what: Literal["call", "rest"]
    method: str
    seconds: float


@dataclass(slots=True)
class Window:
    """One method's calls: those under way, and when the finished ones of the last minute ended."""

    in_flight: int = 0
    ended: deque[tuple[float, Priority]] = field(default_factory=deque)
    resting_until: float = -math.inf
    limited_at: float = -math.inf

    def used(self, now: float) -> int:
        """Calls that Slack may still be counting.

        A call is counted from its answer on: Slack counted it earlier, so Slack's minute is over first.
        """
        while self.ended and self.ended[0][0] <= now - WINDOW_S:
            self.ended.popleft()
        return self.in_flight + len(self.ended)

    def free_at(self, allowed: int, now: float) -> float:
        """The earliest time at which fewer than `allowed` calls are counted; NEVER while all are under way."""
        surplus = self.used(now) - allowed
        if surplus < 0:
            return max(now, self.resting_until)
        if surplus >= len(self.ended):
            return NEVER
        return max(self.ended[surplus][0] + WINDOW_S, self.resting_until)


class RateLimits:
    """The sliding minute of every method of one workspace, and the second of every channel.

    `share` is this process's part of the workspace (1 divided by the number of live workers).
    `jitter_s` is added to a Retry-After, so that several processes do not come back in the same instant.
    `live` holds the answers that grow by edits, with when they last did; `streams` those that grow natively. One edit
    is kept back for each live answer, so that its final never waits for somebody's partial.
    """

    def __init__(self, share: Callable[[], float], jitter_s: Callable[[], float]) -> None:
        self.live: dict[str, float] = {}
        self.streams: set[str] = set()
        self._share = share
        self._jitter_s = jitter_s
        self._windows: dict[str, Window] = {}
        self._post_free_at: dict[str, float] = {}

    def keep_back(self, event_id: str, now: float) -> None:
        """Keep an edit back for this answer's final, until it is taken out of `live`."""
        self.live[event_id] = now
        # An answer that another process has taken over is never finished here.
        for quiet in [one for one, at in self.live.items() if at < now - ABANDONED_AFTER_S]:
            del self.live[quiet]

    def free_at(self, method: str, channel: str, priority: Priority, now: float) -> float:
        """When this call may be made: `now` or later; NEVER as long as another call's answer must come first."""
        at = self._window(method).free_at(self.allowed(method, priority, now), now)
        if method == "chat.postMessage":
            at = max(at, self._post_free_at.get(channel, now))
        return at

    def allowed(self, method: str, priority: Priority, now: float) -> int:
        """Calls of `method` in a sliding minute that a call of this priority may fill up to."""
        share = self._share() * (CAUTION if now - self._window(method).limited_at < CAUTION_S else 1.0)
        if priority is Priority.FINAL:
            return allowed_calls(method, share, final=True)
        room = allowed_calls(method, share, final=False)
        if method == "chat.update" and priority >= Priority.PARTIAL:
            room = min(room, allowed_calls(method, share, final=True) - len(self.live))
        return room

    def fair_gap_s(self, method: str, now: float) -> float:
        """Seconds between two partials of one answer when all answers that grow by `method` share it equally.

        What others than partials used in the last minute is taken to go on.
        """
        window = self._window(method)
        window.used(now)
        others = sum(priority is not Priority.PARTIAL for _, priority in window.ended)
        partials = max(1, self.allowed(method, Priority.PARTIAL, now) - others)
        answers = self.live if method == "chat.update" else self.streams
        return WINDOW_S * max(1, len(answers)) / partials

    def started(self, method: str, channel: str) -> None:
        """A call has left."""
        self._window(method).in_flight += 1
        if method == "chat.postMessage":
            self._post_free_at[channel] = NEVER

    def ended(self, method: str, channel: str, priority: Priority, now: float) -> None:
        """Its answer is here, or will never come."""
        window = self._window(method)
        window.in_flight -= 1
        window.ended.append((now, priority))
        if method == "chat.postMessage":
            self._post_free_at[channel] = now + POST_GAP_S / max(self._share(), 0.01)
            self._forget_quiet_channels(now)

    def limited(self, method: str, retry_after_s: float | None, now: float) -> float:
        """Slack turned a call away: the method rests, the others go on. Returns for how many seconds."""
        window = self._window(method)
        rest_s = REST_IF_UNTOLD_S if retry_after_s is None else retry_after_s
        window.resting_until = max(window.resting_until, now + rest_s + self._jitter_s())
        window.limited_at = now
        return window.resting_until - now

    def rests_s(self, method: str, now: float) -> float:
        """For how many seconds Slack has ordered the method to rest yet; 0 when it has not."""
        return max(0.0, self._window(method).resting_until - now)

    def inherit(self, past: Iterable[LogEntry], now: float) -> None:
        """Count what an earlier process called. Slack counted a call when it came, up to CALL_TAKES_S after it left."""
        for one in past:
            window = self._window(one.method)
            if one.what == "call":
                window.ended.append((now - max(0.0, one.seconds - CALL_TAKES_S), Priority.PARTIAL))
            else:
                window.resting_until = max(window.resting_until, now + one.seconds)

    def used(self, now: float) -> dict[str, tuple[int, int]]:
        """For each method called so far: calls in the last minute, and Slack's limit."""
        return {
            name: (window.used(now), CALLS_PER_MINUTE.get(name, 50)) for name, window in sorted(self._windows.items())
        }

    def _window(self, method: str) -> Window:
        return self._windows.setdefault(method, Window())

    def _forget_quiet_channels(self, now: float) -> None:
        if len(self._post_free_at) > 1_000:
            self._post_free_at = {name: at for name, at in self._post_free_at.items() if at > now}


class SteadyShare:
    """The smallest part of the last minute. Slack still counts what a worker called that has gone since."""

    def __init__(self, share: Callable[[], float], clock: Callable[[], float]) -> None:
        self._share, self._clock = share, clock
        self._lately: deque[tuple[float, float]] = deque()

    def __call__(self) -> float:
        now, part = self._clock(), self._share()
        while self._lately and self._lately[0][0] <= now - WINDOW_S:
            self._lately.popleft()
        # Whatever is larger and older can never be the smallest again.
        while self._lately and self._lately[-1][1] >= part:
            self._lately.pop()
        self._lately.append((now, part))
        return self._lately[0][1]


def allowed_calls(method: str, share: float, *, final: bool) -> int:
    """Calls of `method` in a sliding minute, for a process that holds `share` (0 to 1) of the workspace; at least 1."""
    part = SHARE_FOR_FINALS if final else SHARE_FOR_ALL
    return max(1, math.floor(CALLS_PER_MINUTE.get(method, 50) * part * share))
