"""Delivery by HTTP: signed requests to a Request URL, sent again until they are answered in time.

Source: docs.slack.dev/authentication/verifying-requests-from-slack and docs.slack.dev/apis/events-api.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlencode

import requests

from playground.slack.calls import Data
from playground.slack.clock import Clock


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request and how it went: the status (None: no answer in time), headers and body of the answer."""

    status: int | None
    body: str
    reason: str
    no_retry: bool = False

    @property
    def acked(self) -> bool:
        """Answered with 2xx."""
        return self.status is not None and 200 <= self.status < 300


def deliver_http(
    url: str,
    signing_secret: str,
    payload: Data,
    *,
    clock: Clock,
    kind: str = "events_api",
    retry_after_s: tuple[float, ...] = (0.0, 60.0, 300.0),
    ack_s: float = 3.0,
) -> list[Attempt]:
    """Send a payload until it is acknowledged; every attempt, the first one first. Interactions are sent once.

    `ack_s` is counted in real time, and so are the signature's timestamps.
    """
    body, content_type = encode_body(payload, kind)
    send = partial(_send, url, signing_secret, body, ack_s)
    attempts = [send({"Content-Type": content_type})]
    for number, delay_s in enumerate(retry_after_s if kind == "events_api" else (), start=1):
        if attempts[-1].acked or attempts[-1].no_retry:
            break
        _wait(clock, delay_s)
        retry = {"X-Slack-Retry-Num": str(number), "X-Slack-Retry-Reason": attempts[-1].reason}
        attempts.append(send({"Content-Type": content_type, **retry}))
    return attempts


def encode_body(payload: Data, kind: str) -> tuple[bytes, str]:
    """Events are JSON; interactions are JSON in a form's `payload`; slash commands are a plain form."""
    if kind == "events_api":
        return json.dumps(payload).encode(), "application/json"
    fields = {"payload": json.dumps(payload)} if kind == "interactive" else payload
    return urlencode(fields).encode(), "application/x-www-form-urlencoded"


def sign(signing_secret: str, timestamp: str, body: bytes) -> str:
    """The v0 signature of a raw body."""
    base = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(signing_secret.encode(), base, hashlib.sha256).hexdigest()


def _send(url: str, signing_secret: str, body: bytes, ack_s: float, extra: dict[str, str]) -> Attempt:
    timestamp = str(int(time.time()))
    headers = {
        "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
        "X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": sign(signing_secret, timestamp, body),
        **extra,
    }  # fmt: skip
    try:
        answer = requests.post(url, data=body, headers=headers, timeout=ack_s, allow_redirects=False)
    except requests.Timeout:
        return Attempt(None, "", "http_timeout")
    except requests.RequestException:
        return Attempt(None, "", "connection_failed")
    return Attempt(answer.status_code, answer.text, "http_error", answer.headers.get("X-Slack-No-Retry") == "1")


def _wait(clock: Clock, seconds: float) -> None:
    due = clock.now() + seconds
    while (left_s := due - clock.now()) > 0:
        time.sleep(max(0.001, min(clock.real_s(left_s), 0.1)))
