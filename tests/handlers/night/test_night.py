"""The night lane from the event to the answer: one spend, whatever is lost, fails, expires or dies in between."""

import asyncio
from dataclasses import replace

import pytest

from bot.errors import BATCH, STOPPED, NotWanted
from bot.rules.rule import Rule
from handlers.claude.prices import cost_usd
from playground.claude import Fault
from tests.bot.engines import until
from tests.handlers.night.rig import RULE, night

pytestmark = pytest.mark.anyio

BATCHES = "/v1/messages/batches"


async def test_what_waits_goes_out_as_one_batch_and_each_is_answered_from_its_own_content(tmp_path):
    async with night(tmp_path) as house:
        ids = await house.ask(*(f"{number} + 1" for number in range(5)))
        assert await house.ended(ids) == ["answered"] * 5
        assert house.answers(ids) == [f"{number} + 1 = {number + 1}" for number in range(5)]
        assert [len(batch) for batch in house.sent()] == [5]
        assert house.stand_in.tally.calls == 5
        assert house.entries.entry(ids[0]) is None


async def test_while_it_waits_the_receipt_and_the_place_say_with_which_batch(tmp_path):
    async with night(tmp_path) as house:
        house.stand_in.batches.duration_s = None
        ids = await house.ask("1 + 1", "2 + 2")
        await house.waits(ids, "with batch msgbatch_")
        receipt = house.receipt(ids[0])
        assert (receipt.state, receipt.waits_for) == ("waiting", BATCH)
        assert receipt.reason.endswith("UTC, 0 of 2 done")
        assert [did[1] for did in house.replies.replies[ids[0]].did if did[0] == "wait"][-1] == receipt.reason
        (batch,) = house.stand_in.batches.newest_first()
        house.stand_in.batches.finish(batch.id)
        assert await house.ended(ids) == ["answered"] * 2


async def test_half_is_paid_and_shown(tmp_path):
    async with night(tmp_path) as house:
        ids = await house.ask("1 + 1")
        assert await house.ended(ids) == ["answered"]
        receipt = house.receipt(ids[0])
        assert receipt.cost_usd == pytest.approx(cost_usd(receipt.model, receipt.usage) / 2)


async def test_a_lost_response_to_the_submit_is_found_again_and_never_sent_twice(tmp_path):
    async with night(tmp_path) as house:
        house.stand_in.fault(Fault("lost", path=BATCHES))
        ids = await house.ask("1 + 1", "2 + 2", "3 + 3")
        assert await house.ended(ids) == ["answered"] * 3
        assert len(house.sent()) == 1
        assert house.stand_in.tally.calls == 3


async def test_another_ones_batch_of_the_same_size_is_told_from_ours(tmp_path):
    async with night(tmp_path) as house:
        shop = house.stand_in.batches
        house.stand_in.fault(Fault("lost", path=BATCHES))
        stranger = {"custom_id": "theirs", "params": {"model": "claude-sonnet-5-5", "max_tokens": 9, "messages": []}}
        create = shop.create

        def both(requests):
            create([stranger])
            return create(requests)

        shop.create = both
        ids = await house.ask("1 + 1")
        assert await house.ended(ids) == ["answered"]
        assert (house.answers(ids), len(house.sent())) == (["1 + 1 = 2"], 1)


async def test_a_submit_that_never_arrived_is_sent_again(tmp_path):
    async with night(tmp_path) as house:
        create, tried = house.stand_in.batches.create, []

        def lost_first(requests):
            tried.append(requests)
            return create(requests) if len(tried) > 1 else create([])

        house.stand_in.batches.create = lost_first
        house.stand_in.fault(Fault("lost", path=BATCHES))
        ids = await house.ask("1 + 1")
        assert await house.ended(ids) == ["answered"]
        assert house.sent()[0] == house.sent()[1]
        assert house.stand_in.tally.calls == 1


