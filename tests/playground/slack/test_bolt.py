"""The tests of the stand-in with a real slack_bolt App over its builtin Socket Mode client."""

import contextlib

import pytest
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler

from tests.playground.slack.conftest import client_of


@pytest.fixture
def bolt(quick):
    """A connected Bolt app; listeners are added by the tests."""
    app = App(client=client_of(quick))
    handler = SocketModeHandler(app, quick.app_token)
    handler.client.default_auto_reconnect_enabled = False
    handler.connect()
    yield app
    quick.sockets.drop()
    # The client's own reader may have let go of the lost socket between its look at it and its close.
    with contextlib.suppress(AttributeError):
        handler.client.close()


def test_a_mention_is_answered_in_its_thread(quick, bolt):
    @bolt.event("app_mention")
    def answer(event, say):
        say("hello", thread_ts=event["ts"])

    @bolt.event("message")
    def ignore():
        pass

    ts = quick.say("U0ANNA", "C0HELP", "@bellhop hi")
    assert quick.wait_for(lambda: quick.thread("C0HELP", ts))
    assert quick.thread("C0HELP", ts)[0].text == "hello"


def test_a_button_is_acknowledged_and_answered(quick, bolt):
    @bolt.action("stop")
    def stop(ack, respond):
        ack()
        respond("stopped", replace_original=True)

    button = {"type": "button", "action_id": "stop", "text": {"type": "plain_text", "text": "Stop"}}
    ts = client_of(quick).chat_postMessage(
        channel="C0HELP", text="x", blocks=[{"type": "actions", "elements": [button]}]
    )["ts"]
    delivery = quick.click("U0ANNA", ts, "stop")
    assert quick.wait_for(lambda: quick.message("C0HELP", ts).text == "stopped")
    assert quick.wait_for(lambda: delivery.outcome == "acked")


def test_a_slash_command_and_a_modal_take_a_response(quick, bolt):
    view = {
        "type": "modal", "callback_id": "ask", "title": {"type": "plain_text", "text": "Ask"}, "blocks": [],
    }  # fmt: skip

    @bolt.command("/bellhop")
    def command(ack, client, body):
        ack("here you are")
        client.views_open(trigger_id=body["trigger_id"], view=view)

    @bolt.view("ask")
    def submitted(ack):
        ack(response_action="errors", errors={"question": "too short"})

    quick.change(trigger_life_s=100.0)
    delivery = quick.crowd.slash("U0ANNA", "C0HELP", "/bellhop")
    assert quick.wait_for(lambda: quick.workspace.views)
    assert quick.wait_for(lambda: delivery.response == {"text": "here you are"})
    answered = quick.crowd.submit_view("U0ANNA", next(iter(quick.workspace.views)), {})
    assert quick.wait_for(lambda: answered.outcome == "acked")
    assert answered.response["response_action"] == "errors"


def test_a_shortcut_reaches_its_listener(quick, bolt):
    seen = []

    @bolt.shortcut("ask_claude")
    def shortcut(ack, body):
        ack()
        seen.append(body["message"]["text"])

    quick.crowd.shortcut("U0BEN", quick.say("U0ANNA", "C0HELP", "what?"), "ask_claude")
    assert quick.wait_for(lambda: seen == ["what?"])


def test_an_event_without_a_listener_stays_unacknowledged(quick, bolt):
    ts = quick.say("U0ANNA", "C0HELP", "nice")
    quick.crowd.react("U0BEN", "C0HELP", ts, "eyes")
    assert quick.wait_for(lambda: quick.deliveries[-1].attempts >= 2, 10)
