"""`bot batch DIR`: a folder of documents through Message Batches, answered beside them and told of in one report."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.commands.signals import stopped_by
from bot.commands.terminal import json_text
from bot.errors import PROGRAM, SettingsError
from bot.events import Receipt
from bot.logs import silence_logs
from bot.money import pico_of, usd_of, usd_words
from bot.settings import Settings, load_settings

if TYPE_CHECKING:
    from bot.parts import Parts
    from bot.payments import AnswerLength
    from handlers.batch.documents import Found, Job
    from handlers.batch.report import Line

LOOK_EVERY_S = 1.0
ANSWERS = "answers"
ENDED = ("answered", "failed", "skipped")


@dataclass(frozen=True, slots=True)
class Wishes:
    """What was said on the command line."""

    ask: str = ""
    columns: str = ""
    yes: bool = False
    resume: bool = False
    as_json: bool = False


def batch_folder(folder: Path, wishes: Wishes) -> int:
    """Answer every document; 0 when all are, 1 when some are not. Raises SettingsError."""
    from handlers.claude import NO_KEY

    if not folder.is_dir():
        raise SettingsError(f"{folder} is no folder." if folder.exists() else f"There is no folder {folder}.")
    settings = load_settings()
    if settings.anthropic_api_key is None:
        raise SettingsError(NO_KEY)
    silence_logs()
    return asyncio.run(_Batch(settings, _job(folder, wishes), wishes).run())


def _job(folder: Path, wishes: Wishes) -> Job:
    from bot.wiring import batch_rule, folder_profile
    from handlers.batch.documents import Job

    overrides = _of_rule(wishes.columns) if wishes.columns else {}
    if wishes.ask.strip():
        overrides["ask"] = wishes.ask
    return Job(str(folder.resolve()), batch_rule(overrides), overrides, folder_profile())


def _of_rule(place: str) -> dict[str, Any]:
    """The columns, and what else a written rule says of the question, as an event carries them."""
    from bot.rules.file import parse_rules
    from bot.rules.lines import Source
    from bot.wiring import known

    file, _, name = place.rpartition(":")
    if not file or not Path(file).is_file():
        raise SettingsError(f"--columns is {place}; expected FILE:RULE, such as rules.toml:invoices.")
    rules = parse_rules(Source(file, Path(file).read_text(encoding="utf-8-sig")), known())
    rule = rules.named(name)
    if rule is None:
        names = ", ".join(one.name for one in rules.rules)
        raise SettingsError(f'--columns: {file} has no rule "{name}"; it has {names or "none"}.')
    columns = {one: list(kind) if isinstance(kind, tuple) else kind for one, kind in rule.columns.items()}
    said = {"ask": rule.ask, "system": rule.system, "model": rule.model, "max_tokens": rule.max_tokens}
    return {name: value for name, value in {**said, "columns": columns}.items() if value}


class _Batch:
    """One run of the command."""

    def __init__(self, settings: Settings, job: Job, wishes: Wishes) -> None:
        self._settings, self._job, self._wishes = settings, job, wishes
        self._stop = asyncio.Event()

    async def run(self) -> int:
        from bot.opening import is_worked_on, opened
        from bot.wiring import rules_of
        from handlers.batch.summary import faults_in_words, watched_words

        with stopped_by(self._stop, signal.SIGINT, signal.SIGTERM):
            found = await self._find()
            if self._stop.is_set():
                return 1
            good = [one for one in found if not one.fault]
            if len(good) < len(found):
                self._say(faults_in_words(found))
            if not good:
                self._say("Nothing here can be read, so nothing is asked.")
                return 1
            rules = rules_of(self._settings)
            if said := watched_words(self._job.root, rules.on("folder")):
                self._say(said)
            works = not await asyncio.to_thread(is_worked_on, self._settings)
            async with opened(self._settings, rules, works=works) as parts:
                receipts = await asyncio.to_thread(self._receipts, parts, good)
                length = await asyncio.to_thread(self._answer_length, parts)
                if self._stop.is_set() or not self._agreed(good, receipts, length):
                    return 1
                await self._hand_over(parts, good, receipts)
                await self._follow(parts, good, works=works)
                lines = await asyncio.to_thread(self._lines, parts, found)
        return self._tell(lines, receipts)

    async def _find(self) -> list[Found]:
        from bot.wiring import ignored_in
        from handlers.batch.documents import names_below, read_all

        names = names_below(self._job.root, ignored_in(self._job.root, self._settings))
        found: list[Found] = []
        with self._progress() as progress:
            task = progress.add_task("reading", total=len(names))
            async for one in read_all(self._job, names, self._settings):
                found.append(one)
                progress.advance(task)
                if self._stop.is_set():
                    break
        return sorted(found, key=lambda one: one.name)

    def _agreed(self, good: Sequence[Found], receipts: dict[str, Receipt], length: AnswerLength | None) -> bool:
        """Say what it comes to, and ask; nobody is asked about what was begun before."""
        from handlers.batch.summary import summary

        left = [one for one in good if receipts.get(one.event.id) is None or receipts[one.event.id].state == "failed"]
        self._say(summary(good, left, receipts, length))
        if not left or self._wishes.yes or self._wishes.resume:
            return True
        if not sys.stdin.isatty():
            raise SettingsError("Nobody is here to be asked: say --yes to send them.")
        print("Send them? [y/N] ", end="", file=sys.stderr, flush=True)
        return sys.stdin.readline().strip().lower() in {"y", "yes"}

    async def _hand_over(self, parts: Parts, good: Sequence[Found], receipts: dict[str, Receipt]) -> None:
        failed = [one.event.id for one in good if one.event.id in receipts and receipts[one.event.id].state == "failed"]
        await asyncio.to_thread(parts.engine.retry, failed)
        for at in range(0, len(good), 100):
            await asyncio.gather(*(parts.engine.emit(one.event) for one in good[at : at + 100]))

    async def _follow(self, parts: Parts, good: Sequence[Found], *, works: bool) -> None:
        """Show how far it is until all are over, or Ctrl-C."""
        with self._progress() as progress:
            task = progress.add_task("asking", total=len(good))
            while not self._stop.is_set():
                receipts = await asyncio.to_thread(self._receipts, parts, good)
                over = sum(receipt.state in ENDED for receipt in receipts.values())
                progress.update(task, completed=over, description=_now(receipts.values()))
                if over == len(good):
                    return
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stop.wait(), LOOK_EVERY_S)
        when = f"when this command, or `{PROGRAM} run`, runs again" if works else f"in `{PROGRAM} run`"
        self._say(f"Left. What is not answered yet goes on {when}; the same command shows how far it is.")

    def _receipts(self, parts: Parts, good: Sequence[Found]) -> dict[str, Receipt]:
        return parts.engine.receipts.of([one.event.id for one in good])

    def _answer_length(self, parts: Parts) -> AnswerLength | None:
        from handlers.batch.documents import question_of

        return parts.engine.payments.answer_length(self._job.rule.name, question_of(self._job))

    def _lines(self, parts: Parts, found: Sequence[Found]) -> list[Line]:
        from handlers.batch.report import Line

        receipts, lines = self._receipts(parts, found), []
        for one in found:
            receipt = receipts.get(one.event.id)
            if one.fault or receipt is None:
                lines.append(Line(one.name, "unreadable" if one.fault else "waiting", reason=one.fault))
                continue
            answer = parts.engine.receipts.answer(one.event.id) if receipt.state == "answered" else None
            outcome = receipt.state if receipt.state in ENDED else "waiting"
            usage = receipt.usage
            tokens = usage.input_tokens + usage.output_tokens + usage.cache_read_tokens + usage.cache_write_tokens
            text, values = (answer.text, answer.values or {}) if answer else ("", {})
            lines.append(Line(one.name, outcome, tokens, receipt.cost_usd, text, receipt.reason, values))
        return lines

    def _tell(self, lines: Sequence[Line], before: Mapping[str, Receipt]) -> int:
        from handlers.batch.report import as_csv, as_markdown

        columns = list(self._job.rule.columns)
        place = Path(self._job.root, ANSWERS)
        place.mkdir(exist_ok=True)
        _write(place / "batch-report.csv", as_csv(lines, columns))
        _write(place / "batch-report.md", as_markdown(lines, columns))
        counts = Counter(line.outcome for line in lines)
        if self._wishes.as_json:
            for line in lines:
                print(json_text(asdict(line)))
        told = ", ".join(f"{count} {outcome}" for outcome, count in counts.most_common())
        self._say(f"{told}; {_paid(lines, before)}. The report: {place / 'batch-report.md'} and .csv")
        return 0 if counts["answered"] == len(lines) else 1

    def _say(self, words: str) -> None:
        print(words, file=sys.stderr if self._wishes.as_json else sys.stdout, flush=True)

    def _progress(self) -> Any:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
        return Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty())


def _paid(lines: Sequence[Line], before: Mapping[str, Receipt]) -> str:
    """What all of it came to, and how much of that another run of the command had paid. Pure."""
    pico = sum(pico_of(line.cost_usd) for line in lines)
    earlier = sum(pico_of(receipt.cost_usd) for receipt in before.values())
    answered = sum(receipt.state == "answered" for receipt in before.values())
    if not earlier:
        return usd_words(usd_of(pico))
    now = usd_words(usd_of(pico - earlier)) if pico > earlier else "nothing"
    return f"{answered} of them answered earlier, {now} paid now, {usd_words(usd_of(pico))} in all"


def _now(receipts: Any) -> str:
    words = Counter(receipt.reason for receipt in receipts if receipt.state == "waiting")
    return words.most_common(1)[0][0] if words else ""


def _write(path: Path, text: str) -> None:
    working = path.with_name(f".bellhop-{path.name}.tmp")
    working.write_text(text, encoding="utf-8", newline="")
    os.replace(working, path)  # noqa: PTH105  # in one step, over what an earlier run wrote
