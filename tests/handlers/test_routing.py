"""Several places for one answer: each gets it once, a dead one is tried again alone, and named."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from bot.deliveries import Deliveries
from bot.errors import Refused, TryAgain
from bot.events import Answer, Delivery
from bot.parts import Standing
from bot.receipts import Receipts
from bot.rules.rule import Rule
from bot.store.database import open_database
from bot.wiring import known
from handlers.routing import Routing
from tests.bot import engines

pytestmark = pytest.mark.anyio

ANSWER = Answer("All is well.", "claude-test", "end_turn")
EVENT = engines.event(1)
RULE = Rule(name="report", on="schedule", reply=("slack:C1", "slack:C2", "file:/srv/out"))


class Place:
    """A kind of reply whose faults are set by the test; it notes what was done at which place."""

    def __init__(self) -> None:
        self.did: list[tuple[str, str]] = []
        self.faults: dict[tuple[str, str], Exception] = {}
        self.hangs = ""

    def reply_for(self, event, *, watched):
        name = getattr(event.reply_to, "channel", "") or event.reply_to.root
        return One(self, name)

    def times(self, what, name):
        return self.did.count((what, name))


class One:
    watched = False

    def __init__(self, kind, name) -> None:
        self.kind, self.name = kind, name

    def _do(self, what):
        self.kind.did.append((what, self.name))
        if fault := self.kind.faults.get((what, self.name)):
            raise fault

    async def open(self, place):
        self._do("open")
        if self.kind.hangs == self.name:
            await asyncio.sleep(60)
        return {"at": self.name}

    async def show(self, text_so_far):
        raise AssertionError("nobody watches")

    async def wait(self, reason, until):
        self._do("wait")

    async def finish(self, answer):
        self._do("finish")

    async def fail(self, reason):
        self._do("fail")

    async def standing(self):
        return Standing(f"https://there/{self.name}", f"{self.name}:1")


class House:
    def __init__(self, folder, rule=RULE) -> None:
        self.database = open_database(f"sqlite:///{folder / 'bot.db'}")
        self.receipts, self.deliveries, self.kind = Receipts(self.database), Deliveries(self.database), Place()
        ways: dict[str, Any] = {"slack": self.kind, "file": self.kind}
        self.routing = Routing(ways, known(), self.deliveries)
        self.rule = rule

    def reply(self):
        return self.routing.reply_for(EVENT, self.rule)

    def kept(self):
        return self.deliveries.of([EVENT.id])[EVENT.id]


@pytest.fixture
def house(tmp_path):
    return House(tmp_path)


async def test_every_place_gets_the_answer_and_its_link_is_kept_in_the_rules_order(house):
    reply = house.reply()
    await reply.open(None)
    await reply.finish(ANSWER)
    assert [(one.to, one.state, one.link) for one in house.kept()] == [
        ("slack:C1", "delivered", "https://there/C1"),
        ("slack:C2", "delivered", "https://there/C2"),
        ("file:/srv/out", "delivered", "https://there//srv/out"),
    ]
    assert house.receipts.has_answer_in("C2:1")
    assert not house.receipts.has_answer_in("C3:1")


async def test_one_that_fails_is_tried_again_alone_and_named(house):
    house.kind.faults[("finish", "C2")] = TryAgain("Slack is away.")
    reply = house.reply()
    await reply.open(None)
    for _ in range(3):
        with pytest.raises(TryAgain, match=r"Not delivered to slack:C2: Slack is away$"):
            await reply.finish(ANSWER)
    assert [house.kind.times("finish", name) for name in ("C1", "C2", "/srv/out")] == [1, 3, 1]
    assert [one.state for one in house.kept()] == ["delivered", "failed", "delivered"]
    house.kind.faults.clear()
    after_a_crash = house.reply()
    await after_a_crash.open({"each": {"slack:C2": {"at": "C2"}}})
    await after_a_crash.finish(ANSWER)
    assert [house.kind.times("finish", name) for name in ("C1", "C2", "/srv/out")] == [1, 4, 1]
    assert {one.state for one in house.kept()} == {"delivered"}


async def test_one_that_cannot_be_opened_does_not_keep_claude_from_being_asked(house):
    house.kind.faults[("open", "C1")] = Refused("There is no such channel.")
    reply = house.reply()
    await reply.open(None)
    with pytest.raises(Refused, match="Not delivered to slack:C1: There is no such channel"):
        await reply.finish(ANSWER)
    await reply.fail("Not delivered")
    assert [house.kind.times("fail", name) for name in ("C1", "C2", "/srv/out")] == [1, 0, 0]


async def test_one_that_hangs_keeps_nobody_waiting(house, monkeypatch):
    monkeypatch.setattr("handlers.routing.OPEN_WITHIN_S", 0.05)
    house.kind.hangs = "C2"
    reply = house.reply()
    await reply.open(None)
    house.kind.hangs = ""
    await reply.finish(ANSWER)
    assert {one.state for one in house.kept()} == {"delivered"}


async def test_when_none_can_be_opened_claude_is_not_asked(house):
    for name in ("C1", "C2", "/srv/out"):
        house.kind.faults[("open", name)] = Refused("Closed.")
    with pytest.raises(Refused, match=r"slack:C1: Closed; slack:C2: Closed; file:/srv/out: Closed"):
        await house.reply().open(None)


async def test_one_place_alone_fails_in_its_own_words(house):
    house.rule = replace(RULE, reply=("slack:C1",))
    house.kind.faults[("finish", "C1")] = Refused("The channel is archived.")
    reply = house.reply()
    await reply.open(None)
    with pytest.raises(Refused, match=r"^The channel is archived\.$"):
        await reply.finish(ANSWER)


async def test_a_way_that_is_not_set_up_is_one_that_fails(house):
    house.rule = replace(RULE, reply=("slack:C1", "fax:1"))
    reply = house.reply()
    await reply.open(None)
    with pytest.raises(Refused, match="fax"):
        await reply.finish(ANSWER)
    assert house.kind.times("finish", "C1") == 1


async def test_a_mistake_of_ours_at_one_place_keeps_nobody_from_the_answer(house):
    house.kind.faults[("finish", "C1")] = ZeroDivisionError()
    reply = house.reply()
    await reply.open(None)
    with pytest.raises(TryAgain, match="slack:C1: Something went wrong inside Bellhop"):
        await reply.finish(ANSWER)
    assert [one.state for one in house.kept()] == ["failed", "delivered", "delivered"]


async def test_the_receipt_lists_the_places_and_forgets_them_with_its_event(tmp_path):
    async with engines.running(f"sqlite:///{tmp_path / 'bot.db'}", engines.Told()) as engine:
        for number in (1, 2):
            await engine.emit(engines.event(number, conversation=f"c{number}"))
        await engines.until(lambda: engine.receipts.counts()["answered"] == 2)
        deliveries = Deliveries(open_database(f"sqlite:///{tmp_path / 'bot.db'}"))
        delivery = Delivery("slack:C1", "failed", "Gone.")
        for number in (1, 2):
            deliveries.keep(engines.event(number).id, 0, delivery)
        assert engines.receipt_of(engine, 1).deliveries == (delivery,)
        await asyncio.to_thread(engine.purge, 4e9)
        left = deliveries.of([engines.event(1).id, engines.event(2).id])
        assert list(left) == [engines.event(2).id], "the newest receipt stays, and what belongs to it"
