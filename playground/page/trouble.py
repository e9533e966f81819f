"""Trouble on one click: what may go wrong, and the watch over each until its answers are whole, or not."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from bot.events import Receipt
from playground.page.outcome import PENDING, Outcome, Target
from playground.page.strikes import Strike

Need = Literal["chat", "row"]
Receipts = Mapping[str, Receipt]
KEPT = 6


@dataclass(frozen=True, slots=True)
class Kind:
    """One button. `needs`: what must happen for it to strike, so that the page can make it happen."""

    name: str
    group: Literal["The bot", "Claude", "Slack", "Sheet"]
    label: str
    meaning: str
    needs: Need


KINDS = (
    Kind("kill", "The bot", "Kill it and start it again", "kill -9 amid its work, then a new start", "chat"),
    Kind("claude_busy", "Claude", "Answer 429 twice", "“too many requests, come again in 2 s”", "chat"),
    Kind("claude_cut", "Claude", "Cut the stream", "its connection is reset after 200 characters", "chat"),
    Kind("claude_lost", "Claude", "Lose the response", "the question arrives, the answer never does", "chat"),
    Kind("slack_busy", "Slack", "Answer 429 to edits", "every edit is refused for 4 seconds", "chat"),
    Kind("slack_lost", "Slack", "Lose a response", "an edit is made, but the bot is never told", "chat"),
    Kind("slack_deaf", "Slack", "Half-open sockets", "open but dead; Slack tells again after a minute", "chat"),
    Kind("sheet_busy", "Sheet", "Answer 429 three times", "“Quota exceeded”", "row"),
    Kind("sheet_lost", "Sheet", "Lose a response", "a row is written, but the bot is never told", "row"),
)  # fmt: skip


class Looks(Protocol):
    """What `Troubles` needs of `Outcomes`."""

    def event_id(self, target: Target, receipts: Receipts) -> str:
        """The event of a target, "" while a row has none."""

    def of(self, target: Target, receipts: Receipts) -> Outcome:
        """What became of a target so far."""


@dataclass(slots=True)
class Trouble:
    """One trouble ordered: what happened since, in words, each with its seconds after the order."""

    id: str
    kind: Kind
    at: float
    strike: Strike
    targets: tuple[Target, ...]
    state: Literal["ordered", "struck", "healed", "failed", "over"] = "ordered"
    knows_targets: bool = False
    words: list[tuple[float, str]] = field(default_factory=list)


class Troubles:
    """Orders trouble, and watches every answer it may have hit to its end. Safe from any thread."""

    def __init__(
        self, strikes: Mapping[str, Callable[[], Strike]], outcomes: Looks, clock: Callable[[], float] = time.time
    ) -> None:
        self._strikes, self._outcomes, self._clock = strikes, outcomes, clock
        self._lock = threading.Lock()
        self._list: list[Trouble] = []
        self._count = itertools.count(1)
        self._noticed_at = self._before_at = clock()

    def kinds(self) -> tuple[Kind, ...]:
        """What can be ordered here."""
        return tuple(kind for kind in KINDS if kind.name in self._strikes)

    def order(self, name: str, ask: Callable[[Need], Target | None]) -> str:
        """Make trouble, then `ask` for something that it strikes, which is watched. Returns its id.

        Raises KeyError for a name that is not of `kinds`.
        """
        kind = {kind.name: kind for kind in self.kinds()}[name]
        with self._lock:
            at, strike = self._clock(), self._strikes[name]()
            target = ask(kind.needs)
            trouble = Trouble(f"t{next(self._count)}", kind, at, strike, (target,) if target else ())
            trouble.words.append((0.0, f"Ordered: {kind.meaning}."))
            self._list = [*self._list, trouble][-KEPT:]
        return trouble.id

    def notice(self) -> None:
        """Look what struck; called before the receipts are read, so that they know every event it may have hit."""
        with self._lock:
            self._before_at, self._noticed_at = self._noticed_at, self._clock()
            for trouble in self._list:
                if trouble.state == "ordered" and trouble.strike.has_struck():
                    trouble.state = "struck"

    def watch(self, receipts: Receipts) -> None:
        """Look what became of the answers that were hit."""
        with self._lock:
            for trouble in self._list:
                if trouble.state == "struck" and not trouble.knows_targets:
                    self._find_targets(trouble, receipts)
                elif trouble.state == "struck" and trouble.strike.is_over():
                    self._end(trouble, receipts)

    def told(self) -> dict[str, dict[str, Any]]:
        """Each trouble as the page shows it."""
        with self._lock:
            return {f"trouble/{one.id}": _data(one) for one in self._list}

    def _find_targets(self, trouble: Trouble, receipts: Receipts) -> None:
        known = {self._outcomes.event_id(one, receipts) for one in trouble.targets}
        hit = [one for one in receipts.values() if one.id not in known and self._was_on_the_way(one)]
        trouble.targets += tuple(Target(event_id=one.id) for one in hit)
        trouble.knows_targets = True
        self._tell(trouble, f"It struck{_while(len(trouble.targets))}.")

    def _was_on_the_way(self, receipt: Receipt) -> bool:
        """Between the last two looks: the strike was somewhere in there."""
        if receipt.received_at.timestamp() > self._noticed_at:
            return False
        ended_at = receipt.finished_at.timestamp() if receipt.finished_at else None
        return receipt.state in PENDING or (ended_at is not None and ended_at >= self._before_at)

    def _end(self, trouble: Trouble, receipts: Receipts) -> None:
        outcomes = [self._outcomes.of(one, receipts) for one in trouble.targets]
        if any(one.state == "pending" for one in outcomes):
            return
        trouble.state, words = verdict(outcomes)
        for one in words:
            self._tell(trouble, one)

    def _tell(self, trouble: Trouble, words: str) -> None:
        trouble.words.append((self._clock() - trouble.at, words))


def verdict(outcomes: list[Outcome]) -> tuple[Literal["healed", "failed", "over"], list[str]]:
    """What to say when nothing is pending any more: healed only when every answer that is left is whole."""
    failed = [one for one in outcomes if one.state == "failed"]
    whole = sum(one.state == "whole" for one in outcomes)
    if failed:
        kept = [f"{_answers(whole)} came whole all the same.".capitalize()] if whole else []
        return "failed", [*(f"Failed: {one.reason.rstrip('.')}." for one in failed), *kept]
    if whole:
        ending = "came whole, word for word in its own place" if whole == 1 else "came whole, each in its own place"
        return "healed", [f"Healed: {_answers(whole)} {ending}."]
    gone = [one.reason for one in outcomes if one.reason]
    why = f"{gone[0].capitalize()}, so nothing is left to watch." if gone else "Nothing was on the way to be hit."
    return "over", [why]


def _while(count: int) -> str:
    return f" while {_answers(count)} {'was' if count == 1 else 'were'} on the way" if count else ""


def _answers(count: int) -> str:
    return "one answer" if count == 1 else f"{count} answers"


def _data(trouble: Trouble) -> dict[str, Any]:
    words = [{"after_s": round(after_s, 1), "words": words} for after_s, words in trouble.words]
    label = f"{trouble.kind.group}: {trouble.kind.label}"
    return {"id": trouble.id, "label": label, "state": trouble.state, "words": words}
