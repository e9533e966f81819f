"""What the page of an event says of it: whole sentences, whoever wrote the reason."""

from datetime import UTC, datetime

import pytest

from bot.web.event_page import status_words, tab_words

UNTIL = datetime(2126, 11, 29, 15, 45, tzinfo=UTC)


@pytest.mark.parametrize(
    ("state", "reason", "until", "words"),
    [
        ("waiting", "Claude is busy", UNTIL, "Claude is busy until about 29 November, 15:45 UTC; I answer then."),
        ("waiting", "waits for the next batch", None, "Waits for the next batch; I answer as soon as that is over."),
        ("waiting", "It waits for another.", None, "It waits for another; I answer as soon as that is over."),
        ("failed", "two batches brought no answer.", None, "Two batches brought no answer."),
        ("failed", "", None, "There is no answer."),
        ("working", "", None, "Writing the answer"),
    ],
)
def test_the_state_is_told_in_a_sentence_that_begins_and_ends_once(state, reason, until, words):
    assert status_words(state, reason, until) == words


@pytest.mark.parametrize(
    ("state", "words"),
    [("received", "On its way: Tell us"), ("answered", "Answered: Tell us"), ("failed", "No answer: Tell us")],
)
def test_a_tab_among_others_tells_whether_the_answer_is_there(state, words):
    assert tab_words("Tell us", state) == words
