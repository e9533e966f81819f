"""The Slack storm: the whole program asked by many people, under faults, killed and started again.

`storm` runs it and returns what stands in Slack afterwards, question by question.
"""

from __future__ import annotations

import contextlib
import json
import random
import re
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playground.claude import ClaudeStandIn, FaultKind, Pace
from playground.claude import Fault as ClaudeFault
from playground.serving import serve
from playground.slack import Options, SlackStandIn
from playground.slack.faults import Fault
from playground.slack.people import BOT_USER, Channel, Person
from tests.bot.running import running

PLACES = 120
PIECES = (
    "The move is on Friday. ", "Grüße aus Köln, ", "你好、世界。", "👩‍👩‍👧‍👦 and 🇩🇪 ", "**bold** and `code` ",
    "a < b && c > d; ", "\n\n", "- one\n- two\n", "| a | b |\n|---|---|\n| 1 | 2 |\n\n",
    "\n```python\nfor x in range(3):\n    print(x)\n```\n",
)  # fmt: skip
CLAUDE_FAULTS: tuple[FaultKind, ...] = ("status", "lost", "reset", "torn", "error_event", "early_end")
FENCE_LINE = re.compile(r"(`{3,}|~{3,})[^\n`]*\n")
CLOSING = re.compile(r"\n?(`{3,}|~{3,})$")


def answer_text(number: int) -> str:
    """The model's answer to question `number`: mostly short, some several messages long, few a file."""
    chance = random.Random(number)
    kind = number % 40
    chars = chance.randint(5, 300)
    if kind in (3, 13, 23, 33):
        chars = chance.randint(1_500, 5_000)
    if kind == 7:
        chars = chance.randint(12_100, 26_000)
    if number % 200 == 119:
        chars = chance.randint(36_000, 40_000)
    text = f"No. {number}: "
    if kind == 7:
        text += "\n```text\n" + "".join(f"line {line} 漢字\n" for line in range(1_000)) + "```\n"
    while len(text) < chars:
        text += chance.choice(PIECES)
    return text + f"(end of {number})"


def model(body: dict[str, Any]) -> str:
    """What the model says: the answer to the question that stands first in the request."""
    found = re.search(r"Question (\d+)\b", json.dumps(body["messages"], ensure_ascii=False))
    return answer_text(int(found[1])) if found else "Which question?"


@dataclass
class Outcome:
    """What stood in Slack in the end: how many questions were answered exactly once, and what was wrong with others."""

    questions: int = 0
    exact: int = 0
    wrong: dict[int, str] = field(default_factory=dict)
    faults: Counter[str] = field(default_factory=Counter)
    refused_unasked: Counter[str] = field(default_factory=Counter)
    kills: int = 0
    seconds: float = 0.0
    claude_calls: int = 0


class Crowd:
    """Many people in direct messages and channels of their own."""

    def __init__(self, slack: SlackStandIn) -> None:
        self.slack = slack
        self.asked: dict[int, tuple[str, str]] = {}
        for number in range(PLACES):
            user, channel = f"U0P{number}", f"C0P{number}"
            slack.workspace.people[user] = Person(user, f"p{number}", f"Person {number}")
            slack.workspace.channels[channel] = Channel(channel, f"c{number}", "channel", {BOT_USER, user})
            slack.workspace.channels[f"D0P{number}"] = Channel(f"D0P{number}", "", "im", {BOT_USER, user})

    def ask(self, number: int) -> None:
        """One person asks question `number`, by a mention in a channel or in a direct message."""
        who = number % PLACES
        channel, words = (f"C0P{who}", "@bellhop ") if number // PLACES % 2 else (f"D0P{who}", "")
        self.asked[number] = (channel, self.slack.say(f"U0P{who}", channel, f"{words}Question {number} please"))

    def wrong(self, number: int) -> str:
        """What is wrong with the answer to question `number`; "" when it stands there exactly once."""
        channel, ts = self.asked[number]
        ours = [one for one in self.slack.thread(channel, ts) if one.user == BOT_USER]
        text = answer_text(number)
        files = [one for message in ours for one in message.files]
        shown = [one.visible for one in ours if not one.files]
        if files:
            return self._wrong_file([str(one["id"]) for one in files], shown, text)
        if not shown:
            return "no answer"
        return (
            "" if is_text(shown, text) else f"{len(shown)} messages, {sum(map(len, shown))} of {len(text)} characters"
        )

    def _wrong_file(self, ids: list[str], shown: list[str], text: str) -> str:
        content = self.slack.workspace.files[ids[0]].content or b""
        if len(ids) != 1 or content.decode() != text:
            return f"{len(ids)} files of {len(content)} bytes"
        beginning = CLOSING.sub("", shown[0]) if len(shown) == 1 else ""
        return "" if beginning and text.startswith(beginning) else f"{len(shown)} messages beside the file"


def is_text(shown: list[str], text: str) -> bool:
    """Whether these messages, in order, are the text: a fence that a cut ran through is closed and opened again."""
    at = 0
    for number, message in enumerate(shown):
        rest = [message]
        opening = FENCE_LINE.match(message)
        if number and opening:
            rest.append(message[opening.end() :])
        if number < len(shown) - 1:
            rest += [CLOSING.sub(end, one) for one in rest for end in ("", "\n") if CLOSING.search(one)]
        fitting = [one for one in rest if text.startswith(one, at)]
        if not fitting:
            return False
        at += max(map(len, fitting))
    return at == len(text)


