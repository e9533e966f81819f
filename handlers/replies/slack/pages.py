"""This file is how a long text becomes several messages: cut where it hurts least, with fences reopened.

A page's cut depends on nothing behind it, so a finished page stays as it is while the text grows.
"""

from __future__ import annotations

from dataclasses import dataclass

from handlers.replies.slack.fences import Fence, closed, lines, open_fence


@dataclass(frozen=True, slots=True)
class Page:
    """A piece of the text (all `body`s joined are the text itself) and the fences around it."""

    body: str
    before: Fence | None
    after: Fence | None

    @property
    def text(self) -> str:
        """What stands in the message: the body, its fence reopened at the top and closed at the end."""
        return closed((self.before.opener if self.before else "") + self.body, self.after)


def pages(text: str, limit_chars: int, *, finished: bool) -> list[Page]:
    """`text` in pages whose bodies have at most `limit_chars` characters; one empty page for an empty text.

    A finished text ends as it ends, even inside a fence; an unfinished one has its open fence closed for now.
    """
    result: list[Page] = []
    fence: Fence | None = None
    while True:
        window = text[:limit_chars]
        body = window if len(text) <= limit_chars else window[: cut_at(window, fence)]
        after = open_fence(body, fence)
        text = text[len(body) :]
        result.append(Page(body, fence, after if text or not finished else None))
        fence = after
        if not text:
            return result


def cut_at(window: str, fence: Fence | None) -> int:
    """Where to end a full page: behind a paragraph, else a line of prose, else any line, else a word, else at the end.

    A better place must not leave the page less than half full.
    """
    paragraph = prose = any_line = 0
    for line in lines(window, fence):
        if not window.endswith("\n", 0, line.end) or line.opens:
            continue
        any_line = line.end
        if line.fence is None and not window.startswith("|", line.start):
            prose = line.end
            paragraph = line.end if line.end - line.start == 1 else paragraph
    half = len(window) // 2
    word = window.rfind(" ", half) + 1
    return next((at for at in (paragraph, prose, any_line, word) if at > half), len(window))
