"""The tests of the pacer: it makes the calls that were chosen, and waits out refusals."""

import asyncio

import pytest

from bot.doors.slack.calls import CallRequest, Denied, Done, Late, Limited, Lost, Priority, Skipped
from bot.doors.slack.pacer import Pacer, pause_s
from bot.doors.slack.rate_limits import RateLimits
from tests.bot.doors.slack.virtual_time import now_s, run_virtually


class Script:
    """Answers calls with the results it was given, each after `takes_s`; then with Done."""

    def __init__(self, *results, takes_s=0.1):
        self.results = list(results)
        self.takes_s = takes_s
        self.calls = []

    async def __call__(self, method, arguments):
        self.calls.append((now_s(), method, dict(arguments)))
        await asyncio.sleep(self.takes_s)
        return self.results.pop(0) if self.results else Done()


def pacer_on(script):
    return Pacer(script, RateLimits(lambda: 1.0, lambda: 0.0), now_s)


def request(key="m", priority=Priority.FINAL, method="chat.update", **more):
    return CallRequest(method, key, priority, now_s(), **more)


def test_a_refusal_is_waited_out_and_asked_again():
    async def main():
        script = Script(Limited(7.0))
        result = await pacer_on(script).send(request(), lambda: {"ts": "1"})
        return result, [at for at, *_ in script.calls]

    result, times = run_virtually(main())
    assert result == Done()
    assert times == pytest.approx([0.0, 7.1], abs=0.01)


def test_a_lost_answer_is_asked_again_with_growing_pauses_when_that_is_harmless():
    async def main():
        script = Script(Lost(), Lost(), Lost())
        await pacer_on(script).send(request(), dict)
        return [at for at, *_ in script.calls]

    assert run_virtually(main()) == pytest.approx([0.0, 0.35, 0.95, 2.05], abs=0.01)


def test_a_lost_answer_is_handed_back_when_asking_again_would_do_it_twice():
    async def main():
        script = Script(Lost())
        return await pacer_on(script).send(request(repeatable=False), dict), len(script.calls)

    assert run_virtually(main()) == (Lost(), 1)


def test_a_denial_is_handed_back():
    async def main():
        return await pacer_on(Script(Denied("message_not_found"))).send(request(), dict)

    assert run_virtually(main()) == Denied("message_not_found")


def test_a_message_never_has_two_calls_under_way_and_the_newest_text_goes_out():
    async def main():
        script = Script(takes_s=3.0)
        pacer = pacer_on(script)
        text = ["old"]
        first = asyncio.ensure_future(pacer.send(request(), lambda: {"text": text[0]}))
        await asyncio.sleep(1)
        second = asyncio.ensure_future(pacer.send(request(), lambda: {"text": text[0]}))
        await asyncio.sleep(1)
        text[0] = "new"
        await asyncio.gather(first, second)
        return [(at, arguments["text"]) for at, _, arguments in script.calls]

    assert run_virtually(main()) == [(0.0, "old"), (3.0, "new")]


def test_what_cannot_be_sent_in_its_time_is_late_as_soon_as_that_is_certain():
    async def main():
        script = Script(Limited(30.0))
        result = await pacer_on(script).send(request(), dict, give_up_s=2.0)
        return result, now_s()

    result, at = run_virtually(main())
    assert result == Late(rests_s=30.0)
    assert at == pytest.approx(0.1)


def test_nothing_left_to_say_costs_nothing():
    async def main():
        script = Script()
        return await pacer_on(script).send(request(), lambda: None), script.calls

    assert run_virtually(main()) == (Skipped(), [])


def test_an_error_while_building_the_call_belongs_to_who_asked():
    async def main():
        await pacer_on(Script()).send(request(), lambda: 1 // 0)

    with pytest.raises(ZeroDivisionError):
        run_virtually(main())


def test_a_withdrawn_want_is_late_and_one_under_way_ends():
    async def main():
        script = Script(takes_s=5.0)
        pacer = pacer_on(script)
        under_way = asyncio.ensure_future(pacer.send(request("a"), dict))
        waiting = asyncio.ensure_future(pacer.send(request("a"), dict))
        await asyncio.sleep(1)
        pacer.withdraw("a")
        return await waiting, now_s(), await under_way, now_s()

    assert run_virtually(main()) == (Late(), 1.0, Done(), 5.0)


def test_closing_lets_calls_end_and_gives_up_the_rest():
    async def main():
        script = Script(takes_s=2.0)
        pacer = pacer_on(script)
        under_way = asyncio.ensure_future(pacer.send(request("a"), dict))
        waiting = asyncio.ensure_future(pacer.send(request("a"), dict))
        await asyncio.sleep(0)
        await pacer.aclose()
        return under_way.result(), await waiting

    assert run_virtually(main()) == (Done(), Late())


def test_pauses_grow_to_a_quarter_of_a_minute():
    assert [pause_s(attempts) for attempts in (1, 2, 3, 20)] == [0.25, 0.5, 1.0, 15.0]
