"""The program that is called back: it takes what is signed with its secret, and nothing else."""

import time

import pytest
from starlette.testclient import TestClient

from bot.doors.webhook.signatures import standard_headers
from playground import names
from playground.callbacks import CallbackReceiver

BODY = b'{"state": "answered", "answer": {"text": "hi"}}'


@pytest.mark.parametrize(
    ("secret", "age_s", "body", "status"),
    [
        (names.CALLBACK_SECRET, 0, BODY, 204),
        (names.CALLBACK_SECRET, 301, BODY, 401),
        (names.CALLBACK_SECRET, 0, BODY + b" ", 401),
        ("whsec_" + "b3RoZXItc2VjcmV0LW90aGVyLXNlY3JldA==", 0, BODY, 401),
    ],
)
def test_only_a_genuine_receipt_is_taken(secret, age_s, body, status):
    receiver = CallbackReceiver(names.CALLBACK_SECRET)
    headers = standard_headers("msg_1", BODY, secret, time.time() - age_s)
    assert TestClient(receiver.app).post("/answers", content=body, headers=headers).status_code == status
    (call,) = receiver.received
    assert (call.name, call.is_genuine) == ("msg_1", status == 204)
