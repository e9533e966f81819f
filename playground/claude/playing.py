"""How an answer is played: the events of a turn at a pace, with a fault worked in where one waits.

Pure: it yields the wire's steps and touches no socket.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

from playground.claude.faults import Fault
from playground.claude.problem import error_body
from playground.claude.turn import PING, EventFrame, Turn, frames_of, message_of
from playground.claude.wire import Close, End, Reset, Start, Step, Wait, Write, split_writes

PING_EVERY_S = 5.0
"""While the model is silent the vendor sends pings: a read timeout never sees an idle stream."""

CUTTING = frozenset({"reset", "torn", "early_end", "error_event", "stall", "pings", "bad_chunk", "unknown_event"})
HTML = b"<!doctype html><html><body><h1>Please sign in to the network</h1></body></html>"


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast the model speaks: seconds to the first token, tokens a second after it (0: as fast as the wire)."""

    first_token_s: float = 0.0
    tokens_per_s: float = 0.0


HUMAN = Pace(first_token_s=0.5, tokens_per_s=60.0)
"""About what a person sees when Sonnet answers."""


def stream_steps(turn: Turn, headers: dict[str, str], fault: Fault | None, pace: Pace) -> Iterator[Step]:
    """A streaming answer as steps."""
    headers = {**headers, "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache"}
    if fault and fault.kind in {"lost", "never", "not_sse", "slow"}:
        yield from _before_the_answer(fault, headers)
        if fault.kind != "slow":
            return
    yield Start(200, headers)
    steps = _event_steps(turn, fault, pace)
    yield from split_writes(steps, fault.seed) if fault and fault.kind == "split" else steps


def whole_steps(turn: Turn, headers: dict[str, str], fault: Fault | None, pace: Pace) -> Iterator[Step]:
    """A non-streaming answer as steps; faults that belong inside a stream break the body half way."""
    body = json.dumps(message_of(turn), ensure_ascii=False).encode()
    headers = {**headers, "content-type": "application/json", "content-length": str(len(body))}
    yield Wait(pace.first_token_s + (turn.output_tokens / pace.tokens_per_s if pace.tokens_per_s else 0))
    kind = fault.kind if fault else ""
    if fault and kind in {"lost", "never", "not_sse", "slow", "pings", "stall"}:
        kept = replace(fault, kind={"pings": "never", "stall": "slow"}.get(kind, kind))  # type: ignore[arg-type]  # both are kinds
        yield from _before_the_answer(kept, headers)
        if kept.kind != "slow":
            return
    yield Start(200, headers)
    if fault and kind == "split":
        yield from split_writes([Write(body, len(turn.text)), End()], fault.seed)
        return
    if kind in {"reset", "torn", "early_end", "bad_chunk"}:
        yield Write(body[: len(body) // 2])
        yield Reset() if kind == "reset" else Close()
        return
    yield Write(body, len(turn.text))
    yield End()


def _before_the_answer(fault: Fault, headers: dict[str, str]) -> Iterator[Step]:
    if fault.kind == "lost":
        yield Reset()
    elif fault.kind == "never":
        yield Wait(float("inf"))
    elif fault.kind == "slow":
        yield Wait(fault.seconds)
    else:
        page = {name: value for name, value in headers.items() if name != "content-length"}
        yield Start(200, {**page, "content-type": "text/html; charset=utf-8"})
        yield Write(HTML)
        yield End()


def _event_steps(turn: Turn, fault: Fault | None, pace: Pace) -> Iterator[Step]:
    cutting = fault if fault and fault.kind in CUTTING else None
    cut_at = min(cutting.after_chars, len(turn.text)) if cutting else None
    sent, waited = 0, False
    for frame in frames_of(turn, cut_at):
        if frame.name == "content_block_delta" and not waited:
            yield from _first_token(pace.first_token_s)
            waited = True
        if cutting and _due(frame, sent, cutting.after_chars, len(turn.text)):
            yield from _break_in(cutting)
            if cutting.kind not in {"stall", "unknown_event"}:
                return
            cutting = None
        if frame.tokens and pace.tokens_per_s:
            yield Wait(frame.tokens / pace.tokens_per_s)
        yield Write(frame.encode(), frame.chars)
        sent += frame.chars
    yield End()


def _due(frame: EventFrame, sent: int, after_chars: int, total: int) -> bool:
    # A cut after the last character comes before the block is closed, so nothing looks finished.
    begun = frame.chars > 0 or (frame.name == "content_block_stop" and sent == total)
    return (begun and sent >= min(after_chars, total)) or frame.name == "message_delta"


def _first_token(seconds: float) -> Iterator[Step]:
    while seconds > PING_EVERY_S:
        yield Wait(PING_EVERY_S)
        yield Write(PING.encode())
        seconds -= PING_EVERY_S
    if seconds:
        yield Wait(seconds)


def _break_in(fault: Fault) -> Iterator[Step]:
    if fault.kind == "reset":
        yield Reset()
    elif fault.kind == "torn":
        yield Close()
    elif fault.kind == "early_end":
        yield End()
    elif fault.kind == "stall":
        yield Wait(fault.seconds)
    elif fault.kind == "pings":
        yield from _pings_forever(fault.seconds or 1.0)
    else:
        yield Write(_odd_event(fault))
        if fault.kind != "unknown_event":
            yield End()


def _pings_forever(every_s: float) -> Iterator[Step]:
    while True:
        yield Write(PING.encode())
        yield Wait(every_s)


def _odd_event(fault: Fault) -> bytes:
    if fault.kind == "error_event":
        data = error_body("overloaded_error", fault.message or "Overloaded", None)
        return EventFrame("error", data).encode()
    if fault.kind == "unknown_event":
        return EventFrame("weather_report", {"type": "weather_report", "sky": "clear"}).encode()
    return b'event: content_block_delta\ndata: {"type": "content_block_delta", "index\n\n'
