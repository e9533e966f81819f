"""The tests of Socket Mode with slack_sdk's builtin client, and with bare sockets where it is too kind."""

import json
from contextlib import ExitStack, contextmanager, suppress
from itertools import pairwise
from socket import create_connection
from urllib.parse import urlsplit

import pytest
from slack_sdk.socket_mode import SocketModeClient
from slack_sdk.socket_mode.response import SocketModeResponse
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from playground.slack import Options, SlackStandIn
from tests.playground.slack.conftest import client_of


@contextmanager
def builtin_client(slack, *, acks=True, ping_interval=0.2):
    """slack_sdk's builtin client and the envelopes it was sent."""
    client = SocketModeClient(app_token=slack.app_token, web_client=client_of(slack), ping_interval=ping_interval)
    seen = []

    def on_request(session, request):
        seen.append(request)
        if acks:
            session.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id))

    client.socket_mode_request_listeners.append(on_request)
    client.connect()
    try:
        assert slack.wait_for(lambda: slack.sockets.open_count >= 1)
        yield client, seen
    finally:
        client.auto_reconnect_enabled = client.default_auto_reconnect_enabled = False
        slack.sockets.drop()  # else closing waits for the client's receive timeout of three seconds
        with suppress(AttributeError):  # its own threads may have closed the socket in the same moment
            client.close()


@contextmanager
def bare_socket(slack):
    """A socket that acknowledges only what a test tells it to."""
    url = client_of(slack, slack.app_token).apps_connections_open(app_token=slack.app_token)["url"]
    with connect(url, ping_interval=None, close_timeout=0.1) as socket:
        assert json.loads(socket.recv(5))["type"] == "hello"
        yield socket


@contextmanager
def silent_peer(slack):
    """A socket that shakes hands and never says a word again."""
    url = urlsplit(client_of(slack, slack.app_token).apps_connections_open(app_token=slack.app_token)["url"])
    with create_connection((url.hostname, url.port)) as peer:
        lines = [
            f"GET {url.path}?{url.query} HTTP/1.1", "Host: x", "Upgrade: websocket", "Connection: Upgrade",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13",
        ]  # fmt: skip
        peer.sendall("\r\n".join([*lines, "", ""]).encode())
        yield peer


def receive(socket, timeout_s=5):
    return json.loads(socket.recv(timeout_s))


def test_an_event_is_delivered_and_acknowledged(quick):
    with builtin_client(quick) as (_, seen):
        ts = quick.say("U0ANNA", "C0HELP", "hello")
        assert quick.wait_for(lambda: quick.deliveries and quick.deliveries[-1].outcome == "acked")
    payload = seen[0].payload
    assert (seen[0].type, payload["type"], payload["event"]["ts"]) == ("events_api", "event_callback", ts)
    assert (payload["event"]["channel_type"], seen[0].retry_attempt) == ("channel", 0)
    assert payload["authorizations"][0]["user_id"] == "U0BELLHOP"


@pytest.mark.parametrize(
    ("twins", "kinds"),
    [
        ("message_first", ["message", "app_mention"]),
        ("mention_first", ["app_mention", "message"]),
        ("mention_only", ["app_mention"]),
    ],
)
def test_a_mention_is_two_events_in_either_order(quick, twins, kinds):
    quick.change(twins=twins)
    with bare_socket(quick) as socket:
        quick.say("U0ANNA", "C0HELP", "@bellhop hello")
        payloads = [receive(socket)["payload"] for _ in kinds]
    assert [payload["event"]["type"] for payload in payloads] == kinds
    assert len({payload["event_id"] for payload in payloads}) == len(kinds)
    assert len({payload["event"]["ts"] for payload in payloads}) == 1


def test_an_unacknowledged_event_comes_again_after_set_times(quick):
    quick.change(ack_s=4.0, retry_after_s=(0.0, 8.0, 16.0))
    with bare_socket(quick) as socket:
        quick.say("U0ANNA", "C0HELP", "hello")
        envelopes = [receive(socket, 25) for _ in range(4)]
        assert quick.wait_for(lambda: quick.deliveries[-1].outcome == "given_up")
    assert [one["retry_attempt"] for one in envelopes] == [0, 1, 2, 3]
    assert [one["retry_reason"] for one in envelopes] == ["", "timeout", "timeout", "timeout"]
    assert len({one["payload"]["event_id"] for one in envelopes}) == 1
    assert len({one["envelope_id"] for one in envelopes}) == 4
    gaps_s = [later - before for before, later in pairwise(quick.deliveries[-1].at)]
    assert all(gap_s >= least_s for gap_s, least_s in zip(gaps_s, (4, 12, 20), strict=True))


def test_an_acknowledgement_of_a_retry_ends_it(quick):
    with bare_socket(quick) as socket:
        quick.say("U0ANNA", "C0HELP", "hello")
        receive(socket)
        socket.send(json.dumps({"envelope_id": receive(socket)["envelope_id"]}))
        assert quick.wait_for(lambda: quick.deliveries[-1].outcome == "acked")
    assert quick.deliveries[-1].attempts == 2


def test_what_happens_without_a_socket_waits_and_comes_as_a_retry(quick):
    quick.say("U0ANNA", "C0HELP", "anybody there?")
    with bare_socket(quick) as socket:
        envelope = receive(socket)
    assert (envelope["retry_attempt"], envelope["payload"]["event"]["text"]) == (1, "anybody there?")


