"""`bot ask`: one question from the shell, its answer printed as it is written."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from bot.commands.signals import stopped_by
from bot.commands.terminal import json_text, whole_text
from bot.errors import PROGRAM, SETTING, BellhopError, SettingsError
from bot.events import Answer
from bot.logs import silence_logs
from bot.serial import to_json
from bot.settings import Settings, load_settings

if TYPE_CHECKING:
    from handlers.documents import Document

NO_QUESTION = f'Say what to ask: {PROGRAM} ask "Why is the sky blue?", or pipe a text into it.'


def ask_once(question: str, files: tuple[Path, ...], *, stream: bool, as_json: bool, dry: bool = False) -> int:
    """Ask, print, and return the exit code: 0 answered, 1 not (or stopped), 2 the key or another setting is wrong."""
    silence_logs()
    text = _with_piped(whole_text(question), _piped(sys.stdin))
    if not text.strip() and not files:
        raise SettingsError(NO_QUESTION)
    for path in files:
        if not path.is_file():
            words = "it is no file" if path.exists() else "there is no such file"
            raise SettingsError(f"--file {path}: {words}.")
    settings = load_settings()
    if settings.anthropic_api_key is None:
        from handlers.claude import NO_KEY

        raise SettingsError(NO_KEY)
    from handlers.claude.prices import price_list

    price_list()  # what is wrong in prices.toml is said before anything is spent
    ink = Ink(sys.stdout if stream else None)
    try:
        if dry:
            print(asyncio.run(_dry(text, files, settings)))
            return 0
        answer = asyncio.run(_ask(text, files, settings, ink))
    except KeyboardInterrupt:
        return 1
    except BellhopError as error:
        ink.break_off()
        print(error.reason, file=sys.stderr)
        return 2 if error.code == SETTING else 1
    _print_rest(answer, as_json=as_json, streamed=stream)
    return 1 if answer.stop_reason == "stopped" else 0


class Ink:
    """Writes a growing text to a terminal; what is printed cannot be taken back, so a new start is said."""

    def __init__(self, out: TextIO | None) -> None:
        self._out = out
        self.printed = ""

    async def show(self, text: str) -> None:
        """Print what is new in the text so far."""
        if self._out is None:
            return
        if not text.startswith(self.printed):
            self._out.write("\n")
            self._out.flush()
            print("[the connection broke; the answer starts anew]", file=sys.stderr)
            self.printed = ""
        self._out.write(text[len(self.printed) :])
        self._out.flush()
        self.printed = text

    def break_off(self) -> None:
        """Say that what was printed is not the whole answer; nothing when nothing was."""
        if self._out is None or not self.printed:
            return
        self._out.write("\n")
        self._out.flush()
        print("[the answer breaks off here; it is not whole]", file=sys.stderr)


async def _ask(text: str, files: tuple[Path, ...], settings: Settings, ink: Ink) -> Answer:
    from handlers.claude import Claude
    from handlers.prompt import ask_for_text

    stop = asyncio.Event()
    claude = Claude(settings)
    with stopped_by(stop, signal.SIGINT):  # Ctrl-C stops the answer, and with it the bill
        try:
            documents = [await _document(path) for path in files]
            answer = await claude.stream(ask_for_text(text, settings, documents), ink.show, stop)
            await ink.show(answer.text)
        finally:
            await claude.aclose()
    return answer


async def _dry(text: str, files: tuple[Path, ...], settings: Settings) -> str:
    from handlers.claude import Claude
    from handlers.prompt import ask_for_text
    from handlers.rehearsal import cost_words, estimate, shown

    claude = Claude(settings)
    try:
        ask = ask_for_text(text, settings, [await _document(path) for path in files])
        return f"{shown(ask)}\n\n{cost_words(ask, await estimate(ask, claude))}"
    finally:
        await claude.aclose()


async def _document(path: Path) -> Document:
    from handlers.documents import read_document

    return await read_document(path, whole_text(path.name))


def _piped(source: TextIO) -> str:
    """What was piped or redirected into the program; "" when a terminal or nothing is there."""
    with contextlib.suppress(OSError, ValueError):  # a closed or replaced stdin
        mode = os.fstat(source.fileno()).st_mode
        if stat.S_ISFIFO(mode) or stat.S_ISREG(mode) or stat.S_ISSOCK(mode):
            return source.buffer.read().decode("utf-8", "replace")
    return ""


def _with_piped(question: str, piped: str) -> str:
    if not piped.strip():
        return question
    if not question.strip():
        return piped
    from handlers.fence import fenced

    return f"{question}\n\n{fenced('piped', piped)}"


def _print_rest(answer: Answer, *, as_json: bool, streamed: bool) -> None:
    if as_json:
        print(json_text(to_json(answer), indent=2))
        return
    print("" if streamed else answer.text)
    for note in answer.notes:
        print(f"[{note}]", file=sys.stderr)