async def test_a_death_between_submit_and_record_finds_the_batch_again(tmp_path):
    async with night(tmp_path) as house:
        house.stand_in.batches.duration_s = None
        ids = await house.ask("1 + 1", "2 + 2")
        await until(house.sent)
        await house.waits(ids, "with batch")
        piece = house.pieces.open()[0]
        await house.die()
        house.pieces.change(piece, state="sending", batch_id="", since_s=None, is_sure=False)
        await house.live()
        house.start_lane()
        await house.waits(ids, "with batch")
        house.stand_in.batches.finish(house.stand_in.batches.newest_first()[0].id)
        assert await house.ended(ids) == ["answered"] * 2
        assert len(house.sent()) == 1


@pytest.mark.parametrize("kind", ["errored", "expired", "canceled"])
async def test_what_a_batch_did_not_answer_is_asked_again_in_the_next_one(tmp_path, kind):
    async with night(tmp_path) as house:
        house.stand_in.batches.spoil(kind, 1)
        ids = await house.ask("1 + 1", "2 + 2")
        assert await house.ended(ids) == ["answered"] * 2
        assert house.answers(ids) == ["1 + 1 = 2", "2 + 2 = 4"]
        assert [len(batch) for batch in house.sent()] == [2, 1]
        assert house.stand_in.tally.calls == 2


async def test_after_three_batches_it_is_asked_directly(tmp_path):
    async with night(tmp_path) as house:
        house.stand_in.batches.spoil("expired", 3)
        ids = await house.ask("1 + 1")
        assert await house.ended(ids) == ["answered"]
        assert [len(batch) for batch in house.sent()] == [1, 1, 1]
        assert [one.path for one in house.stand_in.requests].count("/v1/messages") == 1


async def test_or_it_fails_where_the_rule_says_so(tmp_path):
    async with night(tmp_path, replace(RULE, lane_fallback="fail")) as house:
        house.stand_in.batches.spoil("errored", 3)
        ids = await house.ask("1 + 1")
        assert await house.ended(ids) == ["failed"]
        assert "3 batches brought no answer" in house.receipt(ids[0]).reason
        assert house.stand_in.tally.calls == 0


async def test_columns_and_limits_are_treated_as_by_day(tmp_path):
    rule = replace(RULE, columns={"Kind": ("bug", "wish"), "Count": "integer"})
    async with night(tmp_path, rule) as house:
        ids = await house.ask("It crashes three times a day")
        assert await house.ended(ids) == ["answered"]
        answer = house.engine.receipts.answer(ids[0])
        assert answer.values["Kind"] in {"bug", "wish"}
        assert isinstance(answer.values["Count"], int)


async def test_an_answer_that_met_its_limit_says_so(tmp_path):
    async with night(tmp_path, replace(RULE, max_tokens=5)) as house:
        house.stand_in.answer_with("word " * 200)
        ids = await house.ask("Tell me a story")
        assert await house.ended(ids) == ["answered"]
        answer = house.engine.receipts.answer(ids[0])
        assert (answer.stop_reason, answer.notes) == (
            "max_tokens",
            ("The answer reached its length limit; ask to continue.",),
        )


async def test_columns_that_do_not_fit_are_asked_again_and_their_price_is_booked_once(tmp_path):
    async with night(tmp_path, replace(RULE, columns={"Kind": ("bug", "wish")})) as house:
        said = iter(['{"Kind": "neither"}', '{"Kind": "bug"}'])
        house.stand_in.answer_with(lambda _: next(said))
        ids = await house.ask("It crashes")
        assert await house.ended(ids) == ["answered"]
        assert [len(batch) for batch in house.sent()] == [1, 1]
        receipt = house.receipt(ids[0])
        assert receipt.usage.input_tokens + receipt.usage.cache_write_tokens == house.stand_in.tally.input_tokens


