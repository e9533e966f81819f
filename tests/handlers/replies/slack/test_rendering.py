"""The tests of what a message looks like."""

from hypothesis import given
from hypothesis import strategies as st

from handlers.replies.slack.rendering import (
    SHAPES,
    Shape,
    Tail,
    fallback,
    notice,
    render_answer,
    render_message,
    render_partial,
)
from tests.bot.doors.slack.fake_slack import refusal, visible

MARKDOWN, SECTION = SHAPES[0], Shape("section", 8_000)


def test_the_text_is_the_answer_and_the_rest_stands_apart():
    tail = Tail(("m · 1.0 s · $0.01",), (("bellhop_retry", "Retry"),))
    made = render_message("**Hi**", MARKDOWN, tail, "e1")
    assert [block["type"] for block in made.blocks] == ["markdown", "context", "actions"]
    assert made.blocks[0] == {"type": "markdown", "text": "**Hi**"}
    assert made.blocks[1]["elements"][0]["text"] == "m · 1.0 s · $0.01"
    assert made.blocks[2]["elements"][0]["value"] == "e1"
    assert made.text == "Hi"


def test_only_the_last_of_several_messages_has_small_print_and_buttons():
    first, last = render_answer("x" * 11_001, MARKDOWN, Tail(("note",), (("a", "A"),)), "e1")
    assert [len(first.blocks), len(last.blocks)] == [1, 3]


def test_a_growing_answer_shows_three_messages_at_most():
    assert len(render_partial("x" * 50_000, MARKDOWN, Tail((), (("a", "A"),)), "e1")) == 3


def test_sections_hold_the_text_in_slacks_escapes_and_within_their_length():
    text = ("a < b & c\n" * 1_000).rstrip()
    for made in render_answer(text, SECTION, Tail(), "e1"):
        assert refusal(list(made.blocks)) is None
        assert all(block["text"]["verbatim"] for block in made.blocks)
    shown = "\n".join(visible(list(made.blocks)) for made in render_answer(text, SECTION, Tail(), "e1"))
    assert shown == text.replace("&", "&amp;").replace("<", "&lt;")


def test_an_empty_answer_has_no_empty_block():
    assert [block["type"] for block in render_message(" \n", MARKDOWN, Tail(("nothing",)), "e1").blocks] == ["context"]


def test_a_notice_cannot_be_taken_for_an_answer():
    made = notice("No money left <!channel>", (), "e1")
    assert made.blocks[0]["text"]["type"] == "plain_text"
    assert "<!channel>" not in repr(made)


@given(st.text(max_size=600))
def test_the_fallback_is_short_and_never_empty(text):
    assert 0 < len(fallback(text)) <= 300