class Trouble:
    """Faults of the Web API by chance, and which calls were turned away without one.

    `share` of the calls meet one. `timeouts` is the weight, among about 18, of a silence longer than the program waits.
    """

    def __init__(self, slack: SlackStandIn, seed: int, share: float, timeouts: float) -> None:
        self._slack, self._chance, self._share, self._timeouts = slack, random.Random(seed), share, timeouts
        self.met: Counter[str] = Counter()

    def plan(self, method: str, _arguments: Mapping[str, Any]) -> Fault | None:
        """The fault that this call meets."""
        if method == "apps.connections.open" or self._chance.random() > self._share:
            return None
        fault = self._chance.choices(
            [
                Fault("ratelimited", self._chance.choice([1.0, 2.0])),
                Fault("server_error"),
                Fault("drop"),
                Fault("lost"),
                Fault("hang", 0.5),
                Fault("hang_applied", 0.5),
                Fault("hang_applied", 11.0),
                Fault("error", error="internal_error"),
                Fault("slow", 1.0),
            ],
            weights=[2, 3, 2, 3, 1, 2, self._timeouts, 2, 2],
        )[0]
        self.met[fault.kind] += 1
        return fault

    def refused_unasked(self) -> Counter[str]:
        """For each method: calls turned away for their number, and not by a fault or in the rest that it ordered."""
        counts: Counter[str] = Counter()
        resting: dict[str, float] = {}
        for call in self._slack.calls.records:
            if call.fault == "ratelimited":
                resting[call.method] = call.at + 2.5
            elif call.status == 429 and call.at > resting.get(call.method, 0.0):
                counts[call.method] += 1
        return counts


@dataclass(frozen=True)
class House:
    """One folder in which the program runs, is killed, and runs again."""

    folder: Path
    variables: Mapping[str, str]

    @contextlib.contextmanager
    def run(self, name: str) -> Iterator[Any]:
        """The program, ready; killed without warning when the block ends. Its log is `name`."""
        with running(self.folder, self.folder / name, **self.variables) as process:
            yield process

    def log(self) -> str:
        """What every run logged."""
        return "\n".join(one.read_text() for one in sorted(self.folder.glob("run*.log")))


@contextlib.contextmanager
def house(folder: Path, slack: SlackStandIn, claude: ClaudeStandIn, **more: str) -> Iterator[House]:
    """Both stand-ins served, and the variables that lead the program to them."""
    with slack.serve(), serve(claude.app) as url:
        variables = {
            "ANTHROPIC_API_KEY": min(claude.keys),
            "ANTHROPIC_BASE_URL": url,
            "CLAUDE_MAX_TOKENS": "64000",
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_APP_TOKEN": slack.app_token,
            "SLACK_API_URL": slack.api_url,
            "PORT": "0",
            "WEB_HOST": "127.0.0.1",
        }
        yield House(folder, {**variables, **more})


def storm(folder: Path, questions: int, kills: int, seed: int, *, per_s: float = 3.0, limit_s: float = 170) -> Outcome:
    """Ask, make trouble, kill `kills` times while questions are coming; returns when all are right or time is over."""
    chance = random.Random(seed)
    slack = SlackStandIn(options=Options(warning_s=2.0, retry_after_s=(0.0, 5.0, 10.0, 20.0)))
    claude = ClaudeStandIn(pace=Pace(0.05, 800.0))
    claude.model = model
    crowd, trouble = Crowd(slack), Trouble(slack, seed, *((0.06, 0.4) if questions > 100 else (0.15, 0.0)))
    marks = [*sorted(chance.randint(questions // 10, questions * 9 // 10) for _ in range(kills)), questions]
    began, asked = time.monotonic(), 0
    with house(folder, slack, claude) as home:
        slack.plan_faults(trouble.plan)
        for number, mark in enumerate(marks):
            with home.run(f"run{number}.log"):
                while asked < mark:
                    crowd.ask(asked)
                    _more_trouble(slack, claude, chance)
                    asked += 1
                    time.sleep(chance.expovariate(per_s))
                if mark == questions:
                    _wait_until_right(crowd, began + limit_s)
                    time.sleep(2.0)
                else:
                    time.sleep(chance.uniform(0.0, 0.5))
    return _outcome(crowd, trouble, claude, kills, time.monotonic() - began)


def _more_trouble(slack: SlackStandIn, claude: ClaudeStandIn, chance: random.Random) -> None:
    if chance.random() < 0.02:
        chance.choice([slack.sockets.refresh, slack.sockets.drop, slack.sockets.warn])()
    if chance.random() < 0.05:
        claude.fault(ClaudeFault(chance.choice(CLAUDE_FAULTS), after_chars=chance.randint(1, 200), retry_after_s=0.2))


def _wait_until_right(crowd: Crowd, give_up_at: float) -> None:
    left = set(crowd.asked)
    while left and time.monotonic() < give_up_at:
        left = {number for number in left if crowd.wrong(number)}
        time.sleep(0.5)


def _outcome(crowd: Crowd, trouble: Trouble, claude: ClaudeStandIn, kills: int, seconds: float) -> Outcome:
    wrong = {number: words for number in crowd.asked if (words := crowd.wrong(number))}
    total = len(crowd.asked)
    return Outcome(
        total, total - len(wrong), wrong, trouble.met, trouble.refused_unasked(), kills, seconds, claude.tally.calls
    )
