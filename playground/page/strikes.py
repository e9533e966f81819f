"""What each trouble breaks, and how one tells that it struck and that what was broken works again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from playground.claude import Fault as ClaudeFault
from playground.slack import Fault as SlackFault
from playground.stage import Stage

RESTART_AFTER_S = 1.5


@dataclass(frozen=True, slots=True)
class Strike:
    """`has_struck`: somebody met it. `is_over`: what was broken works again, whatever became of the answers."""

    has_struck: Callable[[], bool]
    is_over: Callable[[], bool] = lambda: True


class Strikes:
    """Orders one trouble each; safe from any thread."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def by_name(self) -> dict[str, Callable[[], Strike]]:
        """How each is ordered; nothing of Claude's when the real one answers."""
        claude: dict[str, Callable[[], Strike]] = {
            "claude_busy": lambda: self._claude(
                ClaudeFault("status", status=429, retry_after_s=2, message="Too many requests"), times=2
            ),
            "claude_cut": lambda: self._claude(ClaudeFault("reset", after_chars=200)),
            "claude_lost": lambda: self._claude(ClaudeFault("lost")),
        }
        return {
            "kill": self._kill,
            **(claude if self._stage.claude else {}),
            "slack_busy": lambda: self._slack(SlackFault("ratelimited", 4)),
            "slack_lost": lambda: self._slack(SlackFault("lost")),
            "slack_deaf": self._slack_deaf,
            "sheet_busy": lambda: self._sheet("429", times=3, method=""),
            "sheet_lost": lambda: self._sheet("lost", times=1, method="POST"),
        }

    def _kill(self) -> Strike:
        killed, back = threading.Event(), threading.Event()

        def run() -> None:
            self._wait_for_work()
            self._stage.bot.kill()
            killed.set()
            time.sleep(RESTART_AFTER_S)
            self._stage.bot.start()
            back.set()

        threading.Thread(target=run, name="kill", daemon=True).start()
        return Strike(killed.is_set, lambda: back.is_set() and self._stage.slack.sockets.open_count > 0)

    def _wait_for_work(self, at_most_s: float = 4.0) -> None:
        """Until an answer has begun to show: that is when a kill hurts most."""
        until = time.monotonic() + at_most_s
        calls = self._stage.slack.calls
        before = len(calls.of("chat.postMessage"))
        while time.monotonic() < until and len(calls.of("chat.postMessage")) == before:
            time.sleep(0.02)

    def _claude(self, fault: ClaudeFault, times: int = 1) -> Strike:
        struck, claude = threading.Event(), self._stage.claude
        assert claude is not None

        def streamed(body: dict[str, Any]) -> bool:
            if body.get("stream"):
                struck.set()
            return bool(body.get("stream"))

        claude.fault(fault, times, streamed)
        return Strike(struck.is_set)

    def _slack(self, fault: SlackFault) -> Strike:
        """Strikes with the next edit of an answer."""
        slack = self._stage.slack

        def met() -> int:
            return sum(record.fault == fault.kind for record in slack.calls.of("chat.update"))

        before = met()
        slack.fault("chat.update", fault)
        return Strike(lambda: met() > before)

    def _slack_deaf(self) -> Strike:
        sockets = self._stage.slack.sockets
        before = sockets.opened_count
        sockets.half_open()
        return Strike(lambda: True, lambda: sockets.opened_count > before)

    def _sheet(self, kind: str, times: int, method: str) -> Strike:
        faults, counts = self._stage.sheets.faults, self._stage.sheets.quota.counts
        before = faults.struck.count(kind)
        faults.add(kind, times=times, method=method, path_part="/v4/")
        reads: list[int] = []

        def is_over() -> bool:
            if faults.struck.count(kind) >= before + times and not reads:
                reads.append(counts["read"])
            return bool(reads) and counts["read"] > reads[0]

        return Strike(lambda: faults.struck.count(kind) > before, is_over)
