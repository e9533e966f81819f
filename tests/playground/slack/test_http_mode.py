"""The tests of HTTP mode: signed requests, retries and the challenge, against a real small server."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest
from slack_sdk.signature import SignatureVerifier

from playground.slack import Options, SlackStandIn


@contextmanager
def receiver(answers):
    """A Request URL that answers with the statuses in `answers`, the last one for ever; and what it was sent."""
    seen: list[tuple[dict[str, str], bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, headers = answers[min(len(seen), len(answers) - 1)]
            seen.append((dict(self.headers), body))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            parsed = json.loads(body) if self.headers["Content-Type"] == "application/json" else {}
            self.wfile.write(parsed.get("challenge", "").encode())

        def log_message(self, *arguments):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/slack/events", seen
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def fast():
    return SlackStandIn(speed=500, options=Options(ack_s=2.0))


def test_a_request_is_signed_over_its_raw_body(fast):
    with receiver([(200, {})]) as (url, seen):
        attempts = fast.deliver_http(url, {"type": "event_callback", "event": {"text": "grüße"}})
    ((headers, body),) = seen
    assert [one.acked for one in attempts] == [True]
    assert SignatureVerifier(fast.signing_secret).is_valid_request(body, {k.lower(): v for k, v in headers.items()})


def test_a_forged_secret_gives_a_wrong_signature(fast):
    with receiver([(401, {"X-Slack-No-Retry": "1"})]) as (url, seen):
        attempts = fast.deliver_http(url, {"type": "event_callback"}, signing_secret="forged")
    ((headers, body),) = seen
    assert len(attempts) == 1
    assert not SignatureVerifier(fast.signing_secret).is_valid_request(body, {k.lower(): v for k, v in headers.items()})


def test_a_failed_delivery_comes_three_more_times_with_its_number(fast):
    with receiver([(500, {})]) as (url, seen):
        attempts = fast.deliver_http(url, {"type": "event_callback", "event_id": "Ev1"})
    assert [headers.get("X-Slack-Retry-Num") for headers, _ in seen] == [None, "1", "2", "3"]
    assert seen[1][0]["X-Slack-Retry-Reason"] == "http_error"
    assert not attempts[-1].acked
    assert len({body for _, body in seen}) == 1


def test_a_retry_that_is_answered_is_the_last(fast):
    with receiver([(503, {}), (200, {})]) as (url, _):
        assert [one.status for one in fast.deliver_http(url, {"type": "event_callback"})] == [503, 200]


def test_nobody_listening_is_a_failed_connection(fast):
    with receiver([(200, {})]) as (url, _):
        pass
    assert {one.reason for one in fast.deliver_http(url, {})} == {"connection_failed"}


def test_a_new_address_must_answer_the_challenge(fast):
    with receiver([(200, {})]) as (url, _):
        assert fast.verify_url(url)


def test_what_people_do_arrives_by_http_when_asked_for(fast):
    with receiver([(200, {})]) as (url, seen), fast.serve():
        fast.say("U0ANNA", "C0HELP", "@bellhop hi")
        fast.send_events_to(url)
        assert fast.wait_for(lambda: len(seen) == 2)
        assert {json.loads(body)["event"]["type"] for _, body in seen} == {"message", "app_mention"}
        fast.crowd.slash("U0ANNA", "C0HELP", "/bellhop", "help")
        fast.crowd.global_shortcut("U0ANNA", "ask")
        assert fast.wait_for(lambda: [one.outcome for one in fast.deliveries] == ["acked"] * 4)
        forms = [parse_qs(body.decode()) for _, body in seen[2:]]
    assert {"/bellhop"} in [set(form.get("command", [])) for form in forms]
    assert "shortcut" in [json.loads(form["payload"][0])["type"] for form in forms if "payload" in form]
