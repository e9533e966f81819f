"""Two questions of one thread in the same instant, delivered in the wrong order: answered as they stand there."""

import asyncio
import time

import pytest
from starlette.applications import Starlette

from playground.serving import serve
from playground.slack import Options, SlackStandIn
from tests.bot.engines import Told, running
from tests.triggers.slack.test_trigger import RULES, Notices, settings_for, until
from triggers.slack import SlackTrigger, Wiring
from triggers.slack.opening import _EngineEvents

pytestmark = pytest.mark.anyio


def question(ts, thread_ts):
    return {
        "type": "message", "channel": "D0ANNA", "channel_type": "im", "user": "U0ANNA", "team": "T0BELLHOP", "ts": ts,
        "thread_ts": thread_ts, "text": f"question {ts}", "client_msg_id": ts, "event_ts": ts,
    }  # fmt: skip


@pytest.mark.parametrize("mode", ["sockets", "http"])
async def test_they_are_answered_and_delivered_in_the_order_in_which_they_stand(mode, tmp_path):
    slack = SlackStandIn(options=Options(ack_s=60.0))
    handler = Told()
    more = {"slack_app_token": None, "slack_signing_secret": slack.signing_secret} if mode == "http" else {}
    with slack.serve():
        async with running(f"sqlite:///{tmp_path / 'bot.db'}", handler) as engine:
            wiring = Wiring(_EngineEvents(engine), Notices().give, second_socket_after_s=60.0)
            trigger = SlackTrigger(settings_for(slack, **more), RULES, wiring)
            task = asyncio.create_task(trigger.run(engine.emit))
            await until(lambda: trigger.health().ok)
            with serve(Starlette(routes=list(trigger.routes(engine.emit)))) as url:
                if mode == "http":
                    slack.send_events_to(f"{url}/slack/events")
                for thread in range(3):
                    root = f"{1_700_000_000 + thread}.000001"
                    first, second = (f"{root[:-1]}{number}" for number in (2, 3))
                    slack.publish(question(second, root))
                    await asyncio.to_thread(time.sleep, 0.004)
                    slack.publish(question(first, root))
                await until(lambda: sum(stage == "deliver" for stage, _ in handler.log) == 6)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
    for stage in ("answer", "deliver"):
        for thread in range(3):
            own = [
                event_id
                for done, event_id in handler.log
                if done == stage and f":{1_700_000_000 + thread}." in event_id
            ]
            assert own == sorted(own)
            assert len(own) == 2
