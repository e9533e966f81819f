"""What the tests of Slack's way out share: a workspace on the fake Slack, events, answers, and a crowd."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime
from typing import Any

from benchmarks.slack_streams import CHARS_A_TOKEN, MEAN_CHARS, Figures, prose, staleness
from bot.doors.slack.pacer import Pacer
from bot.doors.slack.rate_limits import RateLimits
from bot.doors.slack.status import Status
from bot.events import Answer, Event, SlackThread
from handlers.replies.slack.reply import SlackReply
from handlers.replies.slack.workspace import Workspace
from tests.bot.doors.slack.fake_slack import FakeSlack
from tests.bot.doors.slack.virtual_time import now_s


def workspace_on(slack: FakeSlack, **options: Any) -> Workspace:
    """A fresh process's workspace that talks to `slack`."""
    jitter = random.Random(7)
    pacer = Pacer(slack, RateLimits(lambda: 1.0, lambda: jitter.uniform(0.1, 1.0)), now_s)
    return Workspace(pacer, Status(pacer), slack.put, **options)


def event(event_id: str = "e1", *, channel: str = "C1", thread_ts: str | None = "100.0", **changes: Any) -> Event:
    """A question in a thread."""
    thread = SlackThread("T1", channel, thread_ts, "100.0", "UASKER")
    fields: dict[str, Any] = {
        "id": event_id, "source": "slack", "rule": "slack", "text": "?", "subject": "?", "conversation": "c",
        "time": datetime.now(UTC), "reply_to": thread,
    }  # fmt: skip
    return Event(**fields | changes)


def reply_on(workspace: Workspace, asked: Event | None = None) -> SlackReply:
    """The reply of an event."""
    asked = asked or event()
    assert isinstance(asked.reply_to, SlackThread)
    return SlackReply(workspace, asked, asked.reply_to)


def answer(text: str, **changes: Any) -> Answer:
    """A whole answer."""
    return Answer(text, **{"model": "m", "stop_reason": "end_turn"} | changes)


async def stream(reply: SlackReply, text: str, seconds: float) -> list[tuple[float, int]]:
    """Show `text` token by token within `seconds`; when each length of it had come."""
    came: list[tuple[float, int]] = []
    steps = max(1, len(text) // CHARS_A_TOKEN)
    for step in range(1, steps + 1):
        await asyncio.sleep(seconds / steps)
        length = len(text) if step == steps else step * CHARS_A_TOKEN
        came.append((now_s(), length))
        await reply.show(text[:length])
    return came


async def crowd(slack: FakeSlack, streams: int, seconds: float, mean_s: float = 30.0, **options: Any) -> Figures:
    """`streams` people who each ask again as soon as they are answered, for `seconds`; answers take mean ± 50 %."""
    workspace = workspace_on(slack, **options)
    figures = Figures()
    await asyncio.gather(*(_person(slack, workspace, figures, who, seconds, mean_s) for who in range(streams)))
    return figures


async def _person(
    slack: FakeSlack, workspace: Workspace, figures: Figures, who: int, seconds: float, mean_s: float
) -> None:
    chance = random.Random(who)
    await asyncio.sleep(chance.uniform(0, mean_s))
    number = 0
    while now_s() < seconds:
        number += 1
        thread_ts = f"{who}.{number}"
        reply = reply_on(workspace, event(thread_ts, channel=f"C{who}", thread_ts=thread_ts))
        lasts_s = mean_s * chance.uniform(0.5, 1.5)
        # As long on average however slow: the text of a long answer must not become a file.
        text = prose(int(lasts_s / mean_s * MEAN_CHARS), who * 1000 + number)
        await reply.open(None)
        came = await stream(reply, text, lasts_s)
        await reply.finish(answer(text))
        _measure(slack, figures, thread_ts, text, came)


def _measure(slack: FakeSlack, figures: Figures, thread_ts: str, text: str, came: list[tuple[float, int]]) -> None:
    posts = slack.thread(thread_ts)
    figures.answers += 1
    figures.exact += "".join(post.text for post in posts) == text
    figures.late_s.append(now_s() - came[-1][0])
    ever = posts + [post for post in slack.deleted if post.thread_ts == thread_ts]
    figures.first_s.append(min(at for post in ever for at, _ in post.versions) - came[0][0])
    shown = sorted((at, len(text)) for post in ever for at, text in post.versions)
    figures.stale_s += staleness(came, shown)
