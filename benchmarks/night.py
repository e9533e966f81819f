"""The figures of the night lane: what 50 mixed documents cost against direct calls through ten kills, and memory.

Real processes watch a real folder; batches, failures and the bill are the stand-in's. The first submit loses its
response, two entries fail and two expire; the bot is killed outright ten times at random instants. Every answer is
checked against a mark that only its own document holds.
"""

from __future__ import annotations

import argparse
import base64
import io
import json
import os
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docx
import openpyxl

from playground.claude import DEFAULT_KEY, ClaudeStandIn, Fault
from playground.serving import serve

HOME = Path(__file__).resolve().parents[1]
BATCHES = "/v1/messages/batches"
MARK = re.compile(r"MARK-(\d{5})")
WORDS = "The harbour office counted ships, crews and cargo, and wrote down what each of them owed. " * 30
MOST_MB = 200


@dataclass(frozen=True)
class Outcome:
    """What a storm came to."""

    answered: int
    own: int
    paid_twice: int
    usd: float
    kills: int
    batches: int
    seconds: float
    peak_mb: float = 0.0


def main() -> int:
    """Print each figure with its goal; 1 when one is missed."""
    chosen = _options()
    night = storm(chosen.documents, kills=chosen.kills, seed=chosen.seed)
    day = storm(chosen.documents, kills=0, seed=chosen.seed, lane="now")
    share = night.usd / day.usd
    print(f"{chosen.documents} mixed documents, {night.kills} kill -9, a lost response, 2 failed and 2 expired entries")
    print(
        f"  answered, each once and from its own content   {night.own} of {chosen.documents}   in {night.seconds:.0f} s"
    )
    print(f"  entries paid twice                             {night.paid_twice}")
    print(f"  batches                                        {night.batches}")
    print(f"  bill                                           ${night.usd:.4f}")
    print(f"  bill of direct calls (naive)                   ${day.usd:.4f}")
    print(f"  share                                          {share:.0%}   goal <= 50 %")
    is_well = night.own == chosen.documents and not night.paid_twice and share <= 0.5
    if chosen.many:
        many = storm(chosen.many, kills=0, seed=chosen.seed, is_mixed=False)
        print(f"{chosen.many:,} documents")
        print(f"  answered, each from its own content            {many.own:,}   in {many.seconds:.0f} s")
        print(f"  peak memory of the bot                         {many.peak_mb:.0f} MB   goal <= {MOST_MB} MB")
        is_well = is_well and many.own == chosen.many and many.peak_mb <= MOST_MB
    return 0 if is_well else 1


def storm(
    count: int,
    *,
    kills: int,
    full_disks: int = 0,
    seed: int = 1,
    lane: str = "night",
    is_mixed: bool = True,
    limit_s: float = 900.0,
) -> Outcome:
    """Drop documents into a watched folder, kill the bot or fill its disk now and then, and see what came of it."""
    chance = random.Random(seed)
    stand_in = ClaudeStandIn()
    stand_in.answer_with(lambda body: " ".join(sorted(marks_in(body))))
    stand_in.batches.duration_s = 4.0
    stand_in.max_recorded = 5
    if lane == "night" and kills:
        stand_in.fault(Fault("lost", path=BATCHES))
        stand_in.batches.spoil("errored", 2)
        stand_in.batches.spoil("expired", 2)
    with tempfile.TemporaryDirectory(prefix="bellhop-night-") as place, serve(stand_in.app) as url:
        bot = Bot(Path(place), url, lane, gather_s=3 if is_mixed else 60)
        began_s = time.monotonic()
        with bot.alive():
            for number in range(count):
                bot.drop(number, is_mixed=is_mixed)
            _disturb(bot, chance, kills, full_disks, limit_s)
            _until(lambda: bot.answers() == count or bot.is_stuck(), limit_s)
            peak_mb = bot.peak_mb()
        seconds = time.monotonic() - began_s
        own = sum(bot.answered(number) == {f"MARK-{number:05}"} for number in range(count))
        asked = Counter(line.prompt.tokens for line in stand_in.bill.lines)
        twice = max(0, sum(asked.values()) - count)
        batches = len(stand_in.batches.newest_first())
        return Outcome(bot.answers(), own, twice, float(stand_in.bill.usd), kills, batches, seconds, peak_mb)


def _disturb(bot: Bot, chance: random.Random, kills: int, full_disks: int, limit_s: float) -> None:
    for _ in range(kills):
        time.sleep(chance.uniform(0.3, 4.0))
        bot.kill()
    _until(bot.is_ready, limit_s)
    for _ in range(full_disks):
        time.sleep(chance.uniform(0.3, 2.0))
        bot.fill_disk(chance.uniform(1.0, 3.0))


