"""The tests of Markdown in Slack's own markup, and in plain words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.replies.slack.mrkdwn import plain_words, to_mrkdwn

J = "\u2060"


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("a **b** *c* ~~d~~ `e`", "a *b* _c_ ~d~ `e`"),
        ("# Big **one**", "*Big one*"),
        ("[x](https://a.example/y?z=1&q=2)", "<https://a.example/y?z=1&amp;q=2|x>"),
        ("<https://a.example>", "<https://a.example>"),
        ("[x](./local.md)", "x (./local.md)"),
        ("![alt](https://a.example/p.png)", "<https://a.example/p.png|alt>"),
        ("- a\n- b\n  - c\n", "• a\n• b\n    • c"),
        ("3. a\n4. b\n", "3. a\n4. b"),
        ("> q\n> r\n\nx", "> q\n> r\n\nx"),
        ("```py\nif a < b:\n    pass\n```", "```\nif a &lt; b:\n    pass\n```"),
        ("a < b && c", "a &lt; b &amp;&amp; c"),
        (f"<{J}!channel> `<{J}@U1>`", "&lt;!channel&gt; `&lt;@U1&gt;`"),
        ("<b>x</b> <!-- c -->", "&lt;b&gt;x&lt;/b&gt; &lt;!-- c --&gt;"),
        ("a\nb\n\nc\n\n---\n", "a\nb\n\nc\n\n———"),
        ("| A | Long |\n|---|---|\n| **1** | 2 |", "```\nA | Long\n--+-----\n1 | 2\n```"),
    ],
)
def test_markdown_becomes_slacks_own_markup(text, made):
    assert to_mrkdwn(text) == made


@given(st.text(alphabet="ab<>@!#U1|*_`~[]()\n -.:/", max_size=200))
def test_nothing_in_it_is_a_token_of_slacks_but_links(text):
    made = to_mrkdwn(text)
    assert all(made.startswith(("<http", "<mailto"), at) for at, char in enumerate(made) if char == "<")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("**Hi**, *you* and _you_", "Hi, you and you"),
        ("# Title\n\nText with `code` and [a link](https://x.example/y_(z)).", "Title\nText with code and a link."),
        ("- one\n- **two**\n1. three", "• one\n• two\n1. three"),
        ("```py\nx = 1\n```\nend", "x = 1\n\nend".replace("\n\n", "\n")),
        ("| A | B |\n|---|---|\n| 1 | 2 |", "A | B\n1 | 2"),
        ("> quoted\n\n---\nsnake_case_name 2 * 3 * 4", "quoted\nsnake_case_name 2 * 3 * 4"),
        ("<https://x.example>", "https://x.example"),
        ("~~no~~ ***both***", "no both"),
    ],
)
def test_a_notification_has_the_words_without_the_marks(text, words):
    assert plain_words(text) == words
