"""What became of a question, looked up where a person sees it: pending, whole, failed and why, or gone."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from bot.events import Answer, Receipt
from playground.claude.turns import blocks_of
from playground.sheets.values import slot_text
from playground.slack.people import BOT_USER
from playground.stage import TAB, Stage
from playground.stage.inbox import ANSWERS
from playground.stage.sheet import STATUS_COLUMN

# The page reads a sheet as a person does. The bot's own reader would bring Google's libraries into this process.
_STATUS = re.compile(r"(working|waiting|done|sent on|skipped|error)\b.* · ([0-9a-z]{8})", re.DOTALL)
PENDING = frozenset({"received", "working", "waiting"})
Receipts = Mapping[str, Receipt]


@dataclass(frozen=True, slots=True)
class Target:
    """What is watched: an event by its id, or a row of the sheet by its own id, whatever event it becomes."""

    event_id: str = ""
    row_id: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """`whole`: the answer stands where it belongs, and is what the model said. `reason` in words, for the others."""

    state: Literal["pending", "whole", "failed", "gone"]
    reason: str = ""


class Outcomes:
    """Looks at the places of the stage where answers stand."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def event_id(self, target: Target, receipts: Receipts) -> str:
        """The event of a target, "" while a row has none."""
        if not target.row_id:
            return target.event_id
        token = word_and_token(self._rows().get(target.row_id, {}))[1]
        return next((one for one in receipts if token and one.endswith(f":{token}")), "")

    def of(self, target: Target, receipts: Receipts) -> Outcome:
        """What became of a target so far."""
        if target.row_id and target.row_id not in self._rows():
            return Outcome("gone", "its row was deleted")
        receipt = receipts.get(self.event_id(target, receipts))
        if receipt is None or receipt.state in PENDING:
            return Outcome("pending")
        if receipt.state != "answered":
            return Outcome("failed", receipt.reason or f"it was {receipt.state}")
        return self._of_answered(receipt)

    def _of_answered(self, receipt: Receipt) -> Outcome:
        answer = self._stage.ledger.answer(receipt.id)
        if answer is None:
            return Outcome("failed", "its answer is not stored")
        if answer.stop_reason == "stopped":
            return Outcome("failed", "somebody stopped it before its end")
        if not self._is_shown(receipt, answer):
            return Outcome("failed", "the whole answer does not stand where it belongs")
        if not self._is_the_models(receipt, answer):
            return Outcome("failed", "the answer is not what the model said")
        return Outcome("whole")

    def _is_shown(self, receipt: Receipt, answer: Answer) -> bool:
        if receipt.source == "sheet":
            return self._stands_in_its_row(receipt, answer)
        text = self._in_slack(receipt.id) if receipt.source == "slack" else self._beside_its_file(receipt)
        return squeezed(answer.text) in squeezed(text)

    def _in_slack(self, event_id: str) -> str:
        """All parts of an answer, one after the other."""
        slack = self._stage.slack
        channel = event_id.split(":")[2]
        with slack.workspace.lock:
            marks = [((one.metadata or {}).get("event_payload") or {}, one) for one in slack.messages(channel)]
            parts = [(mark.get("part", 0), one.visible) for mark, one in marks
                     if one.user == BOT_USER and not one.deleted and mark.get("event_id") == event_id]  # fmt: skip
        return "\n".join(text for _, text in sorted(parts))

    def _beside_its_file(self, receipt: Receipt) -> str:
        path = self._stage.inbox.path / ANSWERS / f"{receipt.subject}.answer.md"
        return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""

    def _stands_in_its_row(self, receipt: Receipt, answer: Answer) -> bool:
        token = receipt.id.rsplit(":", 1)[-1]
        row = next((row for row in self._rows().values() if word_and_token(row) == ("done", token)), None)
        event = self._stage.ledger.event(receipt.id)
        if row is None or event is None or answer.values is None:
            return False
        is_its_own = all(row.get(name) == text for name, text in event.fields.items())
        return is_its_own and all(row.get(name, "") == as_shown(value) for name, value in answer.values.items())

    def _is_the_models(self, receipt: Receipt, answer: Answer) -> bool:
        """Compares with what the stand-in says to the first request; nothing is known of Claude itself."""
        claude, event = self._stage.claude, self._stage.ledger.event(receipt.id)
        if claude is None or event is None:
            return True
        said = [claude.model(one.body) for one in [*claude.requests] if _asks(one.body, event.text)]
        if answer.values is not None:
            return not said or any(json.loads(one) == dict(answer.values) for one in said)
        return not said or squeezed(answer.text) in map(squeezed, said)

    def _rows(self) -> dict[int, dict[str, str]]:
        """The filled rows by their ids, each as its cells by header."""
        sheets = self._stage.sheets
        with sheets.lock:
            tab = sheets.book().tab(TAB)
            header = [slot_text(tab, slot) for slot in tab.rows[0]]
            filled = range(1, tab.last_filled_row() + 1)
            return {
                tab.row_ids[at]: dict(zip(header, (slot_text(tab, slot) for slot in tab.rows[at]), strict=False))
                for at in filled
            }


def word_and_token(row: Mapping[str, str]) -> tuple[str, str]:
    """What the row's status says, and the token by which the bot knows the row; "" and "" without one."""
    found = _STATUS.fullmatch(row.get(STATUS_COLUMN, "").strip())
    return (found[1], found[2]) if found else ("", "")


def as_shown(value: object) -> str:
    """A value of the demo's columns (text, integer, boolean) as a cell shows it."""
    return str(value).upper() if isinstance(value, bool) else str(value).strip()


def squeezed(text: str) -> str:
    """The text without its blanks and line breaks, which differ from place to place."""
    return "".join(text.split())


def _asks(body: Mapping[str, Any], words: str) -> bool:
    """Whether this request asks that question from its beginning, not for the rest of an answer."""
    messages = body.get("messages") or [{"content": ""}]
    text = "\n".join(block.get("text") or "" for block in blocks_of(messages[-1]["content"]))
    return words in text and "<already_shown" not in text
