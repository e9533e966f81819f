"""The decision about one Slack event: is it a question for us, and if so, which event does it make."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from bot.doors.slack.carried import MESSAGE, carry
from bot.doors.slack.rule import SlackRule
from bot.events import Attachment, Event, SlackThread
from bot.rules.rule import Rule
from triggers.slack.stop_words import is_stop
from triggers.slack.words import mentioned_in, own_words, said_anew, subject_of

Payload = Mapping[str, Any]
TO_MANY = re.compile(r"<!(?:subteam\^|here|channel|everyone)")
SPOKEN = {None, "file_share", "thread_broadcast", "me_message"}
"""The subtypes of `message` that a person writes. https://docs.slack.dev/reference/events/message"""
SLACKS_STOP = {"agent_session_stopped", "message_stream_stopped"}
"""Slack's own Stop under a native stream, by its name and by the one it had before.

Source: https://docs.slack.dev/reference/events/agent_session_stopped
"""


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who is spoken to: ourselves in this workspace, with our rules and whom we answer (empty allow-lists: everybody).

    `enterprise` is the organisation the workspace belongs to, "" without one; its people may be named by it.
    `is_sister` tells of a person of another workspace whether it belongs to the same organisation.
    """

    team: str
    bot_user: str
    bot_id: str
    rules: tuple[Rule, ...]
    allow: tuple[str, ...] = ()
    allow_outsiders: bool = False
    enterprise: str = ""
    is_sister: Callable[[str], bool] = lambda _user: False


@dataclass(frozen=True, slots=True)
class Question:
    """Ask Claude: `event` is new, or the same as one already known (a redelivery, the twin of a mention)."""

    event: Event


@dataclass(frozen=True, slots=True)
class Edit:
    """A person changed what they wrote: `question` stands for the new text, `first` is the id it had at first."""

    first: str
    question: Event


@dataclass(frozen=True, slots=True)
class Stop:
    """Somebody wants no more: they wrote the bare word "stop", or pressed Slack's own Stop.

    `place` is a conversation; outside threads it is their whole channel, and ends with a colon.
    """

    place: str
    user: str


@dataclass(frozen=True, slots=True)
class Deleted:
    """A person deleted what they had written: `first` is the id that it had, or would have had, as a question."""

    first: str


@dataclass(frozen=True, slots=True)
class NotAllowed:
    """Somebody asked who may not, or where they may not: tell them once, to them alone."""

    channel: str
    user: str
    words: str


@dataclass(frozen=True, slots=True)
class Ignored:
    """Not ours; `why` is for the log."""

    why: str


Decision = Question | Edit | Stop | Deleted | NotAllowed | Ignored


def decide(body: Payload, recipient: Recipient, is_ours: Callable[[str], bool]) -> Decision:
    """Decide about one Events API body; `is_ours(conversation)` tells whether we already take part in a thread."""
    event = body.get("event")
    if not isinstance(event, Mapping):
        return Ignored("no inner event")
    if event.get("type") in SLACKS_STOP:
        return _decide_stop(event, recipient)
    if event.get("type") not in {"message", "app_mention"}:
        return Ignored(f"event {event.get('type')}")
    if event.get("subtype") == "message_deleted":
        return _decide_deletion(event, event.get("previous_message"), event.get("deleted_ts"), recipient)
    if event.get("subtype") == "message_changed":
        return _decide_edit(event, recipient, is_ours)
    return _decide_message(event, recipient, is_ours)


def _decide_stop(event: Payload, recipient: Recipient) -> Decision:
    if not all(isinstance(event.get(key), str) for key in ("channel", "thread_ts", "user")):
        return Ignored("a stop without its place")
    return Stop(conversation_of(recipient.team, event), event["user"])


def _decide_message(message: Payload, recipient: Recipient, is_ours: Callable[[str], bool]) -> Decision:
    if why := _not_a_person(message, recipient):
        return Ignored(why)
    conversation = conversation_of(recipient.team, message)
    text = str(message.get("text") or "")
    is_for_us = _is_for_us(message, text, recipient, conversation, is_ours)
    if is_stop(text, recipient.bot_user) and (is_for_us or message.get("thread_ts")):
        in_thread = bool(message.get("thread_ts"))
        return Stop(conversation if in_thread else f"slack:{recipient.team}:{message['channel']}:", message["user"])
    return decide_question(message, recipient) if is_for_us else Ignored("not for us")


def _decide_deletion(event: Payload, before: object, ts: object, recipient: Recipient) -> Deleted | Ignored:
    if not isinstance(event.get("channel"), str) or not isinstance(ts, str):
        return Ignored("a deletion without its place")
    if isinstance(before, Mapping) and before.get("bot_id"):
        return Ignored("a bot's message was deleted")
    return Deleted(f"slack:{recipient.team}:{event['channel']}:{ts}")


def decide_question(message: Payload, recipient: Recipient) -> Question | NotAllowed | Ignored:
    """A message that is meant for us: its event, unless this person may not ask, or not here."""
    if _is_outsider(message, recipient):
        return Ignored("a person of another workspace")
    rule = rule_for(recipient.rules, message["channel"])
    if rule is None:
        return NotAllowed(message["channel"], message["user"], "I do not answer in this channel.")
    if not _may_ask(message, rule, recipient):
        return NotAllowed(
            message["channel"], message["user"], "I may not answer you here. Ask whoever runs me to let you in."
        )
    return Question(question_from_message(message, rule, recipient))


def _decide_edit(event: Payload, recipient: Recipient, is_ours: Callable[[str], bool]) -> Decision:
    now, before = event.get("message"), event.get("previous_message")
    if not isinstance(now, Mapping) or not isinstance(before, Mapping):
        return Ignored("an edit without its texts")
    if now.get("subtype") == "tombstone":  # what is left of a deleted message that had replies
        return _decide_deletion(event, before, now.get("ts"), recipient)
    if not said_anew(now, before) or "edited" not in now:
        return Ignored("an edit that changed no words")  # Slack reports unfurled links as edits, too
    place = {"channel": event.get("channel"), "channel_type": event.get("channel_type"), "type": "message"}
    decision = _decide_message({**now, **place}, recipient, is_ours)
    if not isinstance(decision, Question):
        return decision
    if not isinstance(_decide_message({**before, **place}, recipient, is_ours), Question):
        return decision  # not asked before: the same event as its twin, the `app_mention` of this edit
    edited = str(now["edited"].get("ts", "")) if isinstance(now["edited"], Mapping) else ""
    return Edit(first=decision.event.id, question=replace(decision.event, id=f"{decision.event.id}:{edited}"))


def question_from_message(message: Payload, rule: Rule, recipient: Recipient) -> Event:
    """The event of a message that is for us. Its id is the message's own place, so every twin makes the same event."""
    channel, ts = message["channel"], message["ts"]
    return Event(
        id=f"slack:{recipient.team}:{channel}:{ts}",
        source="slack",
        rule=rule.name,
        text=own_words(str(message.get("text") or ""), recipient.bot_user),
        subject=subject_of(message),
        time=datetime.fromtimestamp(float(ts), UTC),
        conversation=conversation_of(recipient.team, message),
        reply_to=SlackThread(
            team=recipient.team,
            channel=channel,
            thread_ts=message.get("thread_ts") or ts,
            message_ts=ts,
            asker=message["user"],
        ),
        attachments=tuple(attachment_from_file(file) for file in message.get("files") or ()),
        fields=carry(MESSAGE, message, recipient.bot_user),
        person=message["user"],
    )


