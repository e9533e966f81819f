"""The figures of Slack's way out: so many answers at once, ours beside the naive bot, in the same minutes.

    python -m benchmarks.slack_streams [--minutes 1.25] [--streams 1,3,5,10,20] [--native]

Every line is a process of its own with a strict stand-in of its own: 50 edits in a sliding minute, one post a second
for each channel, in real time. People ask again as soon as they are answered; answers take 30 s, give or take half.
The naive bot is what one writes first: an edit a second for each answer, and what Slack refuses is sent again after
the Retry-After it names.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

CHARS_A_TOKEN = 24
MEAN_S = 30.0
MEAN_CHARS = 7_200
DRAIN_S = 45.0
"""After the last question every answer gets this long; a final that is later still counts with this."""

Came = list[tuple[float, int]]
"""When the model's text had reached which length."""


@dataclass
class Figures:
    """What the answers came to. Times in seconds; `exact` counts answers whose messages are the text, joined."""

    answers: int = 0
    exact: int = 0
    refused: int = 0
    calls: int = 0
    late_s: list[float] = field(default_factory=list)
    first_s: list[float] = field(default_factory=list)
    stale_s: list[float] = field(default_factory=list)
    sign_s: list[float] = field(default_factory=list)

    def part(self, values: list[float], share: float) -> float:
        """The percentile `share` (0 to 1) of `values`; 0 when there are none."""
        ordered = sorted(values)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def prose(chars: int, seed: int = 0) -> str:
    """Words and paragraphs, `chars` characters of them."""
    chance = random.Random(seed)
    words = ("x" * chance.randint(2, 9) + ("\n\n" if chance.random() < 0.02 else " ") for _ in range(chars))
    return "".join(words)[:chars]


def staleness(came: Came, shown: Came, step_s: float = 0.1) -> list[float]:
    """For every tenth of a second from the first text on: how long the oldest character not shown had been there."""
    result: list[float] = []
    now, upto, oldest = shown[0][0], 0, 0
    while now < came[-1][0]:
        while upto + 1 < len(shown) and shown[upto + 1][0] <= now:
            upto += 1
        while oldest < len(came) and came[oldest][1] <= shown[upto][1]:
            oldest += 1
        result.append(max(0.0, now - came[oldest][0]) if oldest < len(came) else 0.0)
        now += step_s
    return result


# --- one line: a process with its own Slack


async def line(policy: str, streams: int, minutes: float) -> Figures:
    """`streams` people for `minutes`, answered by "ours", "native" or "naive"."""
    from playground.slack import Options, SlackStandIn
    from playground.slack.people import BOT_USER, Channel

    slack = SlackStandIn(options=Options(post_burst=1))
    for who in range(streams):
        slack.workspace.channels[f"C0BENCH{who}"] = Channel(
            f"C0BENCH{who}", f"bench{who}", "channel", {BOT_USER, "U0ANNA"}
        )
    figures = Figures()
    with slack.serve():
        bot: Bot = NaiveBot(slack) if policy == "naive" else OurBot(slack, policy)
        until = time.monotonic() + minutes * 60
        await asyncio.gather(*(_person(slack, bot, figures, who, until) for who in range(streams)))
        await bot.aclose()
        figures.refused, figures.calls = slack.calls.ratelimited(), len(slack.calls.records)
    return figures


class Bot(Protocol):
    """Answers (channel, question's ts, text) within seconds; tells what came when, and when the final stood there."""

    async def answer(self, channel: str, ts: str, text: str, seconds: float) -> tuple[Came, float]: ...

    async def aclose(self) -> None: ...


async def _person(slack: Any, bot: Bot, figures: Figures, who: int, until: float) -> None:
    chance = random.Random(who)
    await asyncio.sleep(chance.uniform(0, min(MEAN_S, (until - time.monotonic()) / 4)))
    number = 0
    while time.monotonic() < until:
        number += 1
        channel = f"C0BENCH{who}"
        lasts_s = MEAN_S * chance.uniform(0.5, 1.5)
        text = prose(int(lasts_s / MEAN_S * MEAN_CHARS), who * 1_000 + number)
        ts = slack.say("U0ANNA", channel, "@bellhop why?")
        came, done_at = await bot.answer(channel, ts, text, lasts_s)
        figures.late_s.append(done_at - came[-1][0])
        _measure(slack, figures, (channel, ts), text, came)


def _measure(slack: Any, figures: Figures, question: tuple[str, str], text: str, came: Came) -> None:
    channel, ts = question
    stands = slack.thread(channel, ts)
    ever = [one for one in slack.messages(channel) if one.thread_ts == ts and one.ts != ts]
    shown = sorted((version.at, len(version.visible)) for one in ever for version in one.versions)
    signs = [call.at for call in slack.calls.records if call.args.get("thread_ts") == ts]
    figures.answers += 1
    figures.exact += "".join(one.visible for one in stands) == text
    figures.first_s.append(shown[0][0] - came[0][0])
    figures.sign_s.append(signs[0] - float(ts))
    figures.stale_s += staleness(came, shown)


