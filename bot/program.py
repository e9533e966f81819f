"""Claude inside a program: `ask` and `stream`, for a script, a notebook, or code that runs in an event loop.

Both are plain calls that block: each works in a thread with an event loop of its own, so it does not matter what runs
where it is called. Importing this costs nothing; the first question loads the rest.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio

    from bot.events import Answer
    from bot.settings import Settings

SURE_CHARS = 12
"""What was cut off within its first few letters is asked for anew, and may then begin otherwise; so they are held."""
ANEW = "The connection to Claude broke, and its answer began anew: what came so far does not count. Ask again."


class AnswerText(str):
    """The text of an answer, which also holds the whole of it: tokens, cost, notes."""

    __slots__ = ("answer",)
    answer: Answer


def ask(
    text: str,
    *,
    files: Sequence[str | Path] = (),
    system: str = "",
    model: str = "",
    max_tokens: int | None = None,
) -> AnswerText:
    """Ask Claude, and return the whole answer: a text, whose `.answer` has tokens, `cost_usd` and `notes`.

    Settings come from the environment and `.env`, as for `bot ask`. Raises SettingsError (the key is missing),
    Refused and TryAgain, all BellhopErrors with plain words (bot/errors.py); FileNotFoundError for a missing file.
    """
    running = _Running(_question(text, files, system, model, max_tokens))
    try:
        for _ in running.pieces():
            pass
    finally:
        running.stop()
    assert running.answer is not None
    said = AnswerText(running.answer.text)
    said.answer = running.answer
    return said


def stream(
    text: str,
    *,
    files: Sequence[str | Path] = (),
    system: str = "",
    model: str = "",
    max_tokens: int | None = None,
) -> Iterator[str]:
    """Ask Claude, and yield the answer piece by piece; joined they are the whole of it. Leaving the loop stops it.

    Raises as `ask` does: a missing key at once, what happens on the way from the loop, where the answer is not whole.
    """
    return _yielded(_question(text, files, system, model, max_tokens))


@dataclass(frozen=True, slots=True)
class _Question:
    text: str
    files: tuple[Path, ...]
    system: str
    model: str
    max_tokens: int | None
    settings: Settings


def _question(text: str, files: Sequence[str | Path], system: str, model: str, max_tokens: int | None) -> _Question:
    """The question, its key and its files there. Raises SettingsError and FileNotFoundError."""
    import structlog

    from bot.errors import SettingsError
    from bot.logs import silence_within
    from bot.settings import load_settings
    from handlers.claude import NO_KEY

    if not structlog.is_configured():
        silence_within()
    paths = tuple(Path(one) for one in files)
    for path in paths:
        if not path.is_file():
            raise FileNotFoundError(f"There is no file {path}.")
    if not text.strip() and not paths:
        raise ValueError("There is nothing to ask: give a text, or files.")
    settings = load_settings()
    if settings.anthropic_api_key is None:
        raise SettingsError(NO_KEY)
    return _Question(text, paths, system, model, max_tokens, settings)


def _yielded(question: _Question) -> Iterator[str]:
    running = _Running(question)
    try:
        yield from running.pieces()
    finally:
        running.stop()


class _Running:
    """One question on its way, in a thread of its own. `answer` is there once the pieces have come to their end."""

    def __init__(self, question: _Question) -> None:
        self.answer: Answer | None = None
        self._question = question
        self._arrived: queue.SimpleQueue[str | Exception | None] = queue.SimpleQueue()
        self._shown = ""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._is_stopped = False
        self._thread = threading.Thread(target=self._run, name="bellhop-ask", daemon=True)
        self._thread.start()

    def pieces(self) -> Iterator[str]:
        """The text as it comes. Raises what went wrong."""
        while (arrived := self._arrived.get()) is not None:
            if isinstance(arrived, Exception):
                raise arrived
            yield arrived

    def stop(self) -> None:
        """End it, where it has not ended; its connection is closed at once."""
        self._is_stopped = True
        loop, stop = self._loop, self._stop
        if loop is not None and stop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(stop.set)

    def _run(self) -> None:
        import asyncio

        try:
            asyncio.run(self._ask())
        except Exception as error:  # noqa: BLE001  # whatever it is, the caller's thread raises it
            self._arrived.put(error)
        self._arrived.put(None)

    async def _ask(self) -> None:
        import asyncio

        from handlers.claude import Claude
        from handlers.documents import read_document
        from handlers.prompt import ask_for_text

        self._stop, self._loop = asyncio.Event(), asyncio.get_running_loop()
        if self._is_stopped:
            return
        question = self._question
        claude = Claude(question.settings)
        try:
            documents = [await read_document(path, path.name) for path in question.files]
            asked = ask_for_text(question.text, question.settings, documents, question.system)
            asked = replace(
                asked, model=question.model or asked.model, max_tokens=question.max_tokens or asked.max_tokens
            )
            answer = await claude.stream(asked, self._show, self._stop)
        finally:
            await claude.aclose()
        self._take(answer.text)
        self.answer = answer

    async def _show(self, text_so_far: str) -> None:
        if len(text_so_far) > SURE_CHARS:
            self._take(text_so_far)

    def _take(self, text: str) -> None:
        """Pass on what is new. Raises TryAgain when what was passed on before no longer holds."""
        from bot.errors import TryAgain

        if not text.startswith(self._shown):
            raise TryAgain(ANEW)
        if len(text) > len(self._shown):
            self._arrived.put(text[len(self._shown) :])
            self._shown = text