def test_a_payload_goes_to_one_of_the_sockets(quick):
    with builtin_client(quick) as (_, first), builtin_client(quick) as (_, second):
        assert quick.wait_for(lambda: quick.sockets.open_count == 2)
        for number in range(10):
            quick.say("U0ANNA", "C0HELP", str(number))
        assert quick.wait_for(lambda: len(first) + len(second) == 10)
        assert (len(first), len(second)) == (5, 5)


def test_hello_counts_the_sockets_and_an_eleventh_is_sent_away(quick):
    urls = [
        client_of(quick, quick.app_token).apps_connections_open(app_token=quick.app_token)["url"] for _ in range(11)
    ]
    with ExitStack() as stack:
        greetings = [receive(stack.enter_context(connect(url, close_timeout=0.1))) for url in urls]
    assert [one.get("num_connections") for one in greetings[:10]] == list(range(1, 11))
    assert (greetings[10]["type"], greetings[10]["reason"]) == ("disconnect", "too_many_websockets")


def test_a_ticket_opens_one_socket_and_does_not_last(slack, clock):
    web = client_of(slack, slack.app_token)
    used = web.apps_connections_open(app_token=slack.app_token)["url"]
    with connect(used):
        pass
    late = web.apps_connections_open(app_token=slack.app_token)["url"]
    clock.advance(31)
    for url in (used, late):
        with pytest.raises(InvalidStatus), connect(url):
            pass


def test_a_refresh_makes_the_builtin_client_come_back(quick):
    with builtin_client(quick) as (_, seen):
        quick.sockets.refresh()
        assert quick.wait_for(lambda: quick.sockets.opened_count == 2)
        assert quick.wait_for(lambda: quick.sockets.open_count == 1)
        quick.say("U0ANNA", "C0HELP", "still there?")
        assert quick.wait_for(lambda: seen and seen[-1].payload["event"]["text"] == "still there?")


def test_refused_upgrades_use_up_their_tickets_and_pass(quick):
    with builtin_client(quick) as (_, seen):
        quick.sockets.refuse(2)
        quick.sockets.drop()
        assert quick.wait_for(lambda: quick.sockets.opened_count == 2, 10)
        quick.say("U0ANNA", "C0HELP", "back?")
        assert quick.wait_for(lambda: seen)
    assert len(quick.calls.of("apps.connections.open")) >= 4


def test_a_half_open_socket_swallows_events_until_another_one_opens(quick):
    quick.change(retry_after_s=(0.0, 0.0, 0.0))
    with bare_socket(quick) as deaf:
        quick.sockets.half_open()
        quick.say("U0ANNA", "C0HELP", "lost at first")
        with pytest.raises(TimeoutError):
            deaf.recv(0.2)
        assert not deaf.ping().wait(0.2)
        with bare_socket(quick) as alive:
            assert receive(alive, 20)["payload"]["event"]["text"] == "lost at first"


def test_the_server_pings_and_drops_a_silent_peer():
    slack = SlackStandIn(options=Options(server_ping_real_s=0.05, pong_timeout_real_s=0.1))
    with slack.serve():
        with bare_socket(slack):
            assert not slack.wait_for(lambda: slack.sockets.open_count == 0, 0.4)
        assert slack.wait_for(lambda: slack.sockets.open_count == 0)
        with silent_peer(slack):
            assert slack.wait_for(lambda: slack.sockets.opened_count == 2)
            assert slack.wait_for(lambda: slack.sockets.open_count == 0)


def test_a_socket_can_be_deaf_from_its_first_moment_and_is_forgotten_in_the_end():
    slack = SlackStandIn(options=Options(server_ping_real_s=0.05, pong_timeout_real_s=0.1))
    with slack.serve():
        slack.sockets.deafen(1)
        with bare_socket(slack) as deaf:
            assert not deaf.ping().wait(0.05)
            assert slack.wait_for(lambda: slack.sockets.open_count == 0)
            slack.say("U0ANNA", "C0HELP", "hello")
            with bare_socket(slack) as alive:
                assert receive(alive)["payload"]["event"]["text"] == "hello"


@pytest.mark.parametrize(
    ("act", "reason"), [("warn", "warning"), ("disable", "link_disabled"), ("too_many", "too_many_websockets")]
)
def test_a_disconnect_tells_its_reason(quick, act, reason):
    with bare_socket(quick) as socket:
        getattr(quick.sockets, act)()
        message = receive(socket)
    assert (message["type"], message["reason"]) == ("disconnect", reason)


def test_the_bots_own_posts_and_edits_come_back_as_events(quick):
    web = client_of(quick)
    with bare_socket(quick) as socket:
        ts = web.chat_postMessage(channel="C0HELP", text="mine")["ts"]
        web.chat_update(channel="C0HELP", ts=ts, text="changed")
        events = []
        for _ in range(2):
            envelope = receive(socket)
            socket.send(json.dumps({"envelope_id": envelope["envelope_id"]}))
            events.append(envelope["payload"]["event"])
    assert (events[0]["bot_id"], "client_msg_id" in events[0]) == ("B0BELLHOP", False)
    assert (events[1]["subtype"], events[1]["message"]["text"]) == ("message_changed", "changed")


def test_channels_without_the_bot_are_silent(quick):
    quick.say("U0ANNA", "C0QUIET", "@bellhop?")
    assert quick.deliveries == []
