"""The tests of what is a wish to stop, and what is a question that holds the word."""

import pytest

from triggers.slack.stop_words import is_stop

BOT = "U0BELLHOP"


@pytest.mark.parametrize(
    "text",
    [
        "stop",
        "Stop.",
        "STOP",
        "stop!!",
        "*stop*",
        "_stop_",
        "`stop`",
        "~stop~",
        f"<@{BOT}> stop",
        f"<@{BOT}|bot>, stop!",
        f"stop <@{BOT}>",
        "please stop",
        "stop please",
        "stop, please!",
        "cancel",
        "Cancel that",
        "stopp",
        "halt",
        "abbrechen",
        "bitte abbrechen",
        "brich ab",
        "hör auf!",
        "stop now",
        "stop it",
        "ok stop",
        "stop :octagonal_sign:",
        "🛑 stop",
        "stop stop stop",
        "abort",
        "arrête",
        "s’il te plaît arrête",
        "para",
        "стоп",
        "停止",
        "stop writing",
        "never mind",
    ],
)
def test_the_bare_word_in_any_dress_is_a_wish_to_stop(text):
    assert is_stop(text, BOT)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "please",
        "stop?",
        "stop the deploy at noon?",
        "stop the deploy at noon",
        "when does the bus stop",
        "cancel my order",
        "how do I stop a container",
        "<@U0ANNA> stop",
        f"<@{BOT}> what does halt mean",
        "don't stop",
        "do not cancel",
        "non-stop",
        "full stop",
        "stop and go",
        "the bus stop",
        "?",
        f"<@{BOT}>",
        "thank you",
        "stopping",
        "it",
        "we cancel the meeting",
        "stop loss explained",
        "is it ok to cancel?",
    ],
)
def test_a_sentence_that_holds_the_word_is_no_wish_to_stop(text):
    assert not is_stop(text, BOT)
