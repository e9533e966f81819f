"""Every fault as the real SDK sees it, sync and async: these are the facts that the client is built on."""

from __future__ import annotations

import asyncio
import json

import anthropic
import httpx2
import pytest

from playground.claude import DEFAULT_KEY, Fault
from tests.playground.claude.asking import body_of, message_text, stream_text, stream_text_async

pytestmark = pytest.mark.anyio

TEXT = "The river is long and it runs from the hills to the sea without a word."


@pytest.fixture(autouse=True)
def fixed_answer(stand_in):
    stand_in.answer_with(TEXT)


@pytest.fixture(params=["sync", "async"])
def ask(request, client, async_client):
    """One stream, through either client: the text, the message, the error."""

    async def run(**more):
        if request.param == "sync":
            return stream_text(client, **more)
        return await stream_text_async(async_client, **more)

    return run


@pytest.mark.parametrize(
    ("status", "error_class", "kind"),
    [
        (400, anthropic.BadRequestError, "invalid_request_error"),
        (401, anthropic.AuthenticationError, "authentication_error"),
        (429, anthropic.RateLimitError, "rate_limit_error"),
        (500, anthropic.InternalServerError, "api_error"),
        (529, anthropic.OverloadedError, "overloaded_error"),
    ],
)
async def test_a_status_before_the_stream_is_a_typed_error(stand_in, ask, status, error_class, kind):
    stand_in.fault(Fault("status", status=status))
    _, _, error = await ask()
    assert isinstance(error, error_class)
    assert error.type == kind
    assert error.request_id.startswith("req_")


async def test_a_rate_limit_says_when_to_come_back(stand_in, ask):
    stand_in.fault(Fault("status", status=429, retry_after_s=1.5))
    _, _, error = await ask()
    assert error.response.headers["retry-after"] == "1.5"


def test_the_sdk_retries_an_overload_by_itself(stand_in, url):
    stand_in.fault(Fault("status", status=529), times=2)
    with anthropic.Anthropic(api_key=DEFAULT_KEY, base_url=url, max_retries=2) as client:
        answered = client.messages.create(**body_of(), timeout=20)
    assert message_text(answered) == TEXT
    assert len(stand_in.requests) == 3


async def test_a_reset_is_a_raw_transport_error_after_exactly_what_came(stand_in, ask):
    stand_in.fault(Fault("reset", after_chars=20))
    text, _, error = await ask()
    assert text == TEXT[:20]
    assert isinstance(error, httpx2.ReadError | httpx2.RemoteProtocolError)
    assert not isinstance(error, anthropic.APIError)


async def test_a_connection_closed_inside_the_body_is_a_raw_protocol_error(stand_in, ask):
    stand_in.fault(Fault("torn", after_chars=20))
    text, _, error = await ask()
    assert text == TEXT[:20]
    assert isinstance(error, httpx2.RemoteProtocolError)


async def test_a_reset_before_the_first_byte_is_a_connection_error(stand_in, ask):
    stand_in.fault(Fault("lost"))
    text, _, error = await ask()
    assert text == ""
    assert isinstance(error, anthropic.APIConnectionError)
    assert stand_in.tally.calls == 1


async def test_a_clean_early_end_raises_nothing_and_has_no_stop_reason(stand_in, ask):
    stand_in.fault(Fault("early_end", after_chars=20))
    text, message, error = await ask()
    assert (text, error, message.stop_reason) == (TEXT[:20], None, None)
    assert message.usage.output_tokens == 1


async def test_an_overload_inside_the_stream_is_a_bare_status_error_with_200(stand_in, ask):
    stand_in.fault(Fault("error_event", after_chars=20))
    text, _, error = await ask()
    assert text == TEXT[:20]
    assert type(error) is anthropic.APIStatusError
    assert (error.status_code, error.type) == (200, "overloaded_error")


async def test_a_stall_ends_in_a_raw_read_timeout(stand_in, ask):
    stand_in.fault(Fault("stall", after_chars=20, seconds=5))
    text, _, error = await ask(timeout=httpx2.Timeout(5, read=0.2))
    assert text == TEXT[:20]
    assert isinstance(error, httpx2.ReadTimeout)


