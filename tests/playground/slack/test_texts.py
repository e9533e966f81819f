"""The tests of text: how typing is encoded, what is visible, what pings, how long posts are cut."""

import pytest

from playground.slack.texts import encode_typing, pings_in, rich_text_of, split_post, visible_text

NAMES = {"bellhop": "U0BELLHOP", "anna": "U0ANNA"}


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("@bellhop hi", "<@U0BELLHOP> hi"),
        ("a < b & c", "a &lt; b &amp; c"),
        ("see https://x.y/z?a=1", "see <https://x.y/z?a=1>"),
        ("mail me@anna.example", "mail me@anna.example"),
        ("@nobody", "@nobody"),
        ("<@U0ANNA> <!here> <#C0HELP>", "<@U0ANNA> <!here> <#C0HELP>"),
    ],
)
def test_typing_is_sent_as_a_client_sends_it(typed, sent):
    assert encode_typing(typed, NAMES) == sent


def test_rich_text_carries_mentions_and_links_apart():
    elements = rich_text_of("<@U0ANNA> a &lt; b <https://x.y>")["elements"][0]["elements"]
    assert [one["type"] for one in elements] == ["user", "text", "link"]
    assert elements[1]["text"] == " a < b "


def test_furniture_is_not_part_of_the_visible_text():
    blocks = [
        {"type": "markdown", "text": "answer"},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "footer"}]},
        {"type": "actions", "elements": [{"type": "button", "text": {"type": "plain_text", "text": "Stop"}}]},
    ]
    assert visible_text("fallback", blocks) == "answer"
    assert visible_text("alone", []) == "alone"


@pytest.mark.parametrize(
    ("text", "pings"),
    [
        ("<!channel> <!channel|all>", ("!channel",)),
        ("<@U0ANNA|anna>", ("@U0ANNA",)),
        ("&lt;!channel&gt; < !here> <!date^1^x|y>", ()),
        ("<!subteam^S12>", ("!subteam^S12",)),
    ],
)
def test_tokens_ping(text, pings):
    assert pings_in(text, []) == pings


def test_rich_text_pings_without_tokens():
    section = {
        "type": "rich_text_section",
        "elements": [{"type": "user", "user_id": "U0BEN"}, {"type": "broadcast", "range": "here"}],
    }
    assert pings_in("", [{"type": "rich_text", "elements": [section]}]) == ("@U0BEN", "!here")


def test_a_long_text_is_cut_at_a_line_and_nothing_is_lost():
    text = "```\n" + "row\n" * 2000 + "```"
    pieces = split_post(text, 4000)
    assert "".join(pieces) == text
    assert all(len(piece) <= 4000 for piece in pieces)
    assert pieces[0].endswith("\n")
