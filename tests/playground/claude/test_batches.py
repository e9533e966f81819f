"""Message Batches through the real SDK."""

from __future__ import annotations

from typing import Any

import anthropic
import pytest

from tests.playground.claude.asking import body_of


def entries(count: int = 3, **more: Any) -> list[dict[str, Any]]:
    return [{"custom_id": f"doc-{at}", "params": body_of(f"{at} + 1", **more)} for at in range(count)]


def test_a_batch_ends_and_its_results_match_by_id(client):
    batch = client.messages.batches.create(requests=entries(5))
    batch = client.messages.batches.retrieve(batch.id)
    assert (batch.processing_status, batch.request_counts.succeeded) == ("ended", 5)
    results = {line.custom_id: line.result.message for line in client.messages.batches.results(batch.id)}
    assert results["doc-3"].content[-1].text == "3 + 1 = 4"
    assert results["doc-3"].usage.service_tier == "batch"


def test_a_bad_request_fails_alone(client):
    requests = [*entries(1), {"custom_id": "bad", "params": {**body_of(), "model": "claude-2"}}]
    batch = client.messages.batches.create(requests=requests)
    results = {line.custom_id: line.result for line in client.messages.batches.results(batch.id)}
    assert results["doc-0"].type == "succeeded"
    assert results["bad"].type == "errored"
    assert results["bad"].error.error.type == "not_found_error"


def test_until_it_ends_a_batch_has_no_results_and_counts_nothing(stand_in, client):
    stand_in.batches.duration_s = None
    batch = client.messages.batches.create(requests=entries())
    batch = client.messages.batches.retrieve(batch.id)
    assert (batch.processing_status, batch.request_counts.processing, batch.results_url) == ("in_progress", 3, None)
    with pytest.raises(anthropic.AnthropicError):
        client.messages.batches.results(batch.id)
    stand_in.batches.finish(batch.id)
    assert client.messages.batches.retrieve(batch.id).processing_status == "ended"


def test_a_canceled_batch_answers_nothing(stand_in, client):
    stand_in.batches.duration_s = None
    batch = client.messages.batches.create(requests=entries())
    assert client.messages.batches.cancel(batch.id).processing_status == "canceling"
    batch = client.messages.batches.retrieve(batch.id)
    assert (batch.processing_status, batch.request_counts.canceled) == ("ended", 3)
    assert {line.result.type for line in client.messages.batches.results(batch.id)} == {"canceled"}
    assert stand_in.tally.calls == 0


def test_a_batch_expires_after_a_day(client, stand_in):
    now = [1_000_000.0]
    stand_in.batches._clock = lambda: now[0]
    stand_in.batches.duration_s = None
    batch = client.messages.batches.create(requests=entries())
    now[0] += 24 * 3600
    assert {line.result.type for line in client.messages.batches.results(batch.id)} == {"expired"}


def test_batches_are_listed_newest_first_and_can_be_deleted(client):
    made = [client.messages.batches.create(requests=entries(1)).id for _ in range(3)]
    assert [batch.id for batch in client.messages.batches.list(limit=2)] == made[::-1]
    client.messages.batches.retrieve(made[0])
    client.messages.batches.delete(made[0])
    with pytest.raises(anthropic.NotFoundError):
        client.messages.batches.retrieve(made[0])


@pytest.mark.parametrize(
    ("requests", "sentence"),
    [
        ([], "a batch holds 1 to 100000 requests"),
        (entries(1) * 2, "custom_id must be unique"),
        ([{"custom_id": "no spaces", "params": {}}], "custom_id: String should match pattern"),
        ([{"params": {}}], "custom_id: Field required"),
    ],
)
def test_a_batch_that_makes_no_sense_is_refused(post, requests, sentence):
    answer = post({"requests": requests}, path="/v1/messages/batches")
    assert answer.status_code == 400
    assert sentence in answer.json()["error"]["message"]