class Bot:
    """The bot in a folder of its own, begun again after each kill."""

    def __init__(self, place: Path, url: str, lane: str, gather_s: int = 3) -> None:
        self._place, self._inbox = place, place / "inbox"
        self._inbox.mkdir()
        rule = {"name": "docs", "on": "folder", "path": "inbox", "ask": "What is in {filename}?", "lane": lane}
        written = "".join(f"{key} = {json.dumps(value)}\n" for key, value in rule.items())
        (place / "rules.toml").write_text(f"[[rule]]\n{written}")
        ours = {"ANTHROPIC_API_KEY": DEFAULT_KEY, "ANTHROPIC_BASE_URL": url, "PORT": "0", "PYTHONPATH": str(HOME)}
        ours["FOLDER_BACKLOG"] = "answer"
        self._variables = {**os.environ, **ours, "NIGHT_GATHER_SECONDS": str(gather_s), "NIGHT_POLL_SECONDS": "1"}
        self._process: subprocess.Popen[bytes] | None = None

    @contextmanager
    def alive(self) -> Iterator[None]:
        """Begin; killed at the end of the block."""
        self._begin()
        try:
            yield
        finally:
            self._end()

    def kill(self) -> None:
        """Kill it outright, and begin again."""
        self._end()
        self._begin()

    def fill_disk(self, during_s: float) -> None:
        """Let no file of its grow beyond a few bytes: to SQLite, and to whoever writes an answer, the disk is full."""
        assert self._process is not None
        before = resource.prlimit(self._process.pid, resource.RLIMIT_FSIZE, (4_096, resource.RLIM_INFINITY))
        time.sleep(during_s)
        resource.prlimit(self._process.pid, resource.RLIMIT_FSIZE, before)

    def drop(self, number: int, *, is_mixed: bool) -> None:
        """Lay a document into the folder."""
        kinds = KINDS if is_mixed else KINDS[:1]
        ending, made = kinds[number % len(kinds)]
        working = self._place / "working"
        working.write_bytes(made(f"Document {number}: MARK-{number:05}. {WORDS}"))
        working.rename(self._inbox / f"document-{number:05}.{ending}")

    def answers(self) -> int:
        """How many documents have an answer."""
        return len(list(self._inbox.glob("answers/*.answer.md")))

    def answered(self, number: int) -> set[str]:
        """The marks in a document's answer."""
        files = list(self._inbox.glob(f"answers/document-{number:05}.*.answer*.md"))
        return (
            {f"MARK-{found}" for file in files for found in MARK.findall(file.read_text())}
            if len(files) == 1
            else set()
        )

    def is_ready(self) -> bool:
        """Whether it has begun to watch."""
        return " ready " in (self._place / "log").read_text()

    def is_stuck(self) -> bool:
        """Whether it has ended by itself, or gave a document up."""
        assert self._process is not None
        return self._process.poll() is not None or bool(list(self._inbox.glob("answers/*.error.md")))

    def peak_mb(self) -> float:
        """The most memory that it held so far, its children apart."""
        assert self._process is not None
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return int(re.findall(r"VmHWM:\s+(\d+)", status)[0]) / 1024

    def _begin(self) -> None:
        log = (self._place / "log").open("ab")
        command = [sys.executable, "-m", "bot", "run"]
        self._process = subprocess.Popen(command, cwd=self._place, env=self._variables, stdout=log, stderr=log)
        log.close()

    def _end(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()


def marks_in(body: dict[str, Any]) -> set[str]:
    """The marks of all documents in a request, those of a PDF too."""
    text = json.dumps(body["messages"])
    for message in body["messages"]:
        for block in message["content"] if isinstance(message["content"], list) else []:
            source = block.get("source") or {}
            if source.get("type") == "base64":
                text += base64.b64decode(source["data"]).decode("latin-1")
    return {f"MARK-{found}" for found in MARK.findall(text)}


def _text(words: str) -> bytes:
    return words.encode()


def _page(words: str) -> bytes:
    return f"<html><body><h1>Report</h1><p>{words}</p></body></html>".encode()


def _word(words: str) -> bytes:
    document, out = docx.Document(), io.BytesIO()
    document.add_paragraph(words)
    document.save(out)
    return out.getvalue()


def _workbook(words: str) -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    book.create_sheet("Notes", 0).append(["Note", words])
    book.save(out)
    return out.getvalue()


def _pdf(words: str) -> bytes:
    stream = f"BT /F1 12 Tf 50 700 Td ({words[:400]}) Tj ET".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        (
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R "
            b"/Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>"
        ),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
    ]
    out, places = b"%PDF-1.4\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    table = b"".join(b"%010d 00000 n \n" % at for at in places)
    size = len(objects) + 1
    ending = b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(out))
    return out + b"xref\n0 %d\n0000000000 65535 f \n" % size + table + ending


def _mail(words: str) -> bytes:
    return f"From: a@example.com\nTo: b@example.com\nSubject: A note\n\n{words}\n".encode()


KINDS: list[tuple[str, Callable[[str], bytes]]] = [
    ("txt", _text), ("html", _page), ("docx", _word), ("xlsx", _workbook), ("pdf", _pdf), ("eml", _mail), ("md", _text),
]  # fmt: skip


def _until(condition: Callable[[], bool], limit_s: float) -> None:
    ends_s = time.monotonic() + limit_s
    while not condition() and time.monotonic() < ends_s:
        time.sleep(0.25)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.night")
    parser.add_argument("--documents", type=int, default=50)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--many", type=int, default=5_000, help="0: leave it out")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
