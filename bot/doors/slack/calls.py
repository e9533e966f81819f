"""This file is what may become of one call to Slack."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Arguments = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Done:
    """Slack said `ok: true`; `data` is its whole answer."""

    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Limited:
    """Slack said "ratelimited": this method rests for `retry_after_s` seconds (None: Slack did not say)."""

    retry_after_s: float | None = None


@dataclass(frozen=True, slots=True)
class Lost:
    """No answer that can be trusted (5xx, timeout, broken connection): Slack may or may not have done it."""

    words: str = ""


@dataclass(frozen=True, slots=True)
class Denied:
    """Slack said `ok: false` with this error name, and would say it again."""

    error: str


@dataclass(frozen=True, slots=True)
class Late:
    """The call was not made: it was withdrawn, or could not be made in the time it had."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """The call was not made: when its turn came there was nothing left to say."""


CallResult = Done | Limited | Lost | Denied | Late | Skipped

Call = Callable[[str, Arguments], Awaitable[CallResult]]
"""One call of a Web API method by name: `chat.update` and its arguments. Never raises for what Slack does."""
