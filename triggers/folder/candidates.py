"""The ready rule: when a file in a watched folder is whole, decided from what was noticed and seen of it.

Pure: states are data and every time is an argument. `now_s` is a monotonic clock, `wall_s` the wall clock that file
times are compared with. What the watcher reports only hints at it;
only a look at the file itself (`Look`) makes it ready.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from bot.doors.folder.reasons import DENIED, LINK, Reason, too_big
from bot.doors.folder.signature import Signature
from bot.retry import RetryPolicy

Change = Literal["created", "modified", "closed", "moved", "deleted", "attrib", "seen"]
"""What was noticed: the watcher's words, and "seen" for a file that only a scan came across."""

Phase = Literal["created", "writing", "closed", "moved", "seen"]
"""The last thing known of a candidate; "writing" waits for a close."""

STUCK_RETRY_S = 30.0
"""How long a file waits that could not be copied (disk full, state folder not writable)."""

RECHECK_S = 2.0
"""How often a held file (unfinished by its type, or open for writing) is looked at again."""

PERMISSION_RETRY = RetryPolicy(tries=4, first_wait_s=1.0, growth=5.5, longest_wait_s=30.0)
"""A file that may not be read is tried again after 1, 5.5 and 30 s."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The waiting times, in seconds, and the size above which a file is not read."""

    quiet_s: float = 1.0
    moved_quiet_s: float = 0.1
    writing_cap_s: float = 60.0
    empty_hold_s: float = 10.0
    hold_s: float = 60.0
    max_bytes: int = 50_000_000
    permission_retry: RetryPolicy = PERMISSION_RETRY


@dataclass(frozen=True, slots=True)
class Look:
    """What lstat says at a path: a regular file with its signature, a link, something else, or nothing."""

    kind: Literal["file", "link", "other", "gone"]
    signature: Signature | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file on its way to being ready; monotonic seconds. `same_since_s` is when it last changed or stirred."""

    phase: Phase
    noticed_at_s: float
    same_since_s: float
    due_at_s: float
    signature: Signature | None = None
    refusals: int = 0


@dataclass(frozen=True, slots=True)
class Wait:
    """Not yet: look again at the candidate's `due_at_s`."""

    candidate: Candidate


@dataclass(frozen=True, slots=True)
class Read:
    """Ready: read it. `checked`: still hold it back when its content is unfinished or somebody has it open."""

    candidate: Candidate
    signature: Signature
    checked: bool


@dataclass(frozen=True, slots=True)
class Skip:
    """Will not be read, for a reason in plain words that is recorded once."""

    reason: Reason
    signature: Signature


@dataclass(frozen=True, slots=True)
class Drop:
    """Nothing to answer: it vanished or is no file at all."""


Step = Wait | Read | Skip | Drop


def after_change(candidate: Candidate | None, change: Change, now_s: float, limits: Limits) -> Candidate | None:
    """The candidate after a change; None when there is nothing (any more) to wait for."""
    if change == "deleted":
        return None
    phase = _phase_after(candidate, change)
    if phase is not None:
        return _stirred(candidate, phase, now_s, limits)
    if candidate is not None and change == "attrib" and candidate.refusals:
        return replace(candidate, due_at_s=now_s, refusals=0)
    return candidate


def _phase_after(candidate: Candidate | None, change: Change) -> Phase | None:
    """The new phase; None when the change says nothing new."""
    if change in ("moved", "created", "closed", "seen"):
        return change
    if change == "modified":
        return "writing"
    # Touched, or made readable: worth a look.
    return "seen" if change == "attrib" and candidate is None else None


def _stirred(candidate: Candidate | None, phase: Phase, now_s: float, limits: Limits) -> Candidate:
    noticed_at_s = candidate.noticed_at_s if candidate else now_s
    return Candidate(phase, noticed_at_s, now_s, now_s + quiet_time_s(phase, limits))


def quiet_time_s(phase: Phase, limits: Limits) -> float:
    """How long nothing may stir before a file of this phase is ready, in seconds."""
    if phase == "writing":
        return max(limits.writing_cap_s, limits.quiet_s)
    # A rename puts a finished file in place in one go: that is what renaming is for.
    return min(limits.moved_quiet_s, limits.quiet_s) if phase == "moved" else limits.quiet_s


