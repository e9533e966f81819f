"""The Slack message that an event carries along, as Slack gave it: it is read when the question is answered."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.events import Event

MESSAGE, QUOTED = "slack.message", "slack.quoted"
"""The fields of an event that hold the question, and the message that the shortcut was used on."""
CARRIED = (
    *("text", "blocks", "attachments", "files"),
    *("ts", "subtype", "user", "team", "user_team", "username", "bot_id", "bot_profile"),
)
MOST_CHARS = 400_000
"""Slack's own limits allow less; what is beyond them goes without its blocks and attachments."""


@dataclass(frozen=True, slots=True)
class Carried:
    """A message, and the user id under which it may mention us ("" where that is not known)."""

    message: Mapping[str, Any] = field(default_factory=dict)
    own_user: str = ""


def carry(name: str, message: Mapping[str, Any], own_user: str) -> dict[str, str]:
    """The field `name` of an event, holding the message."""
    kept = {key: message[key] for key in CARRIED if message.get(key)}
    packed = _packed(kept, own_user)
    if len(packed) > MOST_CHARS:
        packed = _packed({key: value for key, value in kept.items() if key not in {"blocks", "attachments"}}, own_user)
    return {name: packed}


def carried(event: Event, name: str) -> Carried | None:
    """The message in the event's field `name`; None where there is none, as in events of earlier versions."""
    packed = event.fields.get(name)
    if not packed:
        return None
    found = json.loads(packed)
    return Carried(found["message"], found["own_user"])


def _packed(message: Mapping[str, Any], own_user: str) -> str:
    # Not as ASCII: whoever makes the event's text whole must see it as it is.
    return json.dumps({"message": message, "own_user": own_user}, ensure_ascii=False)
