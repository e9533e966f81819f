"""The back door, and the stand-in as a program of its own."""

from __future__ import annotations

import signal
import subprocess
import sys

import anthropic
import httpx2
import pytest

from tests.playground.claude.asking import body_of, message_text, stream_text


def test_a_fault_can_be_asked_for_over_http(url, client):
    answer = httpx2.post(f"{url}/_control/fault", json={"fault": "early_end", "times": 2, "after_chars": 5})
    assert answer.json()["faults"] == [{"fault": "early_end", "times": 2}]
    text, message, _ = stream_text(client)
    assert (len(text), message.stop_reason) == (5, None)
    assert httpx2.get(f"{url}/_control/state").json()["faults"] == [{"fault": "early_end", "times": 1}]


@pytest.mark.parametrize("wish", [{"fault": "gremlins"}, {"fault": "stall", "minutes": 3}, {}, [], {"times": "x"}])
def test_a_fault_that_makes_no_sense_is_refused(url, wish):
    assert httpx2.post(f"{url}/_control/fault", json=wish).status_code == 400


def test_the_state_counts_and_a_reset_forgets(url, client):
    client.messages.create(**body_of())
    assert httpx2.get(f"{url}/_control/state").json()["calls"] == 1
    assert httpx2.post(f"{url}/_control/reset").json()["calls"] == 0


@pytest.mark.parametrize("headers", [{"origin": "https://evil.example"}, {"host": "evil.example"}])
def test_other_sites_cannot_use_the_back_door(url, headers):
    assert httpx2.post(f"{url}/_control/reset", headers=headers).status_code == 403


def test_the_program_prints_its_url_answers_and_ends_on_a_signal():
    command = [sys.executable, "-m", "playground.claude", "--key", "sk-mine"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        with anthropic.Anthropic(api_key="sk-mine", base_url=url, max_retries=0) as client:
            assert message_text(client.messages.create(**body_of("2 + 2"))) == "2 + 2 = 4"
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
