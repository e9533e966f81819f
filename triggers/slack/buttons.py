"""What people press: Stop, Retry, feedback, and the message shortcut "Ask Claude about this"."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal

from bot.doors.slack.carried import QUOTED, carry
from bot.doors.slack.wire import FEEDBACK_DOWN, FEEDBACK_UP, RETRY, STOP
from bot.events import Event, SlackThread
from triggers.slack.decision import Ignored, NotAllowed, Payload, Question, Recipient, decide_question

ACTIONS: dict[str, tuple[Literal["stop", "retry", "feedback"], str]] = {
    STOP: ("stop", ""),
    RETRY: ("retry", ""),
    FEEDBACK_UP: ("feedback", "up"),
    FEEDBACK_DOWN: ("feedback", "down"),
}


@dataclass(frozen=True, slots=True)
class Click:
    """Somebody pressed a button of ours; the button's value is the event's id."""

    action: Literal["stop", "retry", "feedback"]
    value: str
    event_id: str
    user: str
    channel: str


def click_from_action(body: Payload) -> Click | None:
    """The click of a `block_actions` payload; None when it is not one of our buttons.

    https://docs.slack.dev/reference/interaction-payloads/block_actions-payload
    """
    action: Payload = next(iter(body.get("actions") or ()), {})
    known = ACTIONS.get(str(action.get("action_id")))
    if known is None:
        return None
    return Click(
        action=known[0],
        value=known[1],
        event_id=str(action.get("value") or ""),
        user=str((body.get("user") or {}).get("id") or ""),
        channel=str((body.get("channel") or {}).get("id") or (body.get("container") or {}).get("channel_id") or ""),
    )


def question_from_shortcut(body: Payload, recipient: Recipient) -> Question | NotAllowed | Ignored:
    """The question that "Ask Claude about this" makes of a message: it is answered in that message's thread.

    https://docs.slack.dev/interactivity/implementing-shortcuts
    """
    message = dict(body.get("message") or {})
    channel = str((body.get("channel") or {}).get("id") or "")
    user = str((body.get("user") or {}).get("id") or "")
    if not (message.get("ts") and channel and user):
        return Ignored("a shortcut without a message")
    # Whether an outsider asks is told by who pressed, not by who wrote the message.
    written = {name: value for name, value in message.items() if name not in {"team", "user_team", "source_team"}}
    asked = {**written, "channel": channel, "user": user, "user_team": (body.get("user") or {}).get("team_id")}
    decision = decide_question(asked, recipient)
    if not isinstance(decision, Question):
        return decision
    place = decision.event.reply_to
    assert isinstance(place, SlackThread)
    marked = replace(
        decision.event,
        reply_to=replace(place, response_url=str(body.get("response_url") or "")),
        id=f"{decision.event.id}:ask:{body.get('action_ts', '')}",
        text=SHORTCUT_ASK,
        time=_pressed_at(body, decision.event),
        fields={"message": str(message.get("text") or ""), **carry(QUOTED, message, recipient.bot_user)},
    )
    return Question(marked)


def _pressed_at(body: Payload, event: Event) -> datetime:
    """When the shortcut was used; the message it was used on may be years old."""
    try:
        return datetime.fromtimestamp(float(str(body.get("action_ts") or "")), UTC)
    except (ValueError, OverflowError, OSError):
        return event.time


SHORTCUT_ASK = (
    "Look at the message this thread belongs to, or the one quoted, and help: answer it, explain it or do what it asks."
)
