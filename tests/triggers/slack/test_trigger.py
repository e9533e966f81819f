"""The trigger on a real Bolt app, real sockets and a strict Slack: heard once, acknowledged after it is durable."""

import asyncio
import dataclasses
import hashlib
import hmac
import json
import time
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import httpx2
import pytest
from starlette.applications import Starlette

from bot.doors.slack.settings import SlackSettings
from bot.events import Receipt
from bot.rules.rule import Rule
from playground.serving import serve
from playground.slack import Fault, Options, SlackStandIn
from triggers.slack import SlackTrigger, Wiring
from triggers.slack.identity import Identity

pytestmark = pytest.mark.anyio
RULES = (Rule(name="slack", on="slack"),)


class FakeEvents:
    """Remembers events as the engine would: the same id again changes nothing."""

    def __init__(self):
        self.events, self.state, self.stops, self.retried, self.feedback = {}, {}, [], [], {}
        self.broken = 0

    async def emit(self, event, record=None):
        if self.broken:
            self.broken -= 1
            raise OSError("no space left on device")
        self.events.setdefault(event.id, event)
        self.state.setdefault(event.id, "working")
        return Receipt(event.id, "slack", "slack", "", event.conversation, "received", datetime.now(UTC))

    def is_ours(self, conversation):
        return any(event.conversation == conversation for event in self.events.values())

    def states(self, conversation):
        return {key: self.state[key] for key, event in self.events.items() if event.conversation == conversation}

    def open_below(self, prefix):
        states = self.state.items()
        return [key for key, state in states if state == "working" and self.events[key].conversation.startswith(prefix)]

    def event(self, event_id):
        return self.events.get(event_id)

    def set_feedback(self, event_id, value):
        self.feedback[event_id] = value

    async def request_stop(self, event_id, by):
        self.stops.append((event_id, by))
        return True

    async def retry(self, event_id):
        self.retried.append(event_id)
        return True


class Notices(list[tuple[str, str, str]]):
    async def give(self, channel, user, words):
        self.append((channel, user, words))


@pytest.fixture
def slack():
    stand_in = SlackStandIn(speed=20, options=Options(ack_s=60.0))
    with stand_in.serve():
        yield stand_in


def settings_for(slack, **more):
    base = {"slack_bot_token": slack.bot_token, "slack_app_token": slack.app_token, "slack_api_url": slack.api_url}
    return SlackSettings(_env_file=None, **{**base, **more})


@asynccontextmanager
async def running(slack, known, notices=None, **more):
    wiring = Wiring(known, (Notices() if notices is None else notices).give, second_socket_after_s=0.2)
    trigger = SlackTrigger(settings_for(slack, **more), RULES, wiring)
    task = asyncio.create_task(trigger.run(known.emit))
    try:
        await until(lambda: trigger.health().ok)
        yield trigger
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(condition, timeout_s=90.0):
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        await asyncio.sleep(0.02)


async def test_a_mention_and_its_twin_make_one_event_and_both_are_acknowledged(slack):
    known = FakeEvents()
    async with running(slack, known):
        ts = await asyncio.to_thread(slack.say, "U0ANNA", "C0GENERAL", "@bellhop what is up?")
        await until(lambda: len(slack.deliveries) >= 2 and all(d.outcome == "acked" for d in slack.deliveries))
    (event,) = known.events.values()
    assert (event.text, event.reply_to.message_ts, event.person) == ("what is up?", ts, "U0ANNA")


async def test_what_could_not_be_stored_is_not_acknowledged_and_comes_again(slack):
    slack.change(ack_s=3.0)
    known = FakeEvents()
    known.broken = 1
    async with running(slack, known):
        await asyncio.to_thread(slack.say, "U0ANNA", "D0ANNA", "hello")
        await until(lambda: known.events)
    assert known.broken == 0


