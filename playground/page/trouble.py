"""This file is trouble on one click: what may go wrong, when it struck, and when all was well again."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from bot.events import Receipt
from playground.claude import Fault as ClaudeFault
from playground.slack import Fault as SlackFault
from playground.stage import Stage

PENDING = frozenset({"received", "working"})
RESTART_AFTER_S = 1.5
KEPT = 6


@dataclass(frozen=True, slots=True)
class Kind:
    """One button. `needs`: what must happen for it to strike, so that the page can make it happen ("" for nothing)."""

    name: str
    group: Literal["The bot", "Claude", "Slack", "Sheet"]
    label: str
    meaning: str
    needs: Literal["", "chat", "row"]


KINDS = (
    Kind("kill", "The bot", "Kill it and start it again", "kill -9 amid its work, then a new start", "chat"),
    Kind("claude_busy", "Claude", "Answer 429 twice", "“too many requests, come again in 2 s”", "chat"),
    Kind("claude_cut", "Claude", "Cut the stream", "its connection is reset after 200 characters", "chat"),
    Kind("claude_lost", "Claude", "Lose the response", "the question arrives, the answer never does", "chat"),
    Kind("slack_busy", "Slack", "Answer 429 to edits", "every edit is refused for 4 seconds", "chat"),
    Kind("slack_lost", "Slack", "Lose a response", "an edit is made, but the bot is never told", "chat"),
    Kind("slack_deaf", "Slack", "Half-open sockets", "the connections look open and are dead", ""),
    Kind("sheet_busy", "Sheet", "Answer 429 three times", "“Quota exceeded”", "row"),
    Kind("sheet_lost", "Sheet", "Lose a response", "a row is written, but the bot is never told", "row"),
)  # fmt: skip


@dataclass(slots=True)
class Trouble:
    """One trouble ordered: what happened since, in words, each with its seconds after the order."""

    id: str
    kind: Kind
    at: float
    struck: Callable[[], bool]
    healed: Callable[[frozenset[str]], bool]
    struck_at: float | None = None
    healed_at: float | None = None
    pending: frozenset[str] = frozenset()
    words: list[tuple[float, str]] = field(default_factory=list)


class Troubles:
    """Orders trouble, and watches it heal. Safe from any thread."""

    def __init__(self, stage: Stage, clock: Callable[[], float] = time.monotonic) -> None:
        self._stage, self._clock = stage, clock
        self._lock = threading.Lock()
        self._list: list[Trouble] = []
        self._count = itertools.count(1)

    def kinds(self) -> tuple[Kind, ...]:
        """What can be ordered here: nothing of Claude's when the real one answers."""
        absent = {"Claude"} if self._stage.claude is None else set()
        return tuple(kind for kind in KINDS if kind.group not in absent)

    def order(self, name: str) -> str:
        """Make trouble; returns its id. Raises KeyError for a name that is not of `kinds`."""
        kind = {kind.name: kind for kind in self.kinds()}[name]
        struck, healed = getattr(self, f"_{name}")()
        trouble = Trouble(f"t{next(self._count)}", kind, self._clock(), struck, healed)
        trouble.words.append((0.0, f"Ordered: {kind.meaning}."))
        with self._lock:
            self._list = [*self._list, trouble][-KEPT:]
        return trouble.id

    def watch(self, receipts: Iterable[Receipt]) -> None:
        """Look whether a trouble struck or healed meanwhile."""
        pending = frozenset(one.id for one in receipts if one.state in PENDING)
        with self._lock:
            for trouble in self._list:
                self._watch(trouble, pending)

    def told(self) -> dict[str, dict[str, Any]]:
        """Each trouble as the page shows it."""
        with self._lock:
            return {f"trouble/{one.id}": _data(one) for one in self._list}

    def _watch(self, trouble: Trouble, pending: frozenset[str]) -> None:
        after_s = self._clock() - trouble.at
        if trouble.struck_at is None and trouble.struck():
            trouble.struck_at, trouble.pending = after_s, pending
            trouble.words.append((after_s, f"It struck{_while(len(pending))}."))
        elif trouble.struck_at is not None and trouble.healed_at is None and trouble.healed(pending & trouble.pending):
            trouble.healed_at = after_s
            answered = len(trouble.pending)
            trouble.words.append((after_s, f"Healed{f': {_answers(answered)} came all the same' if answered else ''}."))

    def _kill(self) -> tuple[Callable[[], bool], Callable[[frozenset[str]], bool]]:
        killed, back = threading.Event(), threading.Event()

        def run() -> None:
            self._wait_for_work()
            self._stage.bot.kill()
            killed.set()
            time.sleep(RESTART_AFTER_S)
            self._stage.bot.start()
            back.set()

        threading.Thread(target=run, name="kill", daemon=True).start()
        return killed.is_set, lambda left: back.is_set() and not left and self._stage.slack.sockets.open_count > 0

    def _wait_for_work(self, at_most_s: float = 4.0) -> None:
        """Until an answer has begun to show: that is when a kill hurts most."""
        until = self._clock() + at_most_s
        calls = self._stage.slack.calls
        before = len(calls.of("chat.postMessage"))
        while self._clock() < until and len(calls.of("chat.postMessage")) == before:
            time.sleep(0.02)

    def _claude_busy(self) -> Any:
        return self._claude(ClaudeFault("status", status=429, retry_after_s=2, message="Too many requests"), times=2)

    def _claude_cut(self) -> Any:
        return self._claude(ClaudeFault("reset", after_chars=200))

    def _claude_lost(self) -> Any:
        return self._claude(ClaudeFault("lost"))

    def _claude(self, fault: ClaudeFault, times: int = 1) -> Any:
        struck, claude = threading.Event(), self._stage.claude
        assert claude is not None

        def streamed(body: dict[str, Any]) -> bool:
            if body.get("stream"):
                struck.set()
            return bool(body.get("stream"))

        claude.fault(fault, times, streamed)
        return struck.is_set, lambda left: not left

    def _slack_busy(self) -> Any:
        before = self._stage.slack.calls.ratelimited("chat.update")
        self._stage.slack.block("chat.update", 4)
        return (lambda: self._stage.slack.calls.ratelimited("chat.update") > before), lambda left: not left

    def _slack_lost(self) -> Any:
        calls = self._stage.slack.calls
        before = sum(record.fault == "lost" for record in calls.records)
        self._stage.slack.fault("chat.update", SlackFault("lost"))
        return (lambda: sum(record.fault == "lost" for record in calls.records) > before), lambda left: not left

    def _slack_deaf(self) -> Any:
        sockets = self._stage.slack.sockets
        before = sockets.opened_count
        sockets.half_open()
        return (lambda: True), lambda _: sockets.opened_count > before

    def _sheet_busy(self) -> Any:
        return self._sheet("429", times=3, method="")

    def _sheet_lost(self) -> Any:
        return self._sheet("lost", times=1, method="POST")

    def _sheet(self, kind: str, times: int, method: str) -> Any:
        faults, calls = self._stage.sheets.faults, self._stage.sheets.quota.counts
        before = len(faults.struck)
        faults.add(kind, times=times, method=method, path_part="/v4/")
        enough = before + times
        seen: list[int] = []

        def healed(left: frozenset[str]) -> bool:
            if len(faults.struck) >= enough and not seen:
                seen.append(calls["read"])
            return bool(seen) and calls["read"] > seen[0] and not left

        return (lambda: len(faults.struck) > before), healed


def _while(count: int) -> str:
    return f" while {_answers(count)} {'was' if count == 1 else 'were'} on the way" if count else ""


def _answers(count: int) -> str:
    return "one answer" if count == 1 else f"{count} answers"


def _data(trouble: Trouble) -> dict[str, Any]:
    state = "healed" if trouble.healed_at is not None else "struck" if trouble.struck_at is not None else "ordered"
    words = [{"after_s": round(after_s, 1), "words": words} for after_s, words in trouble.words]
    return {"id": trouble.id, "label": f"{trouble.kind.group}: {trouble.kind.label}", "state": state, "words": words}
