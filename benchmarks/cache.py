"""Prompt caching: what the prompts of a thread, of many files under one rule and of a PDF asked again come to.

python -m benchmarks.cache

Each through the real client, against a stand-in that bills caches as the vendor does, beside the same without caching;
the gaps between the questions are played.
"""

from __future__ import annotations

import asyncio
import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from bot.events import Event, HttpCaller
from bot.rules.rule import Rule
from bot.settings import Settings, load_settings
from bot.wiring import known
from handlers.claude import Ask, Claude
from handlers.claude.caching import CacheMemory
from handlers.documents.document import Document, pdf_block, text_block
from handlers.prompt import Gathered, Turn, build_ask
from playground.claude import DEFAULT_KEY, ClaudeStandIn
from playground.claude.bill import Line
from playground.claude.playing import Pace
from playground.claude.turn import Prompt
from playground.serving import serve

START = datetime(2026, 11, 29, 9, tzinfo=UTC)
PARALLEL = 20
WORDS = "The harbour master asks whether the ferry of the evening still runs when the wind turns to the north. "
HOUSE_STYLE = "Reply in the house style: short sentences, no adjectives, figures first, then what follows from them. "
GOALS = {"thread": 0.35, "rule": 0.60, "pdf": 0.50, "pdf_once": 0.75}
"""The most that prompts may come to, as a share of what they come to without caching."""


class Clock:
    """Seconds, moved by hand: for the stand-in's cache and for what we remember."""

    def __init__(self) -> None:
        self.now = START.timestamp()

    def __call__(self) -> float:
        return self.now


@dataclass(frozen=True, slots=True)
class Scene:
    """A client and a stand-in with one clock."""

    claude: Claude
    stand_in: ClaudeStandIn
    clock: Clock
    settings: Settings

    def ask(self, rule: Rule, text: str, turns: Sequence[Turn] = (), files: Sequence[Document] = ()) -> Ask:
        """The question as the handler asks it."""
        when = datetime.fromtimestamp(self.clock.now, UTC)
        event = Event("e", rule.on, rule.name, text, "", when, "c", HttpCaller("h"))
        gathered = Gathered(turns=tuple(turns), speaker="Ada", when=f"{when:%H:%M}", circumstances="Today is Sunday.")
        profile = known().doors[rule.on].profile
        return build_ask(event, rule, profile, self.settings, gathered, documents=files)


def main() -> int:
    """Print the figures; returns how many goals were missed."""
    return asyncio.run(_measure())


async def _measure() -> int:
    missed = 0
    print(f"{'prompts of':<52} {'billed':>9} {'no caching':>11} {'share':>7}  goal")
    for name, words, play in (
        ("thread", "a thread of 20 turns, one a minute", _thread),
        ("rule", "30 files under one rule with a long `system`", _rule),
        ("pdf", "a 40-page PDF asked 5 times in a thread, each 10 min", _pdf_in_thread),
        ("pdf_once", "the same PDF in 5 events of a folder, each 10 min", _pdf_alone),
    ):
        lines = await _played(play)
        billed, plain = sum(map(_prompt_usd, lines)), sum(_prompt_usd(_uncached(line)) for line in lines)
        share = billed / plain
        missed += share > GOALS[name]
        print(f"{words:<52} ${billed:>8.4f} ${plain:>10.4f} {share:>6.0%}  {GOALS[name]:.0%}")
    return missed


async def _played(play: object) -> list[Line]:
    clock = Clock()
    stand_in = ClaudeStandIn(pace=Pace(first_token_s=0.2), clock=clock)
    stand_in.answer_with(WORDS * 6)
    with serve(stand_in.app) as url:
        settings = load_settings(_env_file=None, anthropic_api_key=DEFAULT_KEY, anthropic_base_url=url)
        claude = Claude(settings, memory=CacheMemory(clock))
        await play(Scene(claude, stand_in, clock, settings))  # type: ignore[operator]  # one of the four below
        await claude.aclose()
    return stand_in.bill.lines


async def _thread(scene: Scene) -> None:
    """A person asks twenty times, a minute apart; each question sees all that was said before."""
    turns: list[Turn] = []
    for number in range(20):
        text = f"{number}: {WORDS * 5}"
        ask = scene.ask(Rule("slack", "slack"), text, turns)
        answer = await scene.claude.stream(ask, _nobody, asyncio.Event())
        when = f"{datetime.fromtimestamp(scene.clock.now, UTC):%H:%M}"
        turns += [Turn("Ada", text, trusted=True, when=when), Turn("bot", answer.text, ours=True)]
        scene.clock.now += 60


async def _rule(scene: Scene) -> None:
    """Thirty files lie there at once, under a rule whose system prompt is long."""
    rule = Rule("letters", "folder", ask="Sum it up.", system=HOUSE_STYLE * 100)
    places = asyncio.Semaphore(PARALLEL)

    async def one(number: int) -> None:
        async with places:
            letter = f"Letter {number}. {WORDS * 4}"
            file = Document(f"{number}.txt", "text", (text_block(letter, f"{number}.txt"),), (), len(letter))
            await scene.claude.complete(scene.ask(rule, "", files=[file]), asyncio.Event())

    clock = asyncio.create_task(_passing(scene.clock))
    await asyncio.gather(*(one(number) for number in range(30)))
    clock.cancel()


async def _passing(clock: Clock) -> None:
    """The clock goes on as it does: what one call writes, another reads only a moment later."""
    loop = asyncio.get_running_loop()
    start_s, at = loop.time(), clock.now
    while True:
        await asyncio.sleep(0.01)
        clock.now = at + loop.time() - start_s


async def _pdf_in_thread(scene: Scene) -> None:
    """A PDF comes with the first question; four more follow in its thread, ten minutes apart."""
    paper, turns = _paper(), list[Turn]()
    for number in range(5):
        text = f"Question {number}: {WORDS}"
        files = [] if turns else [paper]
        answer = await scene.claude.stream(
            scene.ask(Rule("slack", "slack"), text, turns, files), _nobody, asyncio.Event()
        )
        when = f"{datetime.fromtimestamp(scene.clock.now, UTC):%H:%M}"
        turns.append(Turn("Ada", text, trusted=True, when=when, documents=tuple(files)))
        turns.append(Turn("bot", answer.text, ours=True))
        scene.clock.now += timedelta(minutes=10).total_seconds()


async def _pdf_alone(scene: Scene) -> None:
    """The same PDF in five events that know nothing of each other."""
    paper = _paper()
    for number in range(5):
        rule = Rule("papers", "folder", ask=f"Answer question {number}.")
        await scene.claude.complete(scene.ask(rule, "", files=[paper]), asyncio.Event())
        scene.clock.now += timedelta(minutes=10).total_seconds()


def _paper() -> Document:
    from pypdf import PdfWriter

    writer, content = PdfWriter(), io.BytesIO()
    for _ in range(40):
        writer.add_blank_page(595, 842)
    writer.write(content)
    data = base64.b64encode(content.getvalue()).decode()
    return Document("paper.pdf", "pdf", (pdf_block(data, "paper.pdf"),), (), len(content.getvalue()), pages=40)


def _prompt_usd(line: Line) -> Decimal:
    return replace(line, output_tokens=0).usd


def _uncached(line: Line) -> Line:
    return replace(line, prompt=Prompt(line.prompt.tokens))


async def _nobody(_text: str) -> None:
    """Nobody looks."""


if __name__ == "__main__":
    raise SystemExit(main())