async def test_no_event_is_acknowledged_unseen_while_slack_does_not_say_who_we_are(slack):
    """Bolt asks auth.test before the first event and, when that fails, acknowledges the event without a recipient."""
    known = FakeEvents()
    async with running(slack, known):
        slack.fault("auth.test", Fault("error"), times=None)
        await asyncio.to_thread(slack.say, "U0ANNA", "D0ANNA", "hello")
        await until(lambda: slack.deliveries and slack.deliveries[0].outcome == "acked")
    assert [event.text for event in known.events.values()] == ["hello"]


async def test_events_nobody_listens_for_are_acknowledged(slack):
    async with running(slack, FakeEvents()):
        await asyncio.to_thread(slack.crowd.open_home, "U0ANNA")
        await asyncio.to_thread(slack.crowd.join, "U0BEN", "C0HELP")
        await until(lambda: slack.deliveries and all(d.outcome == "acked" for d in slack.deliveries))


async def test_two_sockets_overlap_and_a_refresh_loses_nothing(slack):
    known = FakeEvents()
    async with running(slack, known):
        await until(lambda: slack.sockets.open_count == 2)
        await asyncio.to_thread(slack.sockets.refresh)
        for number in range(10):
            await asyncio.to_thread(slack.say, "U0ANNA", "D0ANNA", f"question {number}")
        await until(lambda: len(known.events) == 10)


async def test_a_socket_that_may_not_be_replaced_yet_hears_on_until_it_is_closed(slack):
    slack.change(warning_s=6_000.0)
    known = FakeEvents()
    async with running(slack, known):
        await until(lambda: slack.sockets.open_count == 2)
        slack.block("apps.connections.open", 6_000.0)
        for _ in range(2):
            await asyncio.to_thread(slack.sockets.warn)
        await until(slack.calls.ratelimited)
        for number in range(4):
            await asyncio.to_thread(slack.say, "U0ANNA", "D0ANNA", f"question {number}")
        await until(lambda: len(known.events) == 4)
    assert slack.calls.ratelimited() <= 2  # both sockets may have asked at the same time


async def test_a_thread_of_ours_goes_on_without_a_mention(slack):
    known = FakeEvents()
    async with running(slack, known):
        ts = await asyncio.to_thread(slack.say, "U0ANNA", "C0GENERAL", "@bellhop one")
        await until(lambda: len(known.events) == 1)
        await asyncio.to_thread(slack.say, "U0BEN", "C0GENERAL", "and two?", ts)
        await until(lambda: len(known.events) == 2)
        await asyncio.to_thread(slack.say, "U0BEN", "C0GENERAL", "@anna and you?", ts)
        await until(lambda: all(d.outcome == "acked" for d in slack.deliveries))
    assert len(known.events) == 2
    assert len({event.conversation for event in known.events.values()}) == 1


async def test_an_edit_of_an_open_question_replaces_it_and_of_an_answered_one_does_not(slack):
    known = FakeEvents()
    async with running(slack, known):
        ts = await asyncio.to_thread(slack.say, "U0ANNA", "D0ANNA", "one")
        await until(lambda: len(known.events) == 1)
        await asyncio.to_thread(slack.crowd.edit, "U0ANNA", "D0ANNA", ts, "two")
        await until(lambda: len(known.events) == 2 and known.stops)
        (first, second) = known.events.values()
        known.state[first.id] = known.state[second.id] = "answered"
        for text in ("three", "four"):
            await asyncio.to_thread(slack.crowd.edit, "U0ANNA", "D0ANNA", ts, text)
        await until(lambda: all(d.outcome == "acked" for d in slack.deliveries))
    assert known.stops == [(first.id, "edit")]
    assert [event.text for event in known.events.values()] == ["one", "two"]


async def test_a_question_edited_again_while_its_first_edit_is_open_is_answered_in_its_last_form(slack):
    known = FakeEvents()
    async with running(slack, known):
        ts = await asyncio.to_thread(slack.say, "U0ANNA", "D0ANNA", "one")
        await until(lambda: len(known.events) == 1)
        await asyncio.to_thread(slack.crowd.edit, "U0ANNA", "D0ANNA", ts, "two")
        await until(lambda: len(known.stops) == 1)
        known.state[known.stops[0][0]] = "answered"  # what was stopped has ended
        await asyncio.to_thread(slack.crowd.edit, "U0ANNA", "D0ANNA", ts, "three")
        await until(lambda: len(known.stops) == 2)
    assert [event.text for event in known.events.values()] == ["one", "two", "three"]
    assert [stopped for stopped, _ in known.stops] == list(known.events)[:2]


