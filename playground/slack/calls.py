"""A Web API call: its arguments however they were sent, and the errors Slack answers with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Data = dict[str, Any]


class ApiError(Exception):
    """Slack's `ok: false` with its error name; `extra` goes beside it."""

    def __init__(self, error: str, **extra: Any) -> None:
        super().__init__(error)
        self.error = error
        self.body: Data = {"ok": False, "error": error, **extra}


def invalid_arguments(*messages: str) -> ApiError:
    """The general "your arguments are wrong", with Slack's words in response_metadata."""
    return ApiError("invalid_arguments", response_metadata={"messages": [f"[ERROR] {words}" for words in messages]})


@dataclass(frozen=True, slots=True)
class Args:
    """The arguments of one call. JSON inside a form field is decoded where the method expects a list or an object."""

    values: Mapping[str, Any]

    def has(self, name: str) -> bool:
        """Given, and not empty."""
        return self.values.get(name) not in (None, "")

    def text(self, name: str, default: str = "") -> str:
        """A string; numbers are taken as their digits."""
        value = self.values.get(name)
        return default if value is None else str(value)

    def flag(self, name: str, *, default: bool = False) -> bool:
        """True for true, 1, "1" and "true"."""
        value = self.values.get(name)
        return default if value in (None, "") else str(value).lower() in ("1", "true")

    def number(self, name: str, default: int, *, largest: int) -> int:
        """A whole number from 1 to `largest`; anything else is `invalid_limit`."""
        if not self.has(name):
            return default
        try:
            value = int(self.text(name))
        except ValueError:
            raise ApiError("invalid_limit") from None
        if value < 1:
            raise ApiError("invalid_limit")
        return min(value, largest)

    def items(self, name: str, error: str) -> list[Any] | None:
        """A list, or None when not given; raises `error` when it is something else."""
        value = self._decoded(name, error)
        if value is None or isinstance(value, list):
            return value
        raise ApiError(error)

    def object(self, name: str, error: str) -> Data | None:
        """An object, or None when not given; raises `error` when it is something else."""
        value = self._decoded(name, error)
        if value is None or isinstance(value, dict):
            return value
        raise ApiError(error)

    def _decoded(self, name: str, error: str) -> Any:
        value = self.values.get(name)
        if value in (None, ""):
            return None
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError:
            raise ApiError(error) from None


@dataclass(frozen=True, slots=True)
class Record:
    """One call that came in: when, with what, and how it was answered. Tokens are left out."""

    at: float
    method: str
    args: Mapping[str, Any]
    status: int
    error: str | None = None
    fault: str | None = None


@dataclass(slots=True)
class Log:
    """Every call so far, oldest first."""

    records: list[Record] = field(default_factory=list)

    def of(self, method: str) -> list[Record]:
        """The calls of one method."""
        return [record for record in self.records if record.method == method]

    def ratelimited(self, method: str | None = None) -> int:
        """How many calls were turned away for coming too fast."""
        return sum(r.error == "ratelimited" and method in (None, r.method) for r in self.records)
