"""The tests of how a long text becomes several messages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.replies.slack.pages import open_fence, pages


def test_a_short_text_is_one_page_as_it_is():
    assert [page.text for page in pages("Hi\n", 100, finished=True)] == ["Hi\n"]
    assert [page.text for page in pages("", 100, finished=True)] == [""]


def test_a_page_ends_behind_a_paragraph_if_that_leaves_it_half_full():
    text = "a" * 60 + "\n\n" + "b" * 30 + "\n" + "c" * 30
    assert [page.body for page in pages(text, 100, finished=True)] == ["a" * 60 + "\n\n", "b" * 30 + "\n" + "c" * 30]


def test_a_fence_is_closed_and_reopened_in_its_language():
    text = "intro\n```python\n" + "x = 1\n" * 30 + "```\nend"
    first, second = (page.text for page in pages(text, 150, finished=True))
    assert first.endswith("x = 1\n```")
    assert second.startswith("```python\nx = 1\n")
    assert second.endswith("```\nend")


def test_a_table_is_not_cut_when_there_is_prose_to_cut_behind():
    text = "p" * 70 + "\n" + "| a | b |\n" * 10
    assert pages(text, 100, finished=True)[0].body == "p" * 70 + "\n"


HEAD = "| Name | Value |\n|------|-------|\n"


@pytest.mark.parametrize("head", [HEAD, "Name | Value\n--- | ---\n", "| N |\n|:-:|\n"])
def test_a_table_over_several_pages_has_its_head_on_each(head):
    rows = [f"| row {number} | x |\n" for number in range(40)]
    made = pages("Intro\n\n" + head + "".join(rows), 200, finished=True)
    assert len(made) > 2
    assert [page.text.startswith(head) for page in made[1:]] == [True] * (len(made) - 1)
    assert "".join(page.body for page in made) == "Intro\n\n" + head + "".join(rows)


def test_a_head_is_not_repeated_behind_its_table_nor_in_a_fence_nor_for_prose():
    table = HEAD + "| a | b |\n" * 8
    behind = pages(table + "\n" + "prose x\n" * 40, 120, finished=True)
    assert [page.text.count("| Name |") for page in behind if "prose" in page.text] == [0, 0, 0]
    fenced = pages("```\n" + HEAD + "| a | b |\n" * 30 + "```", 150, finished=True)
    assert sum(page.text.count("| Name |") for page in fenced) == 1


def test_a_page_does_not_end_between_a_tables_head_and_its_rule():
    for before in range(60, 100):
        made = pages("x" * before + "\n\n" + HEAD + "| a | b |\n" * 20, 120, finished=True)
        assert not any(page.body.endswith("| Name | Value |\n") for page in made)


def test_an_open_fence_is_closed_for_now_and_left_alone_in_the_end():
    assert pages("```\nx", 100, finished=False)[0].text == "```\nx\n```"
    assert pages("```\nx", 100, finished=True)[0].text == "```\nx"


@pytest.mark.parametrize("text", ["x" * 250, "漢" * 250, "😀" * 250])
def test_a_text_without_any_break_is_cut_at_the_limit(text):
    assert [len(page.body) for page in pages(text, 100, finished=True)] == [100, 100, 50]


@given(st.text(alphabet="ab `~|\n", max_size=400), st.integers(20, 80))
def test_the_bodies_are_the_text_and_every_page_is_whole(text, limit):
    made = pages(text, limit, finished=True)
    assert "".join(page.body for page in made) == text
    assert all(len(page.body) <= limit for page in made)
    assert all(open_fence(page.text) is None for page in made[:-1])


@given(st.text(alphabet="ab `\n", max_size=300), st.integers(0, 300))
def test_a_finished_page_stays_as_it_is_while_the_text_grows(text, upto):
    before = pages(text[:upto], 50, finished=False)
    after = pages(text, 50, finished=False)
    assert [page.text for page in before[:-1]] == [page.text for page in after[: len(before) - 1]]
