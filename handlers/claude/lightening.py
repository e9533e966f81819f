"""The question without what a request may not hold or was refused for: the oldest files go first. Pure.

Everything that is left out is named twice: for the reader in a note, and for Claude in the place where it stood.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from handlers.claude.ask import Block, File, Message, blocks_of_part, parts_of, without_history
from handlers.claude.refusal import HISTORY_UNACCEPTED, TOO_MUCH_DATA, TOO_MUCH_MEDIA, Cause, Refusal

MOST_MEDIA = 100
"""PDF pages and pictures of one request: https://platform.claude.com/docs/en/build-with-claude/pdf-support"""
MOST_CHARS = 31_500_000
"""Of the 32 MB that one request may have: https://platform.claude.com/docs/en/api/overview#request-size-limits"""
ONE_BY_ONE = 3
"""So often a single file is left out because it was named; after that all that may be meant go at once."""

_Place = tuple[int, int]
"""A message, and one of its parts."""
_Found = tuple[_Place, File]


@dataclass(frozen=True, slots=True)
class Lighter:
    """The messages without `what`, for this `reason`. `bare`: the question has no file of its own any more."""

    messages: tuple[Message, ...]
    what: str
    reason: str
    bare: bool = False

    @property
    def note(self) -> str:
        """For the reader of an answer that was given all the same."""
        return f"Left out: {self.what}: {self.reason}."

    @property
    def refused(self) -> str:
        """For the person who asked about nothing else."""
        return f"{self.what}: {self.reason[:1].upper()}{self.reason[1:]}."


def fitting(messages: Sequence[Message], other_chars: int) -> list[Lighter]:
    """What is left out before anything is sent, because a request never holds so much; empty when all of it fits.

    `other_chars`: what stands in the request beside the messages.
    """
    done: list[Lighter] = []
    text_chars = other_chars + sum(
        _chars(part) for message in messages for part in parts_of(message) if not isinstance(part, File)
    )
    for weigh, most, reason in (
        (_media, MOST_MEDIA, TOO_MUCH_MEDIA.format(most=MOST_MEDIA)),
        (_chars, MOST_CHARS - text_chars, TOO_MUCH_DATA),
    ):
        if too_much := _over(messages, weigh, most):
            done.append(_without(messages, too_much, reason))
            messages = done[-1].messages
    return done


def lighter(messages: Sequence[Message], refusal: Refusal, tries: int) -> Lighter | None:
    """The next thing to leave out after a refusal, the `tries`-th time; None when nothing is left to leave out.

    First what is over the limit that was named, or the file that was; then the oldest files, all files of the
    conversation, the conversation itself, and last the question's own files. Where together they were too much, it
    says nothing that one of them was named.
    """
    if refusal.cause == "media" and refusal.most and (over := _over(messages, _media, refusal.most)):
        return _without(messages, over, refusal.reason)
    there = _at(messages, refusal.place) if refusal.place and refusal.cause not in {"media", "size"} else None
    if there is not None:
        place, part = there
        if not isinstance(part, File) or part.gone:
            return None if _is_own_words(messages, place) else _alone(messages)
        if tries < ONE_BY_ONE:
            return _without(messages, [(place, part)], refusal.reason)
    return _oldest_first(messages, refusal, tries)


def _oldest_first(messages: Sequence[Message], refusal: Refusal, tries: int) -> Lighter | None:
    meant = [found for found in _files(messages) if _may_be_meant(found[1], refusal.cause)]
    earlier, own = [f for f in meant if not f[1].own], [f for f in meant if f[1].own]
    if earlier:
        some = earlier[: (len(earlier) + 1) // 2] if tries == 0 else earlier
        return _without(messages, some, refusal.reason)
    if (not own or refusal.cause in {"any", "size"}) and (alone := _alone(messages)):
        return alone
    if refusal.cause == "size" and len(own) > 1:
        own = own[(len(own) + 1) // 2 :]
    # The sentence may have been misread: last, whatever came with the question.
    own = own or [found for found in _files(messages) if found[1].own]
    return _without(messages, own, refusal.reason) if own else None


def files_words(files: Collection[File]) -> str:
    """The files by name, with their pages where they have some."""
    return ", ".join(f"{file.name} ({file.pages} pages)" if file.pages > 1 else file.name for file in files)


def _without(messages: Sequence[Message], found: Sequence[_Found], reason: str) -> Lighter:
    gone = dict(found)
    kept = tuple(
        {**message, "content": [_told(gone.get((at, index)), reason) or part for index, part in enumerate(parts)]}
        for at, message in enumerate(messages)
        for parts in [parts_of(message)]
    )
    bare = not any(file.own for _place, file in _files(kept))
    return Lighter(kept, files_words(gone.values()), reason, bare)


def _told(file: File | None, reason: str) -> File | None:
    """What stands in place of a file that is gone. Claude is not told its name, which comes from outside."""
    if file is None:
        return None
    return replace(file, blocks=({"type": "text", "text": f"(A file was left out here: {reason}.)"},), gone=True)


def _alone(messages: Sequence[Message]) -> Lighter | None:
    alone = without_history(messages)
    return Lighter(alone, "the earlier messages of this conversation", HISTORY_UNACCEPTED) if alone else None


def _over(messages: Sequence[Message], weigh: Callable[[File], int], most: int) -> list[_Found]:
    """What does not fit any more, when the question's own files are packed first and the newest of the others next."""
    found = list(_files(messages))
    mine, others = [one for one in found if one[1].own], [one for one in found if not one[1].own]
    over, total = [], 0
    for one in (*mine, *reversed(others)):
        weight = weigh(one[1])
        if weight and total + weight > most:
            over.append(one)
        else:
            total += weight
    return sorted(over, key=lambda one: one[0])


def _files(messages: Sequence[Message]) -> Iterator[_Found]:
    for at, message in enumerate(messages):
        for index, part in enumerate(parts_of(message)):
            if isinstance(part, File) and not part.gone:
                yield (at, index), part


def _at(messages: Sequence[Message], place: _Place) -> tuple[_Place, Block | File] | None:
    """The part of a message that holds the block which the API named."""
    at, block = place
    for index, part in enumerate(parts_of(messages[at]) if at < len(messages) else ()):
        block -= len(tuple(blocks_of_part(part)))
        if block < 0:
            return (at, index), part
    return None


def _is_own_words(messages: Sequence[Message], place: _Place) -> bool:
    return place == (len(messages) - 1, len(parts_of(messages[-1])) - 1)


def _may_be_meant(file: File, cause: Cause) -> bool:
    kinds = {block["type"] for block in file.blocks}
    pictures, pages = "image" in kinds, bool(_pages(file))
    return {"pdf": pages, "picture": pictures, "media": pages or pictures}.get(cause, True)


def _media(file: File) -> int:
    return _pages(file) + sum(1 for block in file.blocks if block["type"] == "image")


def _pages(file: File) -> int:
    pdfs = sum(1 for block in file.blocks if block.get("source", {}).get("media_type") == "application/pdf")
    return max(file.pages, pdfs)


def _chars(part: Block | File) -> int:
    return sum(
        len(str(block.get("text") or block.get("source", {}).get("data") or "")) for block in blocks_of_part(part)
    )
