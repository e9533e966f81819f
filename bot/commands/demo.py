"""`bot demo`: the playground, with everything local and the very same bot that serves real doors."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
import webbrowser
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from bot.errors import BellhopError
from bot.events import Receipt
from bot.money import usd_words
from playground.stage import Stage, claude_from, open_stage
from playground.stage.inbox import SAMPLES, Inbox

LOOK_EVERY_S = 0.2
SAMPLES_AFTER_S = 6.0
"""The sample documents come into an empty folder then: whoever is quick asks in the chat first, and gets all of us."""

INBOX = "inbox"
PLUG_IN = "ANTHROPIC_API_KEY=sk-ant-… make demo"
TRY = (
    "Ask in #general: the answer streams into the thread",
    "Fill five rows of the sheet and sort them while they are answered",
    f"Drop a file into ./{INBOX}, or onto the page",
    "Write a mail as Anna, attach a file, answer in the thread",
    "Make trouble: kill the bot, cut its stream, and watch it heal",
)
ENDINGS = [number for name in ("SIGINT", "SIGTERM", "SIGHUP") if (number := getattr(signal, name, None))]
STYLES = {
    "received": "dim",
    "working": "yellow",
    "waiting": "cyan",
    "answered": "green",
    "failed": "red",
    "skipped": "dim",
}


def run_demo(port: int, *, open_browser: bool) -> None:
    """Play until Ctrl-C, SIGTERM or the terminal's end; nothing is left behind but what was dropped into the inbox.

    Raises BellhopError when the bot ends before it is ready.
    """
    console = Console(highlight=False)
    with _told_to_end() as over:
        real = claude_from(os.environ, Path(".env"))
        with open_stage(Path(INBOX), real) as stage, _page(stage, port) as url:
            _welcome(console, url, stand_in=real is None)
            if open_browser and not over.is_set():
                threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()
            _show_receipts(console, stage, over)
            with suppress(OSError):  # the terminal may be gone
                console.print("\nEnding…", style="dim")


def _page(stage: Stage, port: int) -> AbstractContextManager[str]:
    from playground.page import serve_page  # imported only now, while the bot starts

    return serve_page(stage, port)


@contextmanager
def _told_to_end() -> Iterator[threading.Event]:
    """An event that Ctrl-C, SIGTERM and a closed terminal set, from before the first start until after the last end."""
    over = threading.Event()
    before = {number: signal.signal(number, lambda *_: over.set()) for number in ENDINGS}
    try:
        yield over
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _welcome(console: Console, url: str, *, stand_in: bool) -> None:
    console.print()
    console.print(Text.assemble("  Bellhop playground   ", (url, "bold underline")))
    console.print()
    if stand_in:
        words = Text.assemble("A stand-in answers, not Claude. To hear Claude itself: ", (PLUG_IN, "bold"))
        console.print(Padding(words, (0, 2)), style="yellow")
    else:
        console.print("  Claude itself answers, with your key: what it writes is paid for.", style="yellow")
    console.print("\n  Try this:", style="bold")
    for wish in TRY:
        console.print(f"    · {wish}")
    console.print("\n  Ctrl-C ends all of it. What happens is told here as well:\n", style="dim")


def _show_receipts(console: Console, stage: Stage, over: threading.Event) -> None:
    shown: dict[str, str] = {}
    ready = dropped = False
    began_s = time.monotonic()
    while not over.wait(LOOK_EVERY_S):
        if ready and not dropped and time.monotonic() > began_s + SAMPLES_AFTER_S:
            dropped = True
            _drop_samples(stage.inbox)
        for receipt in stage.ledger.read().values():
            if shown.get(receipt.id) != receipt.state:
                shown[receipt.id] = receipt.state
                console.print(_line(receipt), soft_wrap=True)
        ready = ready or stage.slack.sockets.open_count > 0
        if not ready and stage.bot.exit_code is not None:
            raise BellhopError(f"The bot ended before it was ready. Its last words:\n{stage.bot.last_words()}")
    sys.stdout.flush()


def _drop_samples(inbox: Inbox) -> None:
    if inbox.is_empty():
        for name in SAMPLES:
            inbox.drop_sample(name)


def _line(receipt: Receipt) -> Text:
    """One move of a receipt: when, which door, what, how far, and in the end what it took."""
    moment = receipt.finished_at or receipt.working_at or receipt.received_at
    head = f"  {moment.astimezone():%H:%M:%S}  {receipt.source:<7} {receipt.subject[:48]:<49}"
    return Text.assemble((head, ""), (f"{receipt.state:<9}", STYLES[receipt.state]), (_figures(receipt), "dim"))


def _figures(receipt: Receipt) -> str:
    if receipt.finished_at is None:
        return ""
    took_s = (receipt.finished_at - receipt.received_at).total_seconds()
    tokens = receipt.usage.input_tokens + receipt.usage.output_tokens
    reason = f"  {receipt.reason}" if receipt.reason else ""
    return f" {took_s:5.1f} s  {tokens:>6} tokens  {usd_words(receipt.cost_usd)}{reason}"
