"""The page of an answer: Markdown as people expect it, nothing from elsewhere, no HTML of the answer's own."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.replies.mail.page import html_of, page


def test_markdown_becomes_elements():
    html = html_of(
        "# Head\n\n1. one\n2. two\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n\n`x` ~~y~~ **z**\n\n```py\nif a < b:\n```\n"
    )
    for element in (
        "<h1",
        "<ol",
        "<table",
        "<th",
        "<td",
        "text-align:right",
        "<code",
        "<s>y</s>",
        "<strong>z</strong>",
        "<pre",
    ):
        assert element in html
    assert "if a &lt; b:" in html


@pytest.mark.parametrize(
    "text",
    [
        "<script>x</script>",
        "a <b onclick=x>b</b>",
        "<img src=x>",
        "[x](javascript:alert(1))",
        "<javascript:x>",
        "[x](data:text/html,x)",
        "[x](file:///etc/passwd)",
        "[x](//evil.example)",
        "[x](JaVaScRiPt:x)",
    ],
)
def test_html_and_odd_links_stay_text(text):
    html = html_of(text)
    assert not re.search(r"<(script|img|b )|href", html)


def test_a_picture_is_a_link_and_nothing_is_fetched():
    html = page(
        "![A *cat*](https://evil.example/p.png?a=1&b=2 'x')", question="<img src=https://evil.example>", heading="<i>"
    )
    assert '<a href="https://evil.example/p.png?a=1&amp;b=2"' in html
    assert ">A cat</a>" in html
    assert not re.search(r"<(img|i|link|iframe|script)\b|url\(|@import|@font-face", html)


def test_links_go_where_they_say():
    assert 'href="https://x.example/a?b=1&amp;c=2"' in html_of("[x](https://x.example/a?b=1&c=2)")
    assert 'href="mailto:a@b.example"' in html_of("<a@b.example>")


def test_no_colour_is_forced_on_the_reader():
    html = page("# x\n\n| a |\n|---|\n| 1 |\n\n`y`\n\n> z", ("note",), "who", "question")
    assert not re.search(r"(?<![-\w])color:(?!#8ab4f8)|background(-color)?:(?!rgba\(127,127,127)", html)


@given(st.text(max_size=300))
def test_any_answer_becomes_a_page(text):
    html = page(text, (text,), text, text)
    assert html.startswith("<!DOCTYPE html>")
    assert not re.search(r"<(img|script|iframe|link|object|form)\b", html)