async def test_the_first_text_of_a_question_that_comes_after_its_edit_is_passed_over(slack):
    known = FakeEvents()
    async with running(slack, known):
        ts = await asyncio.to_thread(slack.say, "U0ANNA", "D0ANNA", "one")
        await until(lambda: len(known.events) == 1)
        known.events.clear()  # as if the first delivery had been lost
        await asyncio.to_thread(slack.crowd.edit, "U0ANNA", "D0ANNA", ts, "two")
        await until(lambda: len(known.events) == 1)
        again = await asyncio.to_thread(slack.redeliver, slack.deliveries[0])
        await until(lambda: again.outcome == "acked")
    assert [event.text for event in known.events.values()] == ["two"]


async def test_an_edit_that_comes_twice_or_late_stops_nothing_newer(slack):
    known = FakeEvents()
    async with running(slack, known):
        ts = await asyncio.to_thread(slack.say, "U0ANNA", "D0ANNA", "one")
        for text in ("two", "three"):
            await asyncio.to_thread(slack.crowd.edit, "U0ANNA", "D0ANNA", ts, text)
        await until(lambda: len(known.events) == 3 and len(known.stops) >= 2)
        stops = len(known.stops)
        edits = [one for one in slack.deliveries if one.payload["event"].get("subtype") == "message_changed"]
        for edit in edits:
            await asyncio.to_thread(slack.redeliver, edit)
        await until(lambda: all(d.outcome == "acked" for d in slack.deliveries))
    newest = list(known.events)[-1]
    assert newest not in [stopped for stopped, _ in known.stops]
    assert len(known.events) == 3
    assert stops <= len(known.stops)


async def test_a_person_who_may_not_ask_is_told_once(slack):
    notices = Notices()
    async with running(slack, FakeEvents(), notices, slack_allow="U0ANNA"):
        for _ in range(2):
            await asyncio.to_thread(slack.say, "U0BEN", "C0GENERAL", "@bellhop hi")
        await until(lambda: notices and len(slack.deliveries) >= 4)
        await until(lambda: all(d.outcome == "acked" for d in slack.deliveries))
    assert [(channel, user) for channel, user, _ in notices] == [("C0GENERAL", "U0BEN")]


def button(slack, action, event_id, user):
    blocks = [
        {
            "type": "actions",
            "elements": [
                {
                    "type": "button",
                    "action_id": action,
                    "value": event_id,
                    "text": {"type": "plain_text", "text": "press"},
                }
            ],
        }
    ]
    from slack_sdk import WebClient

    web = WebClient(slack.bot_token, base_url=slack.api_url)
    ts = web.chat_postMessage(channel="C0GENERAL", text="answer", blocks=blocks)["ts"]
    return slack.click(user, ts, action)


async def test_only_the_asker_or_an_admin_presses_stop(slack):
    known, notices = FakeEvents(), Notices()
    async with running(slack, known, notices, slack_admins="U0CARLA"):
        await asyncio.to_thread(slack.say, "U0ANNA", "C0GENERAL", "@bellhop one")
        await until(lambda: len(known.events) == 1)
        (event_id,) = known.events
        for user in ("U0BEN", "U0ANNA", "U0CARLA"):
            await asyncio.to_thread(button, slack, "bellhop_stop", event_id, user)
        await until(lambda: len(known.stops) == 2 and notices)
    assert sorted(user for _, user in known.stops) == ["U0ANNA", "U0CARLA"]
    assert notices[0][1] == "U0BEN"


