"""What waited at a door before it was first opened: told to the operator, who says what becomes of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol, runtime_checkable


class Backlog(Protocol):
    """What waited at one place of a door before it was first opened.

    `words` says how much, such as "25 files (3.1 MB) wait in /inbox". Claude will be `asked` about so many of them, and
    is told `tokens` of what stands in them, roughly, beside what their `rule` says.
    """

    @property
    def rule(self) -> str: ...
    @property
    def root(self) -> str: ...
    @property
    def count(self) -> int: ...
    @property
    def words(self) -> str: ...
    @property
    def asked(self) -> int: ...
    @property
    def tokens(self) -> int: ...


@runtime_checkable
class HasBacklog(Protocol):
    """What a trigger has beside its two faces where things may wait before it first runs; all of it comes before `run`.

    Without a word what waits is skipped. `backlog_choice` is what its settings say: ask the operator, answer, or skip.
    """

    @property
    def backlog_choice(self) -> Literal["ask", "answer", "skip"]: ...

    def first_start_backlog(self) -> Sequence[Backlog]:
        """What is too much to begin without asking, for each place that was never watched before. Blocks."""

    def answer_backlog(self, root: str) -> None:
        """Answer what waits there."""

    def skip_backlog(self, root: str) -> None:
        """Record what waits there as skipped."""
