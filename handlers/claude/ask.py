"""What is asked of Claude, as plain data, and the request it becomes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from handlers.claude.models import Kind, thinking_fields

Message = dict[str, Any]
"""One turn of the Messages API: `role` and `content`, a text or a list of blocks and of `File`s."""
Block = dict[str, Any]
"""A content block of the Messages API."""

_ASKER = re.compile(r"\[[^\n\]]*\] [^\n]*:")

Life = Literal["", "5m", "1h"]
"""How long a part of a prompt is kept in Claude's cache; "" is not at all."""


@dataclass(frozen=True, slots=True)
class File:
    """A file within a message, sent or left out as a whole: its `blocks` between the lines of its fence.

    `pages`: those of its PDFs. `own`: it came with the question itself, not with an earlier message. `name` is fit to
    be shown. `gone`: it was left out, and its only block says so.
    """

    name: str
    blocks: tuple[Block, ...]
    pages: int = 0
    own: bool = False
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Cache:
    """How long the prompt is kept up to the end of: the system prompt, the last file, what was said before, all of it.

    None of them may be longer than one before it. The vendor allows four marks. `keys` name the system prompt and the
    files to whoever remembers them.
    """

    system: Life = ""
    files: Life = ""
    before: Life = ""
    whole: Life = ""
    keys: tuple[str, str] = field(default=("", ""), compare=False)

    @property
    def longest(self) -> Life:
        """The longest of these lives."""
        return max(self.system, self.files, self.before, self.whole, key=("", "5m", "1h").index)


@dataclass(frozen=True, slots=True)
class Ask:
    """One question. `thinking` is the kind of work; `schema` the JSON schema that the answer must keep to.

    `deadline_s` bounds the whole answer with all its tries; `goes_on`: more questions follow in this conversation;
    `cache`: what is kept of it, and `keeps_files` its files, where they are asked about again (see caching.py);
    `answer_tokens`: how long its answer will probably be;
    `about_files`: nothing is asked but about its own files, so it is no question without them; `name` is the
    event's id, for the log.

    The last message ends with the question itself: its own files, then one block with its words. What stands before
    them, in that message or an earlier one, is the conversation so far.
    """

    system: str
    messages: tuple[Message, ...]
    model: str
    max_tokens: int
    thinking: Kind = "chat"
    schema: dict[str, Any] | None = None
    deadline_s: float = 600.0
    goes_on: bool = False
    cache: Cache = Cache()
    keeps_files: Life = ""
    answer_tokens: float = 600.0
    about_files: bool = False
    name: str = ""


def request_of(ask: Ask, messages: Sequence[Message], *, bare: bool = False) -> dict[str, Any]:
    """The body of the request that asks with `messages`; `bare` leaves out what an unknown model may refuse."""
    request: dict[str, Any] = {
        "model": ask.model,
        "max_tokens": ask.max_tokens,
        "messages": with_cache_marks(messages, ask.cache),
        **thinking_fields(ask.model, ask.thinking, ask.schema, bare=bare),
    }
    if ask.system.strip():
        request["system"] = [_kept({"type": "text", "text": ask.system}, ask.cache.system)]
    return request


def with_cache_marks(messages: Sequence[Message], cache: Cache) -> list[Message]:
    """The messages as they are sent, with marks up to where they are kept."""
    marked = [_sendable(message) for message in messages]
    at_file = next((at for at in reversed(range(len(messages))) if _after_files(messages[at])), None)
    if at_file is not None:
        marked[at_file] = _marked(marked[at_file], _after_files(messages[at_file]) - 1, cache.files)
    if len(marked) > 1:
        # An hour may not come after five minutes.
        newest = at_file == len(marked) - 1 and cache.files == "1h"
        marked[-2] = _marked(marked[-2], -1, cache.files if newest else cache.before)
    if marked:
        marked[-1] = _marked(marked[-1], -1, cache.whole)
    return marked


def _after_files(message: Message) -> int:
    """How many blocks a message has up to the end of its last file; 0 when it has none."""
    parts = parts_of(message)
    last = max((at for at, part in enumerate(parts) if isinstance(part, File)), default=-1)
    return sum(len(tuple(blocks_of_part(part))) for part in parts[: last + 1])


def _marked(message: Message, at: int, life: Life) -> Message:
    content = blocks_of(message)
    if not life or content[at]["type"] not in {"text", "image", "document"}:
        return message
    return {**message, "content": [*content[:at], _kept(content[at], life), *content[at:][1:]]}


def _kept(block: Block, life: Life) -> Block:
    if not life or "cache_control" in block:  # the mark of a file is the longer one
        return block
    return {**block, "cache_control": {"type": "ephemeral"} if life == "5m" else {"type": "ephemeral", "ttl": life}}


def _sendable(message: Message) -> Message:
    return message if isinstance(message["content"], str) else {**message, "content": blocks_of(message)}


def parts_of(message: Message) -> list[Block | File]:
    """The content of a message as blocks and files."""
    content = message["content"]
    return [{"type": "text", "text": content}] if isinstance(content, str) else list(content)


def blocks_of(message: Message) -> list[Block]:
    """The content of a message as blocks, as they are sent."""
    return [block for part in parts_of(message) for block in blocks_of_part(part)]


def blocks_of_part(part: Block | File) -> Iterable[Block]:
    """The blocks of a file, or the block itself."""
    return part.blocks if isinstance(part, File) else (part,)


def with_words(messages: Sequence[Message], words: str) -> list[Message]:
    """The messages with `words` added at the end of the last one, which is the person's."""
    last = messages[-1]
    return [*messages[:-1], {**last, "content": [*parts_of(last), {"type": "text", "text": words}]}]


def shortened(messages: Sequence[Message]) -> tuple[Message, ...] | None:
    """The messages without the older half of the conversation; None when only the question is left."""
    rest = list(messages[(len(messages) + 1) // 2 :]) if len(messages) > 1 else []
    while rest and rest[0]["role"] != "user":
        rest.pop(0)
    return tuple(rest) or without_history(messages)


def without_history(messages: Sequence[Message]) -> tuple[Message, ...] | None:
    """The question alone; None when there is nothing else."""
    last = messages[-1]
    parts = parts_of(last)
    spoken = 2 if len(parts) > 1 and _names_asker(parts[-2]) else 1
    own = [part for part in parts[:-spoken] if isinstance(part, File) and part.own] + parts[-spoken:]
    if len(messages) == 1 and len(own) == len(parts):
        return None
    return ({**last, "content": own},)


def _names_asker(part: Block | File) -> bool:
    """Whether this is the line before a question that says who asks, and when: the prompt writes it so."""
    return not isinstance(part, File) and bool(_ASKER.fullmatch(str(part.get("text", ""))))
