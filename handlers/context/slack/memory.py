"""Our own memory of a talk: its questions and answers, for when Slack does not give its history."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.doors.slack.carried import MESSAGE, QUOTED, carried
from bot.events import Answer, Event, Receipt, SlackThread
from handlers.context.slack.markup import escaped_but_tokens
from handlers.context.slack.message_text import Message, Part
from handlers.context.slack.transcript import slim
from handlers.context.slack.turns import Said

TALK_GOES_ON_S = 600.0
"""Who writes again at the top of a direct message within ten minutes means the talk before."""
NEWEST = 300


class Held(Protocol):
    """What the receipts know; see bot/receipts.py."""

    def in_conversation(self, conversation: str, limit: int = 100) -> list[Receipt]: ...

    def newest(self, state: str | None = None, source: str | None = None, limit: int = 50) -> list[Receipt]: ...

    def event(self, event_id: str) -> Event | None: ...

    def answer(self, event_id: str) -> Answer | None: ...


@dataclass(frozen=True, slots=True)
class _Pair:
    """A question that we were asked, and when it was over by Slack's clock."""

    event: Event
    place: SlackThread
    over_at: float

    @property
    def ts(self) -> str:
        return self.place.message_ts or self.place.thread_ts or "0"


def message_of(event: Event) -> Message:
    """The question as a message; of an event of an earlier version, its text alone."""
    place = event.reply_to
    ts = (place.message_ts or place.thread_ts or "0") if isinstance(place, SlackThread) else "0"
    whole = carried(event, MESSAGE) or carried(event, QUOTED)
    message = slim({"ts": ts, "user": event.person, **(whole.message if whole else {})})
    return message if whole else {**message, "parts": (Part(escaped_but_tokens(event.text)),)}


def held_turns(held: Held, event: Event, messages: Sequence[Message], answered: set[str]) -> list[Said]:
    """What we hold of the event's conversation and `messages` do not show, oldest first.

    A message that stands between two that were read, and was not read, was deleted: it is not said again.
    """
    read = sorted(float(message["ts"]) for message in messages)
    first, last = (read[1], read[-1]) if len(read) > 1 else (0.0, 0.0)
    known = {message["ts"] for message in messages}
    turns: list[Said] = []
    for pair in _pairs(held, event.conversation, event):
        gone = pair.ts not in known and first <= float(pair.ts) <= last
        turns += [] if gone else _turns(held, pair, known, answered)
    return turns


def earlier_talk(held: Held, event: Event, place: SlackThread) -> list[Said]:
    """What was said in this direct message shortly before the thread began, oldest first; () elsewhere."""
    if not place.channel.startswith("D") or not place.thread_ts:
        return []
    beginning = f"slack:{place.team}:{place.channel}:"
    receipts = held.newest(source="slack", limit=NEWEST)
    threads = {one.conversation for one in receipts if one.conversation.startswith(beginning)}
    before = sorted((one for one in threads if _root(one) < float(place.thread_ts)), key=_root, reverse=True)
    turns: list[Said] = []
    began_at = float(place.thread_ts)
    for conversation in before:
        pairs = list(_pairs(held, conversation, event))
        if not pairs or began_at - max(pair.over_at for pair in pairs) > TALK_GOES_ON_S:
            break
        began_at = _root(conversation)
        turns = [*(turn for pair in pairs for turn in _turns(held, pair, set(), set())), *turns]
    return turns


def merged(said: Iterable[Said], held: Iterable[Said]) -> list[Said]:
    """All turns by time; an answer that we hold stands right behind its question."""
    return sorted([*said, *held], key=lambda one: float(one.ts))


def _pairs(held: Held, conversation: str, current: Event) -> Iterator[_Pair]:
    """The questions of a conversation before `current`, oldest first; of an edited one the last version."""
    limit = _ts_of(current)
    found: dict[str, _Pair] = {}
    for receipt in held.in_conversation(conversation):  # newest first
        event = held.event(receipt.id) if receipt.id != current.id else None
        if event is None or not isinstance(event.reply_to, SlackThread) or not 0 < _ts_of(event) < limit:
            continue
        took_s = (receipt.finished_at - receipt.received_at).total_seconds() if receipt.finished_at else 0.0
        pair = _Pair(event, event.reply_to, _ts_of(event) + max(took_s, 0.0))
        found.setdefault(f"{pair.ts} {QUOTED in event.fields}", pair)
    yield from sorted(found.values(), key=lambda pair: float(pair.ts))


def _turns(held: Held, pair: _Pair, known: set[str], answered: set[str]) -> Iterator[Said]:
    message = message_of(pair.event)
    if pair.ts not in known and (message.get("parts") or message.get("files")):
        yield Said(message)
    answer = held.answer(pair.event.id) if pair.event.id not in answered else None
    if answer is not None and answer.text.strip():
        yield Said({"ts": pair.ts}, answer.text, ours=True)


def _ts_of(event: Event) -> float:
    place = event.reply_to
    return float(place.message_ts or place.thread_ts or 0) if isinstance(place, SlackThread) else 0.0


def _root(conversation: str) -> float:
    try:
        return float(conversation.rpartition(":")[2])
    except ValueError:
        return float("inf")