async def test_retry_and_feedback_reach_the_desk(slack):
    known = FakeEvents()
    async with running(slack, known):
        await asyncio.to_thread(slack.say, "U0ANNA", "C0GENERAL", "@bellhop one")
        await until(lambda: len(known.events) == 1)
        (event_id,) = known.events
        await asyncio.to_thread(button, slack, "bellhop_retry", event_id, "U0ANNA")
        await asyncio.to_thread(button, slack, "bellhop_feedback_up", event_id, "U0BEN")
        await until(lambda: known.retried and known.feedback)
    assert (known.retried, known.feedback) == ([event_id], {event_id: "up"})


async def test_the_shortcut_asks_about_a_message_in_its_thread(slack):
    known = FakeEvents()
    async with running(slack, known):
        ts = await asyncio.to_thread(slack.say, "U0BEN", "C0GENERAL", "the printer is on fire")
        await asyncio.to_thread(slack.crowd.shortcut, "U0ANNA", ts, "bellhop_ask")
        await until(lambda: len(known.events) == 1)
    (event,) = known.events.values()
    assert event.reply_to.thread_ts == ts
    assert event.fields["message"] == "the printer is on fire"
    assert event.person == "U0ANNA"


async def test_the_word_stop_ends_the_askers_answers(slack):
    known = FakeEvents()
    async with running(slack, known):
        ts = await asyncio.to_thread(slack.say, "U0ANNA", "C0GENERAL", "@bellhop one")
        await until(lambda: len(known.events) == 1)
        await asyncio.to_thread(slack.say, "U0BEN", "C0GENERAL", "stop", ts)
        await asyncio.to_thread(slack.say, "U0ANNA", "C0GENERAL", "stop", ts)
        await until(lambda: known.stops)
    assert [user for _, user in known.stops] == ["U0ANNA"]


@asynccontextmanager
async def http_mode(slack, known):
    async with running(slack, known, slack_app_token=None, slack_signing_secret=slack.signing_secret) as trigger:
        with serve(Starlette(routes=trigger.routes(known.emit))) as url:
            yield f"{url}/slack/events"


async def test_http_mode_answers_signed_requests(slack):
    known = FakeEvents()
    async with http_mode(slack, known) as url:
        slack.send_events_to(url)
        assert await asyncio.to_thread(slack.verify_url, url)
        await asyncio.to_thread(slack.say, "U0ANNA", "D0ANNA", "hello")
        await until(lambda: known.events and all(d.outcome == "acked" for d in slack.deliveries))


async def test_a_process_that_does_not_run_the_door_takes_signed_events_and_learns_who_we_are_with_the_first(slack):
    known = FakeEvents()
    settings = settings_for(slack, slack_app_token=None, slack_signing_secret=slack.signing_secret)
    trigger = SlackTrigger(settings, RULES, Wiring(known, Notices().give))
    with serve(Starlette(routes=trigger.routes(known.emit))) as url:
        assert not slack.calls.of("auth.test")
        slack.send_events_to(f"{url}/slack/events")
        await asyncio.to_thread(slack.say, "U0ANNA", "D0ANNA", "hello")
        await until(lambda: known.events and all(d.outcome == "acked" for d in slack.deliveries))
    assert len(slack.calls.of("auth.test")) == 1
    assert trigger.health().last_event_at


def test_one_missed_proof_is_no_problem_yet_and_two_are(slack):
    identity = Identity(settings_for(slack), RULES)
    assert identity.problem
    assert identity.ask()
    heard_at = identity.heard_at
    slack.fault("auth.test", Fault("error"), times=2)
    assert not identity.ask()
    assert identity.problem == ""
    assert not identity.ask()
    assert "internal_error" in identity.problem
    assert identity.heard_at == heard_at
    assert identity.ask()
    assert identity.problem == ""


async def test_a_quiet_socket_is_heard_by_its_pongs(slack):
    async with running(slack, FakeEvents()) as trigger:
        first = trigger.health().heard_at
        await until(lambda: trigger.health().heard_at > first)
        assert trigger.health().last_event_at is None


def signed(slack, body, at=None):
    at = str(int(time.time() if at is None else at))
    mac = hmac.new(slack.signing_secret.encode(), f"v0:{at}:".encode() + body, hashlib.sha256).hexdigest()
    return {"x-slack-request-timestamp": at, "x-slack-signature": f"v0={mac}", "content-type": "application/json"}


