"""Markdown for pages: safe, each block one element, and the same while it grows as when it is whole."""

import random
import re

import pytest

from bot.web.markdown import GrowingMarkdown, blocks_of, html_of

TEXT = """# Head

Words with **bold**, `code` and a [link](https://example.com/?a=1&b=2).
A second line.

- one
- two

  of two parts

1. first

| a | b |
|:--|--:|
| 1 | 2 |

> quoted

```py
x = "<b>"

y = 2
```

    indented

Setext
======
***
the end"""


@pytest.mark.parametrize(
    ("text", "never"),
    [
        ("<script>alert(1)</script>", "<script"),
        ("<img src=x onerror=alert(1)>", "<img"),
        ("[x](javascript:alert(1))", "href"),
        ("[x](data:text/html,<script>)", "href"),
        ("![x](https://example.com/p.png)", "<img"),
        ('[x](https://a.b/" onclick="alert)', 'onclick="'),
        ("| a |\n|:-:|\n| b |", "style="),
        ("```\n</code></pre><script>\n```", "<script"),
    ],
)
def test_nothing_in_a_text_becomes_more_than_text_and_links(text, never):
    assert never not in html_of(text)


def test_links_open_apart_and_tell_nobody_where_they_stood():
    assert 'rel="noopener noreferrer nofollow" target="_blank"' in html_of("[x](https://example.com)")


def test_each_block_is_one_element():
    for block, _ in blocks_of(TEXT):
        (name,) = re.findall(r"\A<(\w+)", block)
        assert block.strip().endswith((f"</{name}>", "<hr />"))


@pytest.mark.parametrize("text", [TEXT, TEXT.replace("\n", "\r\n"), "a\u2028b\n\nc\x0bd\n\ne"])
def test_a_text_that_grows_ends_as_it_is_whole(text):
    for seed in range(60):
        chance, growing, at = random.Random(seed), GrowingMarkdown(), 0
        shown: list[str] = []
        while at < len(text):
            at = min(len(text), at + chance.randint(1, 40))
            news = growing.take(text[:at])
            if news:
                # A page drops all elements from that one on, as a list of roots does here.
                shown = [*shown[: news[0]], *roots(news[1])]
        assert shown == roots(html_of(text))


def roots(html):
    """The HTML of each element that stands in no other."""
    found, depth, start = [], 0, 0
    for tag in re.finditer(r"<(/?)(\w+)[^>]*?(/?)>", html):
        depth += -1 if tag[1] else 0 if tag[3] or tag[2] == "br" else 1
        if depth == 0:
            found.append(html[start : tag.end()].strip())
            start = tag.end()
    return found


def test_a_text_that_begins_anew_replaces_everything():
    growing = GrowingMarkdown()
    growing.take("one\n\ntwo\n\nthr")
    assert growing.take("other") == (0, '<p dir="auto">other</p>\n')


def test_what_is_done_is_not_read_again():
    growing = GrowingMarkdown()
    growing.take("one\n\n" * 500 + "tw")
    assert growing.take("one\n\n" * 500 + "two") == (500, '<p dir="auto">two</p>\n')
    assert growing._rest_at == 2_500


def test_each_block_is_written_from_the_side_that_its_words_begin_at():
    text = "שלום\n\n- אחת\n- שתיים\n\n> ציטוט\n\n# כותרת\n\n| א | ב |\n|---|---|\n| 1 | 2 |\n\n```\nx = 1\n```"
    html = html_of(text)
    assert re.findall(r"<(\w+)[^>]* dir=\"auto\"", html) == ["p", "ul", "blockquote", "h1", "div"]
    assert "<li>" in html, "what is inside goes with it, and is what it is judged by"
