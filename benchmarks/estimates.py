"""Estimates: what a backlog, `bot batch` and `--dry` say that answering costs, beside what it then costs.

python -m benchmarks.estimates [--full]

Through the real program, against a stand-in that bills as the vendor does. Answers of three lengths, each up to a fifth
shorter or longer by chance, about mails, reports, and PDFs with Office files (`--full`: of every length about every
kind): the first time, when nothing is known, and once their rule, or their question, has been answered. The naive way
knows what prompts cost, and takes an answer for a fifth of its document, 600 tokens at most; of a dry run it says the
price of the prompt.
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
import zlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from benchmarks.estimates_papers import CHARS_PER_TOKEN, lay
from bot.events import Receipt
from bot.receipts import Receipts
from bot.store.database import open_database
from playground.claude import DEFAULT_KEY, ClaudeStandIn
from playground.serving import serve
from tests.bot.running import bot, free_port, running, until

MODEL, OUTPUT_USD = "claude-sonnet-5-5", 10 / 1_000_000
LENGTHS = (60, 200, 700)
KINDS = ("files", "reports", "mails")
FILES, DOCUMENTS, FIRES = 21, 5, 3
"""Fewer than 21 files are answered without a word; three answers are the fewest that say how long the next will be."""
GOAL = 0.30
HOUSE_STYLE = "Reply in the house style: short sentences, no adjectives, figures first, then what follows from them. "
BACKLOG = re.compile(r"backlog is skipped .*place=(\S+) words=(.*)")
SAID = re.compile(r"(?:costs|probably) about \$([\d.,]+\d)")
RANGE = re.compile(r"come to \$([\d.,]+\d).* to \$([\d.,]+\d)")


@dataclass(frozen=True, slots=True)
class Case:
    """What was said of one place, and what came of it; `least_usd` and `most_usd` are the range, where one was said."""

    place: str
    tokens: int
    said_usd: float
    billed_usd: float
    naive_usd: float
    least_usd: float = 0.0
    most_usd: float = 0.0

    @property
    def off(self) -> float:
        """How far what was said is from the bill."""
        return self.said_usd / self.billed_usd - 1

    @property
    def is_good(self) -> bool:
        """Within the range that was said, or, where none was, within the goal."""
        if self.most_usd:
            return self.least_usd <= self.billed_usd <= self.most_usd
        return abs(self.off) <= GOAL


def main() -> int:
    """Print the figures with their goals; 1 when one is missed."""
    parser = argparse.ArgumentParser(prog="benchmarks.estimates")
    parser.add_argument("--full", action="store_true", help="answers of every length about every kind")
    kinds = list((product if parser.parse_args().full else zip)(KINDS, LENGTHS))
    stand_in = ClaudeStandIn()
    stand_in.answer_with(_answer)
    with tempfile.TemporaryDirectory(prefix="bellhop-estimates-") as folder, serve(stand_in.app) as url:
        house = House(Path(folder), url, kinds)
        first, later = house.round(1), house.round(2)
        is_whole = abs(house.booked_usd() - float(stand_in.bill.usd)) < 1e-9
    print(f"{'':<18} {'answers':>8} {'said':>9} {'billed':>9} {'off':>6} {'naive off':>10}")
    _print("nothing is known; the bill lies within the range that was said", first)
    _print(f"answered before; within {GOAL:.0%} of the bill", later)
    print(f"billed by the stand-in ${stand_in.bill.usd:.4f}; booked the same: {'yes' if is_whole else 'NO'}")
    return 0 if is_whole and all(case.is_good for case in (*first, *later)) else 1


class House:
    """A Bellhop in a folder of its own, with a rule for each kind of document and length of answer."""

    def __init__(self, folder: Path, url: str, kinds: Sequence[tuple[str, int]]) -> None:
        self._folder, self._kinds, self._number = folder, kinds, 0
        claude = {"ANTHROPIC_API_KEY": DEFAULT_KEY, "ANTHROPIC_BASE_URL": url, "CLAUDE_MODEL": MODEL}
        night = {"NIGHT_GATHER_SECONDS": "1", "NIGHT_POLL_SECONDS": "1"}
        self._variables = {**claude, **night, "PORT": free_port()}

    def round(self, number: int) -> list[Case]:
        """Every place once, with documents of its own."""
        self._number, log = number, self._folder / f"log-{number}"
        naive = {one: lay(self._place(*one), FILES, number) for one in self._kinds}
        self._write_rules()
        with running(self._folder, log, **self._variables), ThreadPoolExecutor(2 * len(LENGTHS)) as pool:
            self._run("retry", "--skipped")
            asking = pool.map(self._batch, LENGTHS), pool.map(self._fire, LENGTHS)
            asked = [case for cases in asking for case in cases]
            until(lambda: all(receipt.finished_at for receipt in self._receipts()))
        words = {Path(place).name: said for place, said in BACKLOG.findall(log.read_text())}
        waited = [self._case("backlog", *one, words[self._place(*one).name], naive[one]) for one in self._kinds]
        return [*waited, *asked]

    def booked_usd(self) -> float:
        """What all events cost, by their receipts."""
        return sum(receipt.cost_usd for receipt in self._receipts())

    def _batch(self, tokens: int) -> Case:
        naive = lay(self._place("mixed", tokens), DOCUMENTS, self._number)
        ran = self._run("batch", str(self._place("mixed", tokens)), "--ask", _ask(tokens), "--yes")
        return self._case("batch", "mixed", tokens, ran, naive)

    def _fire(self, tokens: int) -> Case:
        """A dry run and a run; after the first so many more that the rule's answers are known."""
        said = self._run("fire", f"dry-{tokens}", "--dry")
        ran = [self._run("fire", f"dry-{tokens}") for _ in range(FIRES if self._number == 1 else 1)]
        billed = float(re.findall(r"answered, \$([\d.]+)", ran[0])[-1])
        prompt = float(re.findall(r"tokens, \$([\d.]+);", said)[-1])
        return _case("--dry", tokens, said, billed, prompt)

    def _case(self, where: str, kind: str, tokens: int, words: str, naive_tokens: float) -> Case:
        """By the receipts of all documents of a folder; the naive way knows what their prompts cost."""
        name = self._place(kind, tokens).name
        mine = [receipt for receipt in self._receipts() if receipt.subject.startswith(f"{name}-")]
        billed, share = sum(receipt.cost_usd for receipt in mine), 0.5 if where == "batch" else 1.0
        more = naive_tokens - sum(receipt.usage.output_tokens for receipt in mine)
        return _case(f"{where}, {kind}", tokens, words, billed, billed + share * more * OUTPUT_USD)

    def _place(self, kind: str, tokens: int) -> Path:
        return self._folder / f"{kind}-{tokens}-{self._number}"

    def _write_rules(self) -> None:
        rules: list[dict[str, str]] = []
        for tokens in LENGTHS:
            when = {"on": "schedule", "cron": "0 8 1 1 *", "zone": "UTC"}
            rules.append({"name": f"dry-{tokens}", **when, "ask": HOUSE_STYLE * 10 + _ask(tokens)})
        for kind, tokens in self._kinds:
            said = {"ask": _ask(tokens), "system": HOUSE_STYLE * 20 if kind == "reports" else ""}
            path = self._place(kind, tokens).name
            rules.append({"name": f"{kind}-{tokens}", "on": "folder", "path": path, **said})
        tables = ("".join(f"{key} = {json.dumps(value)}\n" for key, value in rule.items()) for rule in rules)
        (self._folder / "rules.toml").write_text("".join(f"[[rule]]\n{table}" for table in tables))

    def _receipts(self) -> list[Receipt]:
        database = open_database(f"sqlite:///{self._folder / 'state' / 'bot.db'}")
        try:
            return Receipts(database).newest(limit=5_000)
        finally:
            database.dispose()

    def _run(self, *arguments: str) -> str:
        done = bot(self._folder, *arguments, **self._variables)
        return done.stdout + done.stderr


