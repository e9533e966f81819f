"""The client of Message Batches over real sockets: what a failed submit may have done, lists, and broken results."""

import json

import pytest

from bot.errors import Refused, TryAgain
from handlers.claude.batches import PerhapsSent, TooLarge
from playground.claude import Fault

pytestmark = pytest.mark.anyio
PATH = "/v1/messages/batches"


def body_of(*texts):
    params = {"model": "claude-sonnet-5-5", "max_tokens": 100}
    requests = [
        {"custom_id": f"id-{at}", "params": {**params, "messages": [{"role": "user", "content": text}]}}
        for at, text in enumerate(texts)
    ]
    return json.dumps({"requests": requests}).encode()


async def submit(claude, *texts):
    content = body_of(*texts)

    async def pieces():
        for at in range(0, len(content), 50):
            yield content[at : at + 50]

    return await claude.batches().submit(pieces(), len(content))


async def test_a_batch_is_sent_piece_by_piece_and_read_line_by_line(claude):
    batches = claude.batches()
    sent = await submit(claude, "1 + 1", "Say\u2028this\u0085too")
    seen = await batches.look(sent.id)
    assert (seen.has_ended, seen.count, seen.done) == (True, 2, 2)
    async with batches.lines(sent.id) as lines:
        found = [json.loads(line)["custom_id"] async for line in lines]
    assert sorted(found) == ["id-0", "id-1"]


async def test_the_batches_that_came_after_another_are_listed_over_all_pages(claude, stand_in):
    batches = claude.batches()
    anchor = (await submit(claude, "1 + 1")).id
    later = [(await submit(claude, "1 + 1")).id for _ in range(103)]
    assert [seen.id for seen in await batches.since(anchor)] == later[::-1]
    assert await batches.newest() == later[-1]


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault("lost", path=PATH), PerhapsSent),
        (Fault("status", status=500, path=PATH), PerhapsSent),
        (Fault("status", status=408, path=PATH), PerhapsSent),
        (Fault("status", status=429, retry_after_s=7, path=PATH), TryAgain),
        (Fault("status", status=401, path=PATH), Refused),
        (Fault("status", status=413, path=PATH), TooLarge),
    ],
)
async def test_a_failed_submit_says_whether_the_batch_may_be_there(claude, stand_in, fault, error):
    stand_in.fault(fault)
    with pytest.raises(error) as caught:
        await submit(claude, "1 + 1")
    assert type(caught.value) is error


async def test_a_batch_that_nobody_knows_is_none(claude):
    assert await claude.batches().look("msgbatch_none") is None


async def test_results_before_the_end_are_a_passing_fault_or_refused(claude, stand_in):
    stand_in.batches.duration_s = None
    sent = await submit(claude, "1 + 1")
    stand_in.batches.duration_s = 0.0
    with pytest.raises((TryAgain, Refused)):
        async with claude.batches().lines(sent.id):
            raise AssertionError
