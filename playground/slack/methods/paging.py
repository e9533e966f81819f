"""Slack's cursors: an opaque string that stands for how far a list was read."""

from __future__ import annotations

import base64
import binascii
from typing import TypeVar

from playground.slack.calls import ApiError, Args

T = TypeVar("T")


def page(items: list[T], args: Args, *, default: int, largest: int) -> tuple[list[T], str]:
    """The part of `items` that `cursor` and `limit` ask for, and the next cursor ("" at the end)."""
    size = args.number("limit", default, largest=largest)
    start = _position(args.text("cursor"))
    end = start + size
    return items[start:end], _cursor(end) if end < len(items) else ""


def _cursor(position: int) -> str:
    return base64.b64encode(f"next:{position}".encode()).decode()


def _position(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        word, _, position = base64.b64decode(cursor, validate=True).decode().partition(":")
        if word == "next":
            return int(position)
    except (binascii.Error, ValueError):
        pass
    raise ApiError("invalid_cursor")
