"""What waited at a door before it was first opened: told to the operator, who says what becomes of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol, runtime_checkable

LEAST_ANSWER_TOKENS, MOST_ANSWER_TOKENS, ANSWER_SHARE = 110, 300, 0.1
"""An answer tells what a document says: it is taken to have a tenth of its length, within bounds.

Nobody knows it before. Of 2,000 tokens the price is within a third for answers of 140 to 600; of 600 it is half of
what it then costs, should Claude answer them with 400 or more.
"""


def answer_length(tokens: float) -> float:
    """Tokens of an answer about a document of so many, as far as nobody knows better."""
    return min(MOST_ANSWER_TOKENS, LEAST_ANSWER_TOKENS + tokens * ANSWER_SHARE)


class Backlog(Protocol):
    """What waited at one place of a door before it was first opened.

    `words` says how much, such as "25 files (3.1 MB) wait in /inbox"; `sent_tokens` and `answer_tokens` estimate what
    answering it takes, beside what its `rule` says itself.
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
    def sent_tokens(self) -> int: ...
    @property
    def answer_tokens(self) -> int: ...


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