async def _stream(slack: Any, text: str, seconds: float, show: Callable[[str], Awaitable[None]]) -> Came:
    came: Came = []
    steps = max(1, len(text) // CHARS_A_TOKEN)
    begun_at = time.monotonic()
    for step in range(1, steps + 1):
        await asyncio.sleep(max(0.0, begun_at + seconds * step / steps - time.monotonic()))
        length = len(text) if step == steps else step * CHARS_A_TOKEN
        came.append((slack.workspace.now(), length))
        await show(text[:length])
    return came


class OurBot:
    """The desk and its replies, as Bellhop uses them."""

    def __init__(self, slack: Any, policy: str) -> None:
        from bot.doors.slack.paced import PacedSlack
        from bot.doors.slack.settings import SlackSettings
        from handlers.replies.slack.slack_replies import SlackReplies

        fields: dict[str, Any] = {"slack_bot_token": slack.bot_token, "slack_api_url": slack.api_url}
        self._slack = slack
        settings = SlackSettings(**fields, slack_streaming="native" if policy == "native" else "edits")
        self._replies = SlackReplies(settings, PacedSlack(settings))

    async def answer(self, channel: str, ts: str, text: str, seconds: float) -> tuple[Came, float]:
        """See Bot."""
        from bot.events import Answer, Event, SlackThread

        thread = SlackThread("T0BELLHOP", channel, ts, ts, "U0ANNA")
        event = Event(f"{channel} {ts}", "slack", "slack", "why?", "why?", datetime.now(UTC), ts, thread)
        reply = self._replies.reply_for(event)
        await reply.open(None)
        came = await _stream(self._slack, text, seconds, reply.show)
        await reply.finish(Answer(text, "model", "end_turn"))
        return came, self._slack.workspace.now()

    async def aclose(self) -> None:
        """Close the desk."""
        await self._replies.aclose()


class NaiveBot:
    """Edits once a second for each answer; what Slack refuses is sent again after its Retry-After."""

    def __init__(self, slack: Any) -> None:
        from slack_sdk import WebClient

        self._slack = slack
        self._client = WebClient(slack.bot_token, slack.api_url, retry_handlers=[])
        self._threads = ThreadPoolExecutor(64)

    async def answer(self, channel: str, ts: str, text: str, seconds: float) -> tuple[Came, float]:
        """See Bot."""
        latest: list[str] = []

        async def show(text_so_far: str) -> None:
            latest[:] = [text_so_far]

        editing = asyncio.ensure_future(self._edit(channel, ts, text, latest))
        came = await _stream(self._slack, text, seconds, show)
        await asyncio.wait({editing}, timeout=DRAIN_S)
        editing.cancel()
        stands = [one for one in self._slack.thread(channel, ts) if one.visible == text]
        return came, stands[0].versions[-1].at if stands else self._slack.workspace.now()

    async def aclose(self) -> None:
        """Stop its threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _edit(self, channel: str, ts: str, text: str, latest: list[str]) -> None:
        shown, posted = "", None
        while shown != text:
            await asyncio.sleep(1.0 if latest else 0.1)
            if latest and posted is None:
                shown = latest[0]
                posted = await self._call("chat.postMessage", channel=channel, thread_ts=ts, **_drawn(shown))
            elif latest and latest[0] != shown:
                shown = latest[0]
                await self._call("chat.update", channel=channel, ts=posted, **_drawn(shown))

    async def _call(self, method: str, **arguments: Any) -> str:
        from slack_sdk.errors import SlackApiError

        while True:
            try:
                made = asyncio.get_running_loop().run_in_executor(
                    self._threads, lambda: self._client.api_call(method, json=arguments)
                )
                return str((await made)["ts"])
            except SlackApiError as error:
                await asyncio.sleep(float(error.response.headers.get("Retry-After", 1)))


def _drawn(text: str) -> dict[str, Any]:
    return {"text": text[:200], "blocks": [{"type": "markdown", "text": text}]}


# --- all lines, at the same time


COLUMNS = (
    "answers at once", "bot", "answered", "exact", "429", "final late p50 / p95 / p99, s", "first text p95, s",
    "staleness p50 / p95, s", "sign of life p95, s",
)  # fmt: skip


def row(policy: str, streams: int, figures: Figures) -> str:
    """One line of the table, in Markdown."""
    p = figures.part
    late = " / ".join(f"{p(figures.late_s, share):.1f}" for share in (0.5, 0.95, 0.99))
    stale = f"{p(figures.stale_s, 0.5):.1f} / {p(figures.stale_s, 0.95):.1f}"
    first, sign = f"{p(figures.first_s, 0.95):.2f}", f"{p(figures.sign_s, 0.95):.2f}"
    cells = [streams, policy, figures.answers, figures.exact, figures.refused, late, first, stale, sign]
    return f"| {' | '.join(map(str, cells))} |"


def main() -> None:
    """Run every line in a process of its own, all at once, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=1.25, help="how long people go on asking; then answers end")
    parser.add_argument("--streams", default="1,3,5,10,20", help="answers at once, with commas")
    parser.add_argument("--native", action="store_true", help="also with chat.startStream and its siblings")
    parser.add_argument("--line", nargs=2, metavar=("BOT", "N"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.line:
        figures = asyncio.run(line(options.line[0], int(options.line[1]), options.minutes))
        print(json.dumps(asdict(figures)))
        return
    policies = ["ours", "native", "naive"] if options.native else ["ours", "naive"]
    lines = [(policy, int(streams)) for streams in options.streams.split(",") for policy in policies]
    running = [(policy, streams, _child(policy, streams, options.minutes)) for policy, streams in lines]
    print(f"| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}")
    for policy, streams, child in running:
        output, _ = child.communicate()
        print(row(policy, streams, Figures(**json.loads(output.splitlines()[-1]))), flush=True)


def _child(policy: str, streams: int, minutes: float) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "benchmarks.slack_streams", "--line", policy, str(streams)]
    return subprocess.Popen([*command, "--minutes", str(minutes)], stdout=subprocess.PIPE, text=True)


if __name__ == "__main__":
    main()