def _ask(tokens: int) -> str:
    return f"Answer in about {tokens} tokens."


def _answer(body: dict[str, Any]) -> str:
    """As long as it was asked for, and up to a fifth shorter or longer by chance."""
    asked = json.dumps(body["messages"])
    tokens = int(re.findall(r"Answer in about (\d+) tokens", asked)[-1])
    chars = round(tokens * CHARS_PER_TOKEN * (0.8 + zlib.crc32(asked.encode()) % 1_000 / 2_500))
    return (HOUSE_STYLE * (chars // len(HOUSE_STYLE) + 1))[:chars]


def _case(place: str, tokens: int, words: str, billed_usd: float, naive_usd: float) -> Case:
    said, ends = SAID.search(words), RANGE.search(words)
    assert said, words
    range_usd = map(_usd, ends.groups()) if ends else ()
    return Case(place, tokens, _usd(said[1]), billed_usd, naive_usd, *range_usd)


def _usd(text: str) -> float:
    return float(text.replace(",", ""))


def _print(title: str, cases: list[Case]) -> None:
    print(f"{title}:")
    for case in cases:
        naive = case.naive_usd / case.billed_usd - 1
        range_ = f"${case.least_usd:.4f} to ${case.most_usd:.4f}" if case.most_usd else ""
        missed = "" if case.is_good else "  MISSED"
        sums = f"{f'${case.said_usd:.4f}':>9} {f'${case.billed_usd:.4f}':>9}"
        print(f"  {case.place:<16} {case.tokens:>8} {sums} {case.off:>+6.0%} {naive:>+10.0%}  {range_}{missed}")
    met = sum(case.is_good for case in cases)
    worst = max(abs(case.off) for case in cases)
    naive = max(abs(case.naive_usd / case.billed_usd - 1) for case in cases)
    print(f"  good: {met} of {len(cases)}, goal all; furthest off {worst:.0%}, the naive way {naive:.0%}")


if __name__ == "__main__":
    raise SystemExit(main())
