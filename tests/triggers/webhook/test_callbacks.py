"""Callbacks: signed, the same message however often it is tried, in time, and not after 410; a restart loses none."""

import asyncio
import json
import time

import pytest
from standardwebhooks import Webhook
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from bot.doors.webhook.callback_store import CallbackStore
from bot.doors.webhook.rule import WebhookRule
from bot.rules.rule import Rule
from bot.store.database import open_database
from bot.web.event_access import event_access_of
from playground.serving import serve
from tests.bot.engines import until
from tests.triggers.webhook.rig import site
from triggers.webhook.callbacks import WAITS_S, Callbacks

pytestmark = pytest.mark.anyio

WHSEC = "whsec_" + "a2V5" * 8


class Receiver:
    """Notes every call; answers with the statuses that a test wants, the last one for ever."""

    def __init__(self, *statuses: int) -> None:
        self.statuses, self.calls = list(statuses), list[tuple[dict[str, str], bytes]]()
        self.app = Starlette(routes=[Route("/in", self._take, methods=["POST"])])

    async def _take(self, request):
        self.calls.append((dict(request.headers), await request.body()))
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        return Response(status_code=status, headers={"location": "/elsewhere"})


class Clock:
    def __init__(self):
        self.now_s = time.time()

    def __call__(self):
        return self.now_s


def rule_to(url):
    return Rule(
        name="called", on="webhook", options=WebhookRule(hook="ask", callback=f"{url}/in", callback_secret_env="CB")
    )


async def rounds(callbacks, count=1):
    for _ in range(count):
        await callbacks.send_due()
        await asyncio.gather(*callbacks._sending.values())


def callbacks_of(web, url, clock, allow=("127.0.0.1",)):
    store = CallbackStore(web.parts.database)
    access = event_access_of(web.parts)
    return Callbacks([rule_to(url)], web.parts.settings, store, access, allow=allow, clock=clock)


async def test_the_receipt_is_sent_signed_and_once(tmp_path):
    receiver = Receiver(200)
    with serve(receiver.app) as url:
        async with site(f"sqlite:///{tmp_path}/bot.db", rule_to(url), cb=WHSEC) as web:
            event_id = (await web.ask()).json()["id"]
            receipt = await web.until_over(event_id)
            await rounds(callbacks_of(web, url, time.time), 2)
            ((headers, body),) = receiver.calls
            assert Webhook(WHSEC).verify(body, headers) == json.loads(body) == receipt
            assert headers["content-type"] == "application/json"


async def test_a_failure_is_told_too_and_what_runs_again_is_told_again(tmp_path):
    receiver = Receiver(200)
    with serve(receiver.app) as url:
        async with site(f"sqlite:///{tmp_path}/bot.db", rule_to(url), cb=WHSEC) as web:
            callbacks = callbacks_of(web, url, time.time)
            web.claude.fault = "Claude is away."
            event_id = (await web.ask()).json()["id"]
            await web.until_over(event_id)
            await rounds(callbacks)
            web.claude.fault = ""
            web.engine.retry([event_id])
            await web.until_over(event_id)
            callbacks._store.reopen()
            await rounds(callbacks)
            assert [json.loads(body)["state"] for _, body in receiver.calls] == ["failed", "answered"]
            assert len({headers["webhook-id"] for headers, _ in receiver.calls}) == 2


async def test_it_is_tried_again_in_time_under_the_same_id_also_after_a_restart_and_given_up_in_the_end(tmp_path):
    receiver, clock, database = Receiver(500), Clock(), f"sqlite:///{tmp_path}/bot.db"
    with serve(receiver.app) as url:
        async with site(database, rule_to(url), cb=WHSEC) as web:
            await web.until_over((await web.ask()).json()["id"])
            await rounds(callbacks_of(web, url, clock))
            assert len(receiver.calls) == 1
        async with site(database, rule_to(url), cb=WHSEC) as web:
            callbacks = callbacks_of(web, url, clock)
            for tried, wait_s in enumerate(WAITS_S, 1):
                clock.now_s += wait_s - 1
                await rounds(callbacks)
                assert len(receiver.calls) == tried, "not before its time"
                clock.now_s += 2
                await rounds(callbacks)
                assert len(receiver.calls) == tried + 1
            clock.now_s += 10**6
            await rounds(callbacks)
            assert len(receiver.calls) == 7
            assert callbacks.failing == set()
    assert len({headers["webhook-id"] for headers, _ in receiver.calls}) == 1


@pytest.mark.parametrize(("status", "calls"), [(410, 1), (302, 2), (404, 2), (204, 1)])
async def test_410_ends_it_and_a_redirect_is_a_failure(tmp_path, status, calls):
    receiver, clock = Receiver(status), Clock()
    with serve(receiver.app) as url:
        async with site(f"sqlite:///{tmp_path}/bot.db", rule_to(url), cb=WHSEC) as web:
            await web.until_over((await web.ask()).json()["id"])
            callbacks = callbacks_of(web, url, clock)
            await rounds(callbacks)
            clock.now_s += 6
            await rounds(callbacks)
            assert len(receiver.calls) == calls


async def test_what_is_not_allowed_is_never_called(tmp_path):
    receiver = Receiver(200)
    with serve(receiver.app) as url:
        async with site(f"sqlite:///{tmp_path}/bot.db", rule_to(url), cb=WHSEC) as web:
            await web.until_over((await web.ask()).json()["id"])
            callbacks = callbacks_of(web, url, time.time, allow=())
            await rounds(callbacks)
            assert receiver.calls == []
            assert len(callbacks.failing) == 1


async def test_the_trigger_sends_them(tmp_path):
    receiver = Receiver(200)
    with serve(receiver.app) as url:
        async with site(f"sqlite:///{tmp_path}/bot.db", rule_to(url), cb=WHSEC, callback_allow="127.0.0.0/8") as web:
            running = asyncio.create_task(web.trigger.run(web.engine.emit))
            event_id = (await web.ask()).json()["id"]
            await until(lambda: receiver.calls)
            assert json.loads(receiver.calls[0][1])["id"] == event_id
            running.cancel()


def test_the_table_is_made_by_whoever_needs_it(tmp_path):
    assert CallbackStore(open_database(f"sqlite:///{tmp_path}/bot.db")).due(time.time(), 10) == []