async def test_a_stop_before_the_batch_goes_out_takes_the_question_out(tmp_path):
    async with night(tmp_path) as house:
        ids = await house.gather("1 + 1", "2 + 2")
        assert await house.engine.request_stop(ids[0], "ann")
        await house.ended(ids[:1])
        house.start_lane()
        assert await house.ended(ids) == ["failed", "answered"]
        assert house.receipt(ids[0]).code == STOPPED
        assert [len(batch) for batch in house.sent()] == [1]


async def test_a_stop_after_it_takes_the_answer_out_and_its_price_is_booked(tmp_path):
    async with night(tmp_path) as house:
        house.stand_in.batches.duration_s = None
        ids = await house.ask("1 + 1")
        await house.waits(ids, "with batch")
        await house.engine.request_stop(ids[0], "ann")
        assert await house.ended(ids) == ["failed"]
        house.stand_in.batches.finish(house.stand_in.batches.newest_first()[0].id)
        await until(lambda: house.receipt(ids[0]).cost_usd > 0)
        assert house.answers(ids) == []
        await until(lambda: not house.lane.has_work())


async def test_what_is_gone_from_its_source_is_not_sent(tmp_path):
    gone = set()

    async def present(event):
        if event.id in gone:
            raise NotWanted("The row is gone.")

    async with night(tmp_path, sheet=present) as house:
        ids = await house.gather("1 + 1", "2 + 2")
        gone.add(ids[1])
        house.start_lane()
        assert await house.ended(ids) == ["answered", "skipped"]
        assert [len(batch) for batch in house.sent()] == [1]


async def test_broken_lines_cost_nothing_when_the_next_reading_has_them(tmp_path):
    async with night(tmp_path) as house:
        house.stand_in.batches.break_lines(1)
        ids = await house.ask("1 + 1", "2 + 2")
        assert await house.ended(ids) == ["answered"] * 2
        assert len(house.sent()) == 1


async def test_a_refused_key_fails_them_in_plain_words(tmp_path):
    async with night(tmp_path) as house:
        house.stand_in.keys = frozenset({"another"})
        ids = await house.ask("1 + 1")
        assert await house.ended(ids) == ["failed"]
        assert "ANTHROPIC_API_KEY" in house.receipt(ids[0]).reason


async def test_a_rate_limit_is_waited_out(tmp_path):
    async with night(tmp_path) as house:
        house.stand_in.fault(Fault("status", status=429, retry_after_s=0.2, path=BATCHES), 1, bool)
        ids = await house.ask("1 + 1")
        assert await house.ended(ids) == ["answered"]
        assert len(house.sent()) == 2


async def test_a_batch_that_is_too_large_goes_out_in_smaller_ones(tmp_path):
    async with night(tmp_path) as house:
        house.stand_in.fault(Fault("status", status=413, path=BATCHES))
        ids = await house.ask(*(f"{number} + 1" for number in range(8)))
        assert await house.ended(ids) == ["answered"] * 8
        first, *others = map(len, house.sent())
        assert (first, sum(others)) == (8, 8)
        assert max(others) <= 4
        assert house.stand_in.tally.calls == 8


async def test_a_question_the_api_refuses_is_mended_as_by_day(tmp_path):
    async with night(
        tmp_path, Rule(name="rows", on="sheet", ask="{text}", lane="night", model="claude-haiku-4-5")
    ) as house:
        house.stand_in.batches.err("invalid_request_error", "thinking: this model does not support it")
        ids = await house.ask("1 + 1")
        assert await house.ended(ids) == ["answered"]
        assert [len(batch) for batch in house.sent()] == [1, 1]


async def test_deaths_at_any_moment_leave_one_spend(tmp_path):
    async with night(tmp_path) as house:
        house.stand_in.batches.duration_s = 0.3
        ids = await house.ask(*(f"{number} + 1" for number in range(6)))
        for _ in range(6):
            await asyncio.sleep(0.25)
            await house.die()
            await house.live()
            house.start_lane()
        assert await house.ended(ids, 40.0) == ["answered"] * 6
        assert house.stand_in.tally.calls == 6