def seen(signature: Signature, now_s: float, limits: Limits) -> Candidate:
    """A candidate that only a scan came across: it is ready when a second look, one quiet time later, is the same."""
    return Candidate("seen", now_s, now_s, now_s + limits.quiet_s, signature)


def doubted(candidate: Candidate, signature: Signature, now_s: float, limits: Limits) -> Candidate:
    """The candidate after changes were lost: a close that was waited for may never be told, so the looks must do."""
    return seen(signature, now_s, limits) if candidate.phase == "writing" else candidate


def examined(candidate: Candidate, look: Look, now_s: float, wall_s: float, limits: Limits) -> Step:
    """What to do with a candidate after looking at its path."""
    if look.signature is None or look.kind in ("gone", "other"):
        return Drop()
    if look.kind == "link":
        return Skip(LINK, look.signature)
    if candidate.signature not in (None, look.signature):
        quiet_time = quiet_time_s(candidate.phase, limits)
        return Wait(replace(candidate, signature=look.signature, same_since_s=now_s, due_at_s=now_s + quiet_time))
    still = replace(candidate, signature=look.signature)
    ready_at_s = max(_quiet_at_s(still, limits), now_s + _too_young_s(look.signature, wall_s, still.phase, limits))
    if now_s < ready_at_s:
        return Wait(replace(still, due_at_s=ready_at_s))
    return _ready(still, look.signature, now_s, limits)


def _quiet_at_s(candidate: Candidate, limits: Limits) -> float:
    return candidate.same_since_s + quiet_time_s(candidate.phase, limits)


def _too_young_s(signature: Signature, wall_s: float, phase: Phase, limits: Limits) -> float:
    # A time in the future says nothing (another machine's clock, a copied date): the equal looks must do.
    age_s = wall_s - signature.mtime_ns / 1e9
    quiet_s = min(quiet_time_s(phase, limits), limits.quiet_s)
    return max(0.0, quiet_s - age_s) if age_s >= 0 else 0.0


def _ready(candidate: Candidate, signature: Signature, now_s: float, limits: Limits) -> Step:
    hold_until_s = candidate.same_since_s + limits.empty_hold_s
    if signature.size_bytes == 0 and now_s < hold_until_s:
        return Wait(replace(candidate, due_at_s=hold_until_s))
    if signature.size_bytes > limits.max_bytes:
        return Skip(too_big(signature.size_bytes, limits.max_bytes), signature)
    return Read(candidate, signature, checked=now_s < candidate.same_since_s + limits.hold_s)


def after_reading(outcome: str, order: Read, now_s: float, limits: Limits) -> Wait | Skip:
    """After a read that gave no whole file, by what it came to."""
    if outcome == "torn":
        return torn(order.candidate, now_s, limits)
    if outcome == "unfinished":
        return held(order.candidate, now_s)
    if outcome == "denied":
        return denied(order.candidate, order.signature, now_s, limits)
    # "stuck", a fault that is not the file's own: the same candidate later.
    return Wait(replace(order.candidate, due_at_s=now_s + STUCK_RETRY_S))


def torn(candidate: Candidate, now_s: float, limits: Limits) -> Wait:
    """After a read during which the file changed: wait for quiet anew."""
    return Wait(replace(candidate, signature=None, same_since_s=now_s, due_at_s=now_s + limits.quiet_s))


def held(candidate: Candidate, now_s: float) -> Wait:
    """After a read that was held back: the same candidate a little later, until `hold_s` after its last change."""
    return Wait(replace(candidate, due_at_s=now_s + RECHECK_S))


def denied(candidate: Candidate, signature: Signature, now_s: float, limits: Limits) -> Wait | Skip:
    """After a refused permission: try again as `limits` say, then record it; a changed permission begins anew."""
    tried = candidate.refusals + 1
    if tried >= limits.permission_retry.tries:
        return Skip(DENIED, signature)
    due_at_s = now_s + limits.permission_retry.wait_s(tried, None)
    return Wait(replace(candidate, refusals=tried, due_at_s=due_at_s))
