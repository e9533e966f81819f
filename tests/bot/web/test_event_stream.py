"""What a client has of a growing text: every way of breaking off and coming back ends with exactly the answer."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.web.event_stream import Seen, sse, wants_stream


def read(pieces, text=""):
    """The text of a client that adds every delta and begins anew at every reset, and the id that it came to."""
    last = ""
    for piece in pieces:
        fields = dict(line.split(": ", 1) for line in piece.strip().splitlines())
        text = "" if fields["event"] == "reset" else text + json.loads(fields["data"])["text"]
        last = fields["id"]
    return text, last


TEXTS = st.lists(st.text(max_size=12), min_size=1, max_size=6)


@given(TEXTS, st.booleans())
def test_whatever_is_shown_in_between_the_end_is_exact(texts, grows):
    shown = ["".join(texts[: count + 1]) for count in range(len(texts))] if grows else texts
    seen = Seen()
    pieces = [piece for text in shown for piece in seen.take(text)] + seen.take(shown[-1], is_whole=True)
    assert read(pieces)[0] == shown[-1]
    assert not grows or all("event: delta" in piece for piece in pieces)


@given(TEXTS, TEXTS, st.data())
def test_whoever_comes_back_goes_on_or_begins_anew_and_ends_exact(first, later, data):
    seen = Seen()
    pieces = [piece for text in first for piece in seen.take(text)]
    kept = data.draw(st.integers(0, len(pieces)))
    text, last = read(pieces[:kept])
    again = Seen(last)
    more = [piece for text_now in later for piece in again.take(text_now)] + again.take(later[-1], is_whole=True)
    assert read(more, text)[0] == later[-1]


def test_what_is_there_is_not_sent_twice():
    seen = Seen()
    _, last = read(seen.take("Because it is."))
    assert Seen(last).take("Because it is.") == []
    assert read(Seen(last).take("Because it is. So."))[0] == " So."
    assert Seen(last).take("") == [], "nothing is known yet: it may still go on"
    assert "reset" in Seen(last).take("", is_whole=True)[0]


@pytest.mark.parametrize("last", ["", "end", "5", "5-", "-x", "x-y", "\u0661-0", "9" * 50 + "-0", "1-" + "0" * 10**5])
def test_a_made_up_id_is_no_way_to_break_it(last):
    assert read(Seen(last).take("Blue."))[0] == "Blue."


def test_an_event_is_one_block_whatever_is_in_it():
    assert sse("delta", {"text": "a\n\nid: b\r\u2028"}, "1-x").count("\n") == 4


def test_who_wants_a_stream():
    assert wants_stream("text/event-stream")
    assert wants_stream("text/html, Text/Event-Stream;q=0.9")
    assert not wants_stream("*/*")
