"""The sheet door's figures, with the usual poller beside it in the same minutes.

    python -m benchmarks.sheets [--rows 1000] [--full]

Each side has a strict stand-in of Google Sheets of its own, in real time: 60 reads and 60 writes a minute. The usual
poller is what one writes first: `get_all_records` every 2 s, what is below the rows it knew is new, `update_cell` with
the row's number, and a wait after a 429. `--full` adds 5,000 rows at once with a model of 4 s and 50 calls in parallel.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import random
import tempfile
import time
from pathlib import Path

import structlog

from benchmarks.sheets_rig import Ours, Poller, Sheet, Side, share
from playground.sheets.adversary import Adversary

EDITS = {"insert": 1.0, "delete": 0.3, "sort": 2.0, "move": 1.0, "wait": 2.0}


async def burst(work: Path, rows: int, model_s: float, title: str) -> None:
    """All rows at once; the poller gets as long as ours took."""
    questions = [f"question {number}" for number in range(rows)]
    async with Sheet.opened(work / "ours", questions) as sheet, Ours.running(sheet, model_s) as ours:
        took_s = await ours.until_answered(rows)
        peak, limited = sheet.most_in_a_minute("write"), sheet.refused()
    async with Sheet.opened(work / "naive", questions) as naive_sheet, Poller.running(naive_sheet, model_s):
        await asyncio.sleep(took_s)
        naive_limited = naive_sheet.refused()
    print(f"\n{title}")
    print(f"{'':34}{'ours':>14}{'usual poller':>16}")
    _row("rows answered", sheet.right(), naive_sheet.right())
    _row("API calls in all", sheet.calls(), naive_sheet.calls())
    _row("API calls for 1,000 rows answered", _each(sheet, 1_000), _each(naive_sheet, 1_000))
    _row("429s caused", limited, naive_limited)
    _row("most writes in a minute", peak, naive_sheet.most_in_a_minute("write"))
    print(f"{'seconds':34}{took_s:>14.0f}{took_s:>16.0f}")


def _each(sheet: Sheet, rows: int) -> int | str:
    return round(sheet.calls() * rows / sheet.right()) if sheet.right() else "-"


def _row(words: str, ours: object, naive: object) -> None:
    print(f"{words:34}{ours!s:>14}{naive!s:>16}")


async def people(work: Path, rows: int) -> None:
    """People sort, insert, delete and move rows between the calls, while answers are on their way."""
    questions = [f"question {number}" for number in range(rows)]

    async def play(side: type[Side], name: str) -> Sheet:
        async with Sheet.opened(work / name, questions) as sheet:
            adversary = Adversary(sheet.person, 7, sheet.tab, edits=EDITS, chance=0.6, limit=60)
            sheet.standin.before_call = adversary
            async with side.running(sheet, 3.0):
                await asyncio.sleep(40.0)
                sheet.standin.before_call = lambda *_: None
                await asyncio.sleep(12.0)
            return sheet

    ours, naive = await asyncio.gather(play(Ours, "ours"), play(Poller, "naive"))
    print(f"\npeople at work on {rows} rows: 60 edits between calls, answers take 3 s")
    print(f"{'':34}{'ours':>14}{'usual poller':>16}")
    _row("answers in the wrong row", ours.wrong(), naive.wrong())
    _row("rows left without an answer", ours.unanswered(), naive.unanswered())


async def trickle(work: Path, rows: int, settle_s: float) -> None:
    """One row after the other, typed at odd moments."""
    chance = random.Random(11)
    async with (
        Sheet.opened(work / "ours", ["the first"], settle_s=settle_s) as sheet,
        Ours.running(sheet, 2.0) as ours,
    ):
        await ours.until_answered(1)
        for number in range(rows):
            await asyncio.sleep(chance.uniform(0.5, 3.5))
            sheet.type_question(number + 3, f"typed {number}")
        await ours.until_answered(rows + 1)
        claimed = [sheet.claimed_at[text] - at - settle_s for text, at in sheet.typed_at.items()]
        written = [sheet.done_at[text] - ours.ready_at[text] for text in sheet.typed_at]
        before = sheet.counts()
        await asyncio.sleep(60.0)
        reads, writes = (now - was for now, was in zip(sheet.counts(), before, strict=True))
    print(f"\n{rows} rows typed one by one, settled after {settle_s:g} s")
    print(f"  complete and settled -> claimed: p50 {share(claimed, 0.5):.2f} s, p95 {share(claimed, 0.95):.2f} s")
    print(f"  answer ready -> in its cell:     p50 {share(written, 0.5):.2f} s, p95 {share(written, 0.95):.2f} s")
    print(f"  a minute at rest afterwards:     {writes} writes, {reads} reads")


def main() -> None:
    """Print the figures."""
    logging.disable(logging.ERROR)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sheets")
    parser.add_argument("--rows", type=int, default=1_000)
    parser.add_argument("--full", action="store_true")
    options = parser.parse_args()
    started_s = time.monotonic()
    with tempfile.TemporaryDirectory() as work:
        base = Path(work)
        asyncio.run(burst(base / "burst", options.rows, 1.0, f"{options.rows:,} rows at once, answers take 1 s"))
        asyncio.run(people(base / "people", 40))
        asyncio.run(trickle(base / "trickle", 40, 5.0))
        if options.full:
            title = "5,000 rows at once, answers take 4 s (2 to 6), 50 calls in parallel"
            asyncio.run(burst(base / "backlog", 5_000, 4.0, title))
    print(f"\n({time.monotonic() - started_s:.0f} s)")


if __name__ == "__main__":
    main()
