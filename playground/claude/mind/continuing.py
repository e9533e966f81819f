"""How an answer goes on after a break: the request quotes what was shown, and the rest follows.

Whoever asks again wraps the shown text in <already_shown>…</already_shown>, and may wrap in <last_words>…</last_words>
what the model shall say once more before it goes on. The whole answer is worked out again from the request without all
this; what comes after the shown text is said.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from playground.claude.turns import blocks_of

_SHOWN = re.compile(r"<(already_shown(?:-\w+)?)>(.*)</\1>", re.DOTALL)
_LAST_WORDS = re.compile(r"<(last_words(?:-\w+)?)>(.*)</\1>", re.DOTALL)


@dataclass(slots=True)
class Continuing:
    """A model that goes on where it was cut, after saying the last words again that it is asked to say again.

    `overlap_chars`: so many of the shown text are said again, whatever was asked. `start_anew`: all of it is.
    """

    model: Callable[[dict[str, Any]], str]
    overlap_chars: int | None = None
    start_anew: bool = False

    def __call__(self, body: dict[str, Any]) -> str:
        """The whole answer, or the rest of it."""
        quoted = _quoted(_SHOWN, body)
        if quoted is None:
            return self.model(body)
        whole, shown = self._whole(body, quoted)
        if self.start_anew:
            return whole
        return whole[max(0, shown - self._again_chars(body, whole[:shown])) :]

    def _again_chars(self, body: dict[str, Any], shown: str) -> int:
        if self.overlap_chars is not None:
            return self.overlap_chars
        wanted = (_quoted(_LAST_WORDS, body) or "").strip()
        at = shown.rfind(wanted) if wanted else len(shown)
        return len(shown) - at if at >= 0 else 0

    def _whole(self, body: dict[str, Any], quoted: str) -> tuple[str, int]:
        wholes = [self.model(candidate) for candidate in _without_quotation(body)]
        for whole in wholes:
            for shown in _spellings(quoted):
                if whole.startswith(shown):
                    return whole, len(shown)
        # Not the same words: the request was changed in between. The nearest answer goes on at the same length.
        nearest = max(wholes, key=lambda whole: _same_chars(whole, quoted.strip()))
        return nearest, min(len(quoted.strip()), len(nearest))


def _same_chars(one: str, other: str) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (left, right) in pairs if left != right), min(len(one), len(other)))


def _quoted(tag: re.Pattern[str], body: dict[str, Any]) -> str | None:
    for block in reversed(blocks_of(body["messages"][-1]["content"])):
        if found := tag.search(block.get("text") or ""):
            return found.group(2)
    return None


def _spellings(quoted: str) -> Iterator[str]:
    # A caller may set the quotation on lines of its own, or escape it.
    for text in (quoted, html.unescape(quoted)):
        yield text
        yield text.removeprefix("\n").removesuffix("\n")
        yield text.strip()


def _without_quotation(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The request as it may have been before: without the block, the passage, or the message that quotes."""
    *before, last = body["messages"]
    blocks = blocks_of(last["content"])
    others = [block for block in blocks if not _SHOWN.search(block.get("text") or "")]
    if others:
        yield {**body, "messages": [*before, {**last, "content": others}]}
    yield {**body, "messages": [*before, {**last, "content": [_cut_passage(block) for block in blocks]}]}
    while before and before[-1]["role"] != "user":
        before.pop()
    if before:
        yield {**body, "messages": before}


def _cut_passage(block: dict[str, Any]) -> dict[str, Any]:
    found = _SHOWN.search(block.get("text") or "")
    if not found:
        return block
    # The words that lead up to the quotation, a paragraph of their own, go with it.
    before = block["text"][: found.start()].rstrip()
    return {**block, "text": before.rsplit("\n\n", 1)[0] if "\n\n" in before else before}
