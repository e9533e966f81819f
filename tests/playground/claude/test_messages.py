"""The endpoints as the real SDK sees them: messages whole and streamed, token counts, models."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from typing import Any

import anthropic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.claude import Fault, Pace
from playground.claude.turn import deltas
from tests.playground.claude.asking import MODEL, body_of, stream_text, stream_text_async

pytestmark = pytest.mark.anyio

EVERY_SCRIPT = (
    "h\u00e9llo e\u0301a\u0308 \U0001f469\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466 \U0001f1e8\U0001f1ed "
    "\u4e16\u754c\uff0c\u4f60\u597d\u3002 \u0928\u092e\u0938\u094d\u0924\u0947 \u0e01\u0e47 \U0001d518 "
    '\u2028 \u0085 \x0b a\tb\r\nc \\ " </answer> '
) * 6
"""Accents in two forms, emoji families and flags, CJK, Devanagari, Thai, and everything that looks like a line end."""


def test_an_answer_has_the_vendors_shape(client):
    message = client.messages.create(**body_of("What is 17 + 25?"))
    assert message.content[-1].text == "17 + 25 = 42"
    assert (message.stop_reason, message.model, message.role) == ("end_turn", MODEL, "assistant")
    assert message.usage.input_tokens > 0
    assert message.usage.output_tokens > message.usage.output_tokens_details.thinking_tokens > 0
    assert message._request_id.startswith("req_")


def test_a_stream_has_the_vendors_events_in_order(client):
    with client.messages.create(**body_of("2 + 2"), stream=True) as stream:
        names = [name for name, _ in itertools.groupby(event.type for event in stream)]
    thinking = ["content_block_start", "content_block_delta", "content_block_stop"]
    text = ["content_block_start", "content_block_delta", "content_block_stop"]
    assert names == ["message_start", *thinking, *text, "message_delta", "message_stop"]


def test_pings_are_in_the_stream_though_the_sdk_hides_them(post):
    assert 'event: ping\ndata: {"type": "ping"}\n\n' in post(body_of(stream=True)).text


def test_streamed_and_whole_answers_say_the_same(client):
    streamed, message, _ = stream_text(client, "a long text about bridges")
    whole = client.messages.create(**body_of("a long text about bridges"))
    assert streamed == whole.content[-1].text == message.content[-1].text
    assert len(streamed) > 4000
    assert whole.usage.output_tokens == message.usage.output_tokens


def test_thinking_is_on_by_default_and_its_text_is_left_out(client):
    block = client.messages.create(**body_of()).content[0]
    assert (block.type, block.thinking) == ("thinking", "")
    assert block.signature


def test_thinking_can_be_shown(client):
    shown = client.messages.create(**body_of(), thinking={"type": "adaptive", "display": "summarized"})
    assert shown.content[0].thinking
    with client.messages.stream(**body_of(), thinking={"type": "adaptive", "display": "summarized"}) as stream:
        assert stream.get_final_message().content[0].thinking == shown.content[0].thinking


@pytest.mark.parametrize("more", [{"thinking": {"type": "between_tools"}}, {"output_config": {"effort": "low"}}])
def test_without_thinking_the_first_block_is_text(client, more):
    assert client.messages.create(**body_of(), **more).content[0].type == "text"


def test_text_torn_at_any_byte_arrives_the_same(stand_in, client):
    stand_in.answer_with(EVERY_SCRIPT)
    for seed in range(12):
        stand_in.fault(Fault("split", seed=seed))
        text, message, error = stream_text(client)
        assert error is None
        assert text == message.content[-1].text == EVERY_SCRIPT


async def test_text_torn_at_any_byte_arrives_the_same_async(stand_in, async_client):
    stand_in.answer_with(EVERY_SCRIPT)
    stand_in.split_seed = 7
    for _ in range(4):
        text, message, error = await stream_text_async(async_client)
        assert error is None
        assert text == message.content[-1].text == EVERY_SCRIPT


def test_an_answer_over_max_tokens_is_cut(client):
    message = client.messages.create(**body_of("a long essay on tea", max_tokens=100))
    assert message.stop_reason == "max_tokens"
    assert message.usage.output_tokens <= 100


def test_max_tokens_of_zero_only_warms_the_cache(client):
    message = client.messages.create(**body_of(max_tokens=0))
    assert (message.content, message.usage.output_tokens) == ([], 0)


def test_a_stop_sequence_ends_the_answer(stand_in, client):
    stand_in.answer_with("one two STOP three")
    message = client.messages.create(**body_of(), stop_sequences=["STOP"])
    assert (message.content[-1].text, message.stop_sequence) == ("one two ", "STOP")
    assert message.stop_reason == "stop_sequence"


def test_a_full_window_ends_the_answer(stand_in, client):
    stand_in.window_tokens = 200
    message = client.messages.create(**body_of("a long essay on tea"))
    assert message.stop_reason == "model_context_window_exceeded"


def test_a_prompt_over_the_window_is_refused_with_both_figures(stand_in, client):
    stand_in.window_tokens = 50
    with pytest.raises(anthropic.BadRequestError, match=r"prompt is too long: \d+ tokens > 50 maximum"):
        client.messages.create(**body_of("word " * 100))


def test_tokens_are_counted_as_they_are_billed(client):
    counted = client.messages.count_tokens(model=MODEL, messages=[{"role": "user", "content": "How many?"}])
    billed = client.messages.create(**body_of("How many?")).usage.input_tokens
    assert counted.input_tokens == billed


def test_counting_a_prompt_over_the_window_works(stand_in, client):
    stand_in.window_tokens = 50
    messages = [{"role": "user", "content": "word " * 100}]
    assert client.messages.count_tokens(model=MODEL, messages=messages).input_tokens > 50


def test_a_marked_prefix_is_written_once_and_read_after(stand_in, client):
    system = [{"type": "text", "text": "Rules. " * 400, "cache_control": {"type": "ephemeral"}}]
    first = client.messages.create(**body_of("One"), system=system).usage
    second = client.messages.create(**body_of("Two"), system=system).usage
    assert first.cache_creation_input_tokens == second.cache_read_input_tokens > 900
    assert (first.cache_read_input_tokens, second.cache_creation_input_tokens) == (0, 0)
    assert first.cache_creation.ephemeral_5m_input_tokens == first.cache_creation_input_tokens


def test_models_tell_their_limits(client):
    models = {model.id: model for model in client.models.list()}
    assert models[MODEL].max_tokens == 128_000
    assert models[MODEL].max_input_tokens == 1_000_000
    assert models[MODEL].capabilities.thinking.types.between_tools.supported
    assert not models[MODEL].capabilities.thinking.types.disabled.supported
    assert client.models.retrieve(MODEL) == models[MODEL]


def test_models_come_in_pages(client):
    ids = [model.id for model in client.models.list(limit=3)]
    assert len(ids) == len(set(ids)) > 3


def test_everything_received_is_recorded_without_the_key(stand_in, client):
    client.messages.create(**body_of("Remember me"))
    request = stand_in.requests[-1]
    assert (request.method, request.path) == ("POST", "/v1/messages")
    assert request.body["messages"][0]["content"] == "Remember me"
    assert request.headers["authorization"] == "…"
    assert request.headers["anthropic-version"] == "2026-10-21"


def test_calls_tokens_and_concurrency_are_counted(stand_in, client):
    usage = client.messages.create(**body_of()).usage
    assert stand_in.tally.calls == 1
    assert (stand_in.tally.input_tokens, stand_in.tally.output_tokens) == (usage.input_tokens, usage.output_tokens)
    assert (stand_in.tally.in_flight, stand_in.tally.max_in_flight) == (0, 1)


def test_a_caller_that_comes_back_at_once_is_never_counted_twice(stand_in, client):
    for kind in ("reset", "torn", "early_end") * 3:
        stand_in.fault(Fault(kind))
        stream_text(client)
        client.messages.create(**body_of())
    assert stand_in.tally.max_in_flight == 1
    assert stand_in.disconnects == []


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_the_pieces_of_a_text_are_the_text(text):
    assert "".join(deltas(text)) == text


def test_a_caller_that_leaves_is_noticed_with_what_it_had_got(stand_in, client):
    stand_in.answer_with("word " * 2000)
    stand_in.pace = Pace(tokens_per_s=200)
    with client.messages.stream(**body_of()) as stream:
        got = next(iter(stream.text_stream))
    wait_for(lambda: stand_in.disconnects)
    left = stand_in.disconnects[0]
    assert len(got) <= left.chars < left.total_chars == 10_000
    wait_for(lambda: stand_in.tally.in_flight == 0)


def test_a_paused_turn_goes_on_when_it_comes_back(stand_in, client):
    stand_in.answer_with("first half, second half")
    stand_in.fault(Fault("stop", after_chars=11, stop_reason="pause_turn"))
    first = client.messages.create(**body_of())
    assert (first.stop_reason, first.content[-1].text) == ("pause_turn", "first half,")
    messages = [*body_of()["messages"], {"role": "assistant", "content": first.content}]
    second = client.messages.create(**{**body_of(), "messages": messages})
    assert (second.stop_reason, second.content[-1].text) == ("end_turn", " second half")


def wait_for(holds: Callable[[], Any]) -> None:
    deadline = time.monotonic() + 5
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert holds()
