"""What a batch says of one request is read as a call by day is."""

import pytest

from bot.errors import SETTING, Refused
from bot.events import Usage
from handlers.claude.answering import CUT, DECLINED
from handlers.claude.entry import CANCELED, EXPIRED, SHORTEN, UNREADABLE, AskAgain, bill_of, mended, read_entry
from handlers.claude.prices import cost_usd
from tests.handlers.claude.conftest import ask_of


def message(text="Blue.", stop_reason="end_turn", **usage):
    content = [{"type": "thinking", "thinking": "Hm.", "signature": "s"}, {"type": "text", "text": text}]
    counted = {"input_tokens": 100, "output_tokens": 20, **usage}
    said = {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-sonnet-5-5", "content": content}
    return {"type": "succeeded", "message": {**said, "stop_reason": stop_reason, "usage": counted}}


def errored(kind="api_error", words="Internal server error"):
    return {"type": "errored", "error": {"type": "error", "error": {"type": kind, "message": words}}}


def read(result, *, shortens=False):
    return read_entry(result, 4000, shortens=shortens, duration_s=3.0)


def test_a_whole_answer_has_its_text_its_tokens_and_half_the_price():
    answer = read(message(cache_read_input_tokens=7))
    assert (answer.text, answer.stop_reason, answer.notes, answer.duration_s) == ("Blue.", "end_turn", (), 3.0)
    assert answer.usage == Usage(100, 20, cache_read_tokens=7)
    assert answer.cost_usd == pytest.approx(cost_usd("claude-sonnet-5-5", answer.usage) / 2)


@pytest.mark.parametrize(("reason", "note"), [("max_tokens", CUT), ("refusal", DECLINED)])
def test_an_answer_that_stopped_early_says_so_as_by_day(reason, note):
    assert read(message(stop_reason=reason)).notes == (note,)


@pytest.mark.parametrize(
    ("result", "words"),
    [
        ({"type": "expired"}, EXPIRED),
        ({"type": "canceled"}, CANCELED),
        ({"type": "lost"}, UNREADABLE),
        ({}, UNREADABLE),
        ({"type": "succeeded"}, UNREADABLE),
        ({"type": "succeeded", "message": {"content": None}}, UNREADABLE),
    ],
)
def test_what_brought_nothing_is_asked_again(result, words):
    with pytest.raises(AskAgain, match=words):
        read(result)
    assert bill_of(result).cost_usd == 0


@pytest.mark.parametrize(
    "result", [errored(), errored("overloaded_error"), message(" "), message(stop_reason="pause_turn")]
)
def test_a_passing_fault_is_asked_again_as_it_was(result):
    with pytest.raises(AskAgain) as caught:
        read(result)
    assert caught.value.mend is None


def test_a_question_that_is_refused_for_its_files_is_mended_before_it_is_asked_again():
    with pytest.raises(AskAgain) as caught:
        read(errored("invalid_request_error", "thinking: not supported for this model"))
    assert mended(ask_of(), [caught.value.mend or {}]).bare


def test_an_answer_at_the_end_of_the_window_is_asked_again_without_the_oldest_turns():
    with pytest.raises(AskAgain) as caught:
        read(message(stop_reason="model_context_window_exceeded"), shortens=True)
    assert caught.value.mend == SHORTEN
    assert read(message(stop_reason="model_context_window_exceeded")).notes == (CUT,)


@pytest.mark.parametrize(
    ("result", "code"),
    [
        (errored("authentication_error", "invalid"), SETTING),
        (errored("billing_error", "no credit"), ""),
        (message("", stop_reason="max_tokens"), ""),
        ({"type": "refused", "words": "No.", "code": SETTING}, SETTING),
    ],
)
def test_what_no_other_batch_would_change_is_refused(result, code):
    with pytest.raises(Refused) as caught:
        read(result)
    assert caught.value.code == code