def attachment_from_file(file: Payload) -> Attachment:
    """A file of a message; it is fetched when the question is answered."""
    return Attachment(
        name=str(file.get("name") or file.get("title") or "file"),
        url=str(file.get("url_private_download") or file.get("url_private") or "") or None,
        size_bytes=file.get("size") if isinstance(file.get("size"), int) else None,
    )


def conversation_of(team: str, message: Payload) -> str:
    """The thread a message belongs to; a message outside threads opens one of its own."""
    return f"slack:{team}:{message['channel']}:{message.get('thread_ts') or message['ts']}"


def rule_for(rules: tuple[Rule, ...], channel: str) -> Rule | None:
    """The first rule that names the channel, else the first that names none."""
    naming = next((rule for rule in rules if channel in rule.of(SlackRule).channels), None)
    return naming or next((rule for rule in rules if not rule.of(SlackRule).channels), None)


def _not_a_person(message: Payload, recipient: Recipient) -> str:
    if message.get("subtype") not in SPOKEN:
        return f"message of subtype {message.get('subtype')}"
    if (
        message.get("bot_id")
        or message.get("bot_profile")
        or message.get("user") in {None, recipient.bot_user, "USLACKBOT"}
    ):
        return "a bot's message"
    if message.get("app_id") and not message.get("client_msg_id"):
        return "an app's message"
    if not all(isinstance(message.get(key), str) for key in ("ts", "channel", "user")):
        return "a message without its place"
    return ""


def _is_for_us(
    message: Payload, text: str, recipient: Recipient, conversation: str, is_ours: Callable[[str], bool]
) -> bool:
    mentioned = mentioned_in(message)
    if recipient.bot_user in mentioned or message.get("type") == "app_mention":
        return True
    if message.get("channel_type") == "im" or message["channel"].startswith("D"):
        return True
    # In our threads people talk to each other, too: whom they address is who is meant.
    to_others = bool(mentioned) or bool(TO_MANY.search(text))
    return bool(message.get("thread_ts")) and not to_others and is_ours(conversation)


def _is_outsider(message: Payload, recipient: Recipient) -> bool:
    home = message.get("user_team") or message.get("source_team") or message.get("team") or recipient.team
    if home in {recipient.team, recipient.enterprise} or recipient.allow_outsiders:
        return False
    return not (recipient.enterprise and recipient.is_sister(message["user"]))


def _may_ask(message: Payload, rule: Rule, recipient: Recipient) -> bool:
    """People and channels are told apart by their ids; a person who may ask may do so in a direct message, too."""
    allow = (*recipient.allow, *rule.allow)
    people = [name for name in allow if name[0] in "UW"]
    channels = [name for name in allow if name[0] in "CGD"]
    channel = message["channel"]
    return (not people or message["user"] in people) and (not channels or channel in channels or channel[0] == "D")
