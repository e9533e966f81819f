"""What a batch says of one request, read as a call by day is read: the same parts, verdicts and notes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from bot.errors import Refused
from bot.events import Answer, Usage
from bot.text import whole_text
from handlers.claude.answering import HALF, PAUSED, empty, notes_of
from handlers.claude.ask import Ask, request_of
from handlers.claude.part import Part
from handlers.claude.prices import cost_usd
from handlers.claude.question import Question
from handlers.claude.verdict import STATUS_OF_KIND, Verdict, judge_status

EXPIRED = "Claude found no time for this within a day"
CANCELED = "the batch was cancelled at Claude's side"
UNREADABLE = "what Claude answered could not be read"
SHORTEN: Mapping[str, Any] = {"type": "shorten"}
"""A mend of our own: the answer met the end of the model's window, so the oldest turns are left out."""


@dataclass(frozen=True, slots=True)
class Bill:
    """What an entry cost: nothing when it was not answered."""

    model: str
    usage: Usage
    cost_usd: float = 0.0


class AskAgain(Exception):
    """This entry brought no answer, and asking again may; `mend`: what of the question has to change before."""

    def __init__(self, words: str, mend: Mapping[str, Any] | None = None) -> None:
        super().__init__(words)
        self.words, self.mend = words, mend


def read_entry(result: Mapping[str, Any], max_tokens: int, *, shortens: bool, duration_s: float = 0.0) -> Answer:
    """The answer in a result. `shortens`: the question has earlier turns. Raises AskAgain and Refused. Pure."""
    kind = result.get("type")
    if kind == "refused":  # by us: the batch itself was not taken
        raise Refused(str(result.get("words")), str(result.get("code") or ""))
    if kind == "errored":
        raise _of_error(_error_of(result))
    if kind != "succeeded":
        raise AskAgain({"expired": EXPIRED, "canceled": CANCELED}.get(str(kind), UNREADABLE))
    part = _part(result)
    text, reason = whole_text(part.text), part.stop_reason
    if reason == "model_context_window_exceeded" and shortens:
        raise AskAgain("it met the end of the model's window", SHORTEN)
    verdict = _after(reason, text, max_tokens)
    if verdict is not None:
        raise AskAgain(verdict.words) if verdict.course == "again" else Refused(verdict.words, verdict.code)
    bill = bill_of(result)
    notes = tuple(notes_of(reason))
    return Answer(text, bill.model, reason or "", bill.usage, bill.cost_usd, round(duration_s, 3), notes)


def bill_of(result: Mapping[str, Any]) -> Bill:
    """What a result cost, whether or not it is of use."""
    try:
        part = _part(result) if result.get("type") == "succeeded" else Part()
    except AskAgain:
        part = Part()
    usage = part.usage()
    return Bill(part.model, usage, cost_usd(part.model, usage, batch=True) if usage != Usage() else 0.0)


def mended(ask: Ask, mends: Iterable[Mapping[str, Any]], *, bare: bool = False) -> Question:
    """The question after all that earlier batches said of it. Raises Refused when nothing can be done about it."""
    question = Question(ask, bare)
    for mend in mends:
        if mend == SHORTEN:
            question.shorten()
        else:
            question.mend(_verdict(mend))
    return question


def request_in_batch(question: Question) -> dict[str, Any]:
    """The request as it stands in a batch."""
    return request_of(question.ask, question.messages, bare=question.bare)


def _after(reason: str | None, text: str, max_tokens: int) -> Verdict | None:
    if reason is None or reason == "tool_use":
        return HALF
    if reason == "pause_turn":
        return PAUSED
    return None if text.strip() else empty(reason, max_tokens)


def _of_error(error: Mapping[str, Any]) -> AskAgain | Refused:
    verdict = _verdict(error)
    if verdict.course == "again":
        return AskAgain(verdict.words)
    if verdict.course == "refuse":
        return Refused(verdict.words, verdict.code)
    return AskAgain(verdict.words, dict(error))


def _error_of(result: Mapping[str, Any]) -> Mapping[str, Any]:
    outer = result.get("error") or {}
    inner = outer.get("error", outer) if isinstance(outer, dict) else {}
    return {"type": str(inner.get("type", "")), "message": str(inner.get("message", ""))}


def _verdict(error: Mapping[str, Any]) -> Verdict:
    return judge_status(STATUS_OF_KIND.get(error["type"], 500), "", error["message"], {}, datetime.now(UTC))


def _part(result: Mapping[str, Any]) -> Part:
    """The message as the events of a stream would have brought it, so that both are counted alike.

    Raises AskAgain when it is no message.
    """
    from anthropic.types import Message

    part = Part()
    try:
        message = Message.construct(**result["message"])
        part.take(SimpleNamespace(type="message_start", message=message))
        for index, block in enumerate(message.content):
            part.take(SimpleNamespace(type="content_block_start", index=index, content_block=block))
        part.take(SimpleNamespace(type="message_delta", delta=message, usage=message.usage))
    except (KeyError, TypeError, AttributeError):
        raise AskAgain(UNREADABLE) from None
    return part
