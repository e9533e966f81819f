"""The night lane in one process: a real engine, the real handler and client, and the stand-in's batches."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.engine import Engine
from bot.events import FilePath
from bot.parts import Parts
from bot.rules.rule import Rule, RuleBook
from bot.settings import load_settings
from bot.wiring import known
from handlers.answer import AnswerHandler
from handlers.claude import Claude
from handlers.night.asking import NightAsking
from handlers.night.entries import Entries
from handlers.night.lane import Lane, Pace, Rows
from handlers.night.pieces import Pieces
from playground.claude import DEFAULT_KEY, ClaudeStandIn
from playground.serving import serve
from tests.bot.engines import QUICK, until
from tests.handlers.test_answer import NotedReply
from tests.handlers.test_prompt import event_of

PACE = Pace(gather_s=0.01, poll_s=0.05, pause_s=0.02, grace_s=0.4)
RULE = Rule(name="rows", on="sheet", ask="{text}", lane="night")


class Replies:
    """Hands out one reply for each event, and remembers them."""

    def __init__(self):
        self.replies: dict[str, NotedReply] = {}

    def reply_for(self, event, *, watched):
        assert not watched
        return self.replies.setdefault(event.id, NotedReply(event, watched))

    async def note(self, address, words):
        raise AssertionError(words)

    async def aclose(self):
        pass


class Night:
    """One process with the lane in it. `die` ends it as a crash would, `live` begins the next one."""

    def __init__(self, database_url: str, url: str, stand_in: ClaudeStandIn, rule: Rule, **presence: Any):
        self.stand_in, self.replies, self.presence = stand_in, Replies(), presence
        self._database_url, self._rule = database_url, rule
        self._settings = load_settings(_env_file=None, anthropic_api_key=DEFAULT_KEY, anthropic_base_url=url)
        self.engine: Engine
        self.lane: Lane
        self._running: asyncio.Task[None] | None = None

    async def live(self) -> None:
        self.engine = Engine(self._database_url, asking=QUICK, delivering=QUICK)
        self._claude = Claude(self._settings)
        rules, database = RuleBook((self._rule,)), self.engine._base.database
        self.entries, self.pieces = Entries(database), Pieces(database)
        ways: Any = {"slack": self.replies, "sheet": self.replies, "file": self.replies}
        asking = NightAsking(self.entries, self.engine, PACE.gather_s, presence=self.presence)
        handler = AnswerHandler(rules, self._settings, self._claude, ways, known(), night=asking)
        rows = Rows(self.entries, self.pieces)
        self.lane = Lane(rows, self._claude.batches(), self.engine, self.engine.receipts, asking.look_for, pace=PACE)
        asking.ring = self.lane.waker.wake
        await self.engine.start(handler)
        self.parts = Parts(self._settings, rules, self.engine, database, {})

    def start_lane(self) -> None:
        self._running = asyncio.create_task(self.lane.run(self.engine.emit))

    async def die(self) -> None:
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)
        await self.engine.stop(0.0)
        await self._claude.aclose()

    async def gather(self, *texts: str) -> list[str]:
        """Hand these in; nothing goes out before the lane is started."""
        events = [row(number, text) for number, text in enumerate(texts)]
        for event in events:
            await self.engine.emit(event)
        ids = [event.id for event in events]
        await self.waits(ids, "waits for the next batch")
        return ids

    async def ask(self, *texts: str) -> list[str]:
        ids = await self.gather(*texts)
        self.start_lane()
        return ids

    def receipt(self, event_id: str) -> Any:
        return self.engine.receipts.get(event_id)

    async def ended(self, ids: list[str], limit_s: float = 20.0) -> list[str]:
        await until(lambda: all(self.receipt(one).finished_at for one in ids), limit_s)
        return [self.receipt(one).state for one in ids]

    async def waits(self, ids: list[str], words: str) -> None:
        await until(lambda: all(words in self.receipt(one).reason for one in ids))

    def answers(self, ids: list[str]) -> list[str]:
        return [did[1] for one in ids for did in self.replies.replies[one].did if did[0] == "finish"]

    def sent(self) -> list[list[str]]:
        """The custom ids of every batch that was submitted."""
        posts = [one for one in self.stand_in.requests if (one.method, one.path) == ("POST", "/v1/messages/batches")]
        return [[entry["custom_id"] for entry in post.body["requests"]] for post in posts]


def row(number: int, text: str) -> Any:
    event = replace(event_of(text), source="sheet", rule="rows", reply_to=FilePath("/nowhere", f"{number}.txt"))
    when = event.time + timedelta(seconds=number)
    return replace(event, id=f"sheet:{number:03}", conversation=f"sheet:{number}", time=when)


@contextlib.asynccontextmanager
async def night(folder: Any, rule: Rule = RULE, **presence: Any):
    """The house at night, with a Claude whose batches end at once unless the test says otherwise."""
    stand_in = ClaudeStandIn()
    with serve(stand_in.app) as url:
        house = Night(f"sqlite:///{folder / 'bot.db'}", url, stand_in, rule, **presence)
        await house.live()
        try:
            yield house
        finally:
            await house.die()