async def test_http_mode_refuses_garbage_without_a_fault(slack):
    good = json.dumps({"type": "event_callback", "event": {"type": "message"}}).encode()
    async with http_mode(slack, FakeEvents()) as url, httpx2.AsyncClient() as web:
        bad_time = {**signed(slack, good), "x-slack-request-timestamp": "soon"}
        cases = [
            (good, {}, 401),
            (good, signed(slack, b"other"), 401),
            (good, signed(slack, good, time.time() - 3600), 401),
            (good, bad_time, 401),
            (b"\xff\xfe", signed(slack, b"\xff\xfe"), 401),
            (b"[" * 5000, signed(slack, b"[" * 5000), 400),
            (b"not json", signed(slack, b"not json"), 400),
            (b"x" * 2_000_000, signed(slack, b""), 413),
        ]
        for body, headers, status in cases:
            answer = await web.post(url, content=body, headers=headers)
            assert answer.status_code == status, (body[:20], answer.status_code)
        for body in (b"[]", b"1", b'"x"', b"{}", b'{"event": 3}', b"payload=%7B", b""):
            assert (await web.post(url, content=body, headers=signed(slack, body))).status_code < 500, body


async def test_a_deaf_socket_is_noticed_and_replaced(slack, monkeypatch):
    import triggers.slack.sockets as sockets

    monkeypatch.setattr(sockets, "DEAF_AFTER_S", 1.0)
    monkeypatch.setattr(sockets, "PING_S", 0.2)
    monkeypatch.setattr(sockets, "LOOK_EVERY_S", 0.2)
    known = FakeEvents()
    async with running(slack, known):
        await until(lambda: slack.sockets.open_count == 2)
        await asyncio.to_thread(slack.sockets.half_open)
        await until(lambda: slack.sockets.opened_count == 4)
        for number in range(4):
            await asyncio.to_thread(slack.say, "U0ANNA", "D0ANNA", f"does anybody hear me? {number}")
        await until(lambda: known.events)


def test_the_trigger_says_when_it_is_not_connected(slack):
    trigger = SlackTrigger(settings_for(slack), RULES, Wiring(FakeEvents(), Notices().give))
    assert not trigger.health().ok
    assert dataclasses.asdict(trigger.health())["words"]


async def test_stop_at_the_top_of_a_direct_message_ends_what_runs_there(slack):
    known = FakeEvents()
    async with running(slack, known):
        await asyncio.to_thread(slack.say, "U0ANNA", "D0ANNA", "tell me everything")
        await until(lambda: known.events)
        await asyncio.to_thread(slack.say, "U0ANNA", "D0ANNA", "*stop*")
        await until(lambda: known.stops)
    assert len(known.events) == 1


async def test_a_deleted_question_is_stopped_and_one_that_comes_after_its_deletion_is_not_asked(slack):
    known = FakeEvents()
    async with running(slack, known):
        ts = await asyncio.to_thread(slack.say, "U0ANNA", "D0ANNA", "what is up?")
        await until(lambda: known.events)
        question = slack.deliveries[0]
        await asyncio.to_thread(slack.crowd.delete, "D0ANNA", ts)
        await until(lambda: known.stops)
        known.events.clear()
        known.state.clear()
        again = await asyncio.to_thread(slack.redeliver, question)
        await until(lambda: again.outcome == "acked")
    assert [by for _, by in known.stops] == ["delete"]
    assert not known.events


async def test_an_edit_that_adds_the_mention_and_its_mention_make_one_event(slack):
    known = FakeEvents()
    async with running(slack, known):
        ts = await asyncio.to_thread(slack.say, "U0ANNA", "C0GENERAL", "what is up?")
        await asyncio.to_thread(slack.crowd.edit, "U0ANNA", "C0GENERAL", ts, "@bellhop what is up?")
        await until(lambda: len(slack.deliveries) == 3 and all(d.outcome == "acked" for d in slack.deliveries))
    assert [event.text for event in known.events.values()] == ["what is up?"]
    assert not known.stops