async def test_a_short_stall_changes_nothing(stand_in, ask):
    stand_in.fault(Fault("stall", after_chars=20, seconds=0.1))
    text, message, error = await ask()
    assert (text, message.stop_reason, error) == (TEXT, "end_turn", None)


async def test_pings_keep_a_dead_stream_open_past_the_read_timeout(stand_in, async_client):
    stand_in.fault(Fault("pings", after_chars=20, seconds=0.05))
    reading = asyncio.create_task(stream_text_async(async_client, timeout=httpx2.Timeout(5, read=0.2)))
    await asyncio.sleep(0.6)
    assert not reading.done()
    reading.cancel()


async def test_a_chunk_that_is_no_json_is_a_bare_decode_error(stand_in, ask):
    stand_in.fault(Fault("bad_chunk", after_chars=20))
    text, _, error = await ask()
    assert text == TEXT[:20]
    assert type(error) is json.JSONDecodeError


async def test_a_page_of_html_is_a_bare_assertion_error(stand_in, ask):
    stand_in.fault(Fault("not_sse"))
    _, _, error = await ask()
    assert type(error) is AssertionError


async def test_an_unknown_event_is_passed_over(stand_in, ask):
    stand_in.fault(Fault("unknown_event", after_chars=20))
    text, message, _ = await ask()
    assert (text, message.stop_reason) == (TEXT, "end_turn")


@pytest.mark.parametrize("reason", ["max_tokens", "refusal", "pause_turn", "model_context_window_exceeded"])
async def test_an_answer_can_stop_for_any_reason(stand_in, ask, reason):
    stand_in.fault(Fault("stop", after_chars=20, stop_reason=reason))
    text, message, _ = await ask()
    assert (text, message.stop_reason) == (TEXT[:20], reason)
    assert (message.stop_details is not None) == (reason == "refusal")


async def test_a_refusal_can_come_before_any_text(stand_in, ask):
    stand_in.fault(Fault("stop", stop_reason="refusal"))
    text, message, _ = await ask()
    assert (text, message.stop_reason) == ("", "refusal")


async def test_an_answer_that_never_starts_times_out(stand_in, ask):
    stand_in.fault(Fault("never"))
    _, _, error = await ask(timeout=httpx2.Timeout(5, read=0.2))
    assert isinstance(error, anthropic.APITimeoutError)


async def test_a_slow_first_byte_is_only_slow(stand_in, ask):
    stand_in.fault(Fault("slow", seconds=0.1))
    assert (await ask())[0] == TEXT


@pytest.mark.parametrize(
    ("kind", "error_class"),
    [
        ("reset", anthropic.APIConnectionError),
        ("torn", anthropic.APIConnectionError),
        ("lost", anthropic.APIConnectionError),
        ("error_event", anthropic.OverloadedError),
    ],
)
def test_faults_reach_a_whole_answer_too(stand_in, client, kind, error_class):
    stand_in.fault(Fault(kind))
    with pytest.raises(error_class):
        client.messages.create(**body_of())


def test_a_cut_after_the_last_character_leaves_the_block_open(stand_in, client):
    stand_in.fault(Fault("early_end", after_chars=10_000))
    text, message, _ = stream_text(client)
    assert (text, message.stop_reason) == (TEXT, None)


def test_a_fault_plays_as_often_as_asked_and_only_where_it_fits(stand_in, client):
    stand_in.fault(Fault("status", status=500), times=2, where=lambda body: body["max_tokens"] == 7)
    assert client.messages.create(**body_of()).content
    for _ in range(2):
        with pytest.raises(anthropic.InternalServerError):
            client.messages.create(**body_of(max_tokens=7))
    assert client.messages.create(**body_of(max_tokens=7))


def test_other_paths_have_faults_of_their_own(stand_in, client):
    stand_in.fault(Fault("status", status=529, path="/v1/messages/count_tokens"))
    assert client.messages.create(**body_of())
    with pytest.raises(anthropic.OverloadedError):
        client.messages.count_tokens(model="claude-sonnet-5-5", messages=body_of()["messages"])


def test_an_unknown_fault_is_refused_where_it_is_made():
    with pytest.raises(ValueError, match="unknown fault 'gremlins'"):
        Fault("gremlins")  # type: ignore[arg-type]  # what a typo looks like
