"""This file is what a finished reading means: new content to answer, nothing new, or a known file under a new name.

Decided by `verdict` (pure); `Settling` looks up what is known, writes files and claims in one transaction, and gives
copies their names before that, so a claim never speaks of a copy that is not there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from bot.doors.folder.file_store import Claim, KnownFile, Memory
from bot.events import Event, to_json
from triggers.folder.candidates import DENIED, Look, Signature
from triggers.folder.copies import Copies, Reading
from triggers.folder.events import ReadyFile, event_from_file, next_order_ns, watch_id
from triggers.folder.roots import Root
from triggers.folder.scan import look

Verdict = Literal["new", "same", "moved"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """A file to remember: read whole (`reading`), or skipped for a `reason`."""

    name: str
    signature: Signature
    reading: Reading | None = None
    reason: str = ""


def verdict(outcome: Outcome, before: KnownFile | None, moved_from: KnownFile | None) -> Verdict:
    """What an outcome means, given the version known under its name and a vanished file with the same signature."""
    content = outcome.reading.sha256 if outcome.reading else ""
    if before is not None and _is_same(outcome.signature, content, before):
        return "same"
    if moved_from is not None and content and moved_from.sha256 in ("", content):
        return "moved"
    return "new"


def _is_same(signature: Signature, content: str, before: KnownFile) -> bool:
    if content and before.sha256:
        return content == before.sha256
    # One of the two was never read: the signature must do, unless it is readable for the first time.
    return signature == before.signature and not (content and before.outcome == DENIED)


class Settling:
    """Turns outcomes of one root into remembered files and claimed events."""

    def __init__(self, root: Root, memory: Memory, copies: Copies, clock: Callable[[], float]) -> None:
        self._root = root
        self._memory = memory
        self._copies = copies
        self._clock = clock

    def settle(self, outcomes: Sequence[Outcome], *, is_first_start: bool = False) -> list[Claim]:
        """Remember these files; returns the claims made. When it raises (SQL errors), nothing was remembered."""
        watches = [watch_id(self._root.path, outcome.name) for outcome in outcomes]
        before = self._memory.files(watches)
        moved = self._moved_from(outcomes)
        files: list[KnownFile] = []
        claims: list[Claim] = []
        finals: list[str] = []
        for watch, outcome in zip(watches, outcomes, strict=True):
            known = before.get(watch)
            what = verdict(outcome, known, moved.get(outcome.signature))
            files.append(self._file(watch, outcome, known, what))
            made = [self._claim(outcome, files[-1])] if what == "new" else []
            finals.append(made[0].copy if made else "")
            claims += made
        self._place_copies(outcomes, finals)
        opened = (self._root.path, self._clock()) if is_first_start else None
        self._memory.record(files, claims, opened)
        return claims

    def _moved_from(self, outcomes: Iterable[Outcome]) -> dict[Signature, KnownFile]:
        read = [outcome for outcome in outcomes if outcome.reading]
        names = {outcome.name for outcome in read}
        twins = self._memory.twins(self._root.path, [outcome.signature for outcome in read]) if read else []
        # A hard link has a twin that still stands: that is a second file, not a renamed one.
        return {twin.signature: twin for twin in twins if twin.name not in names and not self._stands(twin)}

    def _stands(self, known: KnownFile) -> bool:
        here: Look = look(f"{known.root}/{known.name}")
        return here.signature is not None and here.signature[:2] == known.signature[:2]

    def _file(self, watch: str, outcome: Outcome, before: KnownFile | None, what: Verdict) -> KnownFile:
        content = outcome.reading.sha256 if outcome.reading else ""
        if what == "same" and before is not None:
            content, order_ns, words = content or before.sha256, before.order_ns, before.outcome
        else:
            order_ns = next_order_ns(outcome.signature, before.order_ns if before else None)
            words = "moved" if what == "moved" else outcome.reason or "claimed"
        return KnownFile(watch, self._root.path, outcome.name, outcome.signature, content, order_ns, words)

    def _claim(self, outcome: Outcome, file: KnownFile) -> Claim:
        copy = self._copy_name(file) if outcome.reading else ""
        path = copy or f"{self._root.path}/{outcome.name}"
        ready = ReadyFile(file.root, file.name, file.signature, file.order_ns, file.sha256, path)
        event: Event = event_from_file(ready, self._root.rule)
        return Claim(event.id, to_json(event), outcome.reason, copy, self._clock())

    def _copy_name(self, file: KnownFile) -> str:
        return f"{self._copies.folder}/{file.watch}-{file.order_ns:020d}-{file.sha256[:16]}"

    def _place_copies(self, outcomes: Sequence[Outcome], finals: Sequence[str]) -> None:
        for outcome, final in zip(outcomes, finals, strict=True):
            if outcome.reading and final:
                self._copies.settle(outcome.reading, final)
            elif outcome.reading:
                self._copies.discard(outcome.reading)
        if any(finals):
            self._copies.sync_names()
