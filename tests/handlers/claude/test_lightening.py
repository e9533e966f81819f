"""Tests of what is left out of a question, and in which order: the oldest files first, the question itself never."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.claude.ask import File, blocks_of, parts_of
from handlers.claude.lightening import fitting, lighter
from handlers.claude.refusal import Refusal

PDF = {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0="}}
PICTURE = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBOR"}}


def once(messages, refusal, tries=0):
    """What is left out next; there is something."""
    found = lighter(messages, refusal, tries)
    assert found is not None
    return found


def words(text):
    return {"type": "text", "text": text}


def report(name, pages=1, *, own=False):
    return File(name, (words("<f>"), PDF, words("</f>")), pages, own)


def photo(name, *, own=False):
    return File(name, (words("<f>"), PICTURE, words("</f>")), 0, own)


def thread(*earlier, own=()):
    """Each earlier part in a message of its own, answered; then the question with its own files."""
    messages = []
    for part in earlier:
        messages += [
            {"role": "user", "content": [part, words("see this")]},
            {"role": "assistant", "content": [words("ok")]},
        ]
    return (*messages, {"role": "user", "content": [*own, words("what is 2+2")]})


def names(messages):
    return [part.name for message in messages for part in parts_of(message) if isinstance(part, File) and not part.gone]


def steps(messages, refusal):
    """What is left out, step by step, when the refusal stays."""
    left_out: list[str] = []
    while (found := lighter(messages, refusal, len(left_out))) is not None:
        left_out.append(found.what)
        messages = found.messages
    return left_out, messages


def test_pages_are_counted_over_the_whole_request_and_the_newest_are_kept():
    found = fitting(thread(report("old.pdf", 60), report("new.pdf", 60)), 0)
    assert [one.note for one in found] == ["Left out: old.pdf (60 pages): a request may hold 100 pages and pictures."]
    assert names(found[0].messages) == ["new.pdf"]


def test_the_questions_own_files_come_first_and_small_older_ones_still_fit():
    messages = thread(report("small.pdf", 5), report("large.pdf", 60), own=[report("own.pdf", 90, own=True)])
    assert names(fitting(messages, 0)[-1].messages) == ["small.pdf", "own.pdf"]


def test_pictures_and_pages_count_together():
    messages = thread(*[photo(f"{n}.png") for n in range(30)], own=[report("own.pdf", 80, own=True)])
    assert names(fitting(messages, 0)[-1].messages) == [f"{n}.png" for n in range(10, 30)] + ["own.pdf"]


def test_of_two_files_of_one_question_the_first_is_kept():
    found = fitting(thread(own=[report("a.pdf", 60, own=True), report("b.pdf", 60, own=True)]), 0)
    assert (names(found[-1].messages), found[-1].bare) == (["a.pdf"], False)
    assert "b.pdf (60 pages)" in found[-1].note


def test_bytes_are_counted_over_the_whole_request():
    big = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "A" * 20_000_000}}
    old, own = File("old.png", (big,)), File("own.png", (big,), own=True)
    found = fitting(thread(old, own=[own]), 100)
    assert found[-1].note == "Left out: old.png: a request may hold 32 MB."
    assert fitting(thread(old), 100) == []


def test_what_fits_is_left_alone():
    assert fitting(thread(report("a.pdf", 50), own=[report("b.pdf", 50, own=True)]), 0) == []


def test_a_file_that_is_named_goes_alone_and_claude_is_told_where_it_stood():
    messages = thread(photo("good.png"), photo("bad.png"), own=[photo("own.png", own=True)])
    found = once(messages, Refusal("picture", "it is broken", place=(2, 1)))
    assert names(found.messages) == ["good.png", "own.png"]
    assert found.note == "Left out: bad.png: it is broken."
    assert blocks_of(found.messages[2])[0]["text"] == "(A file was left out here: it is broken.)"


def test_without_a_name_the_oldest_pictures_go_first_then_all_then_the_own_and_other_files_last():
    own = [photo("4.png", own=True), report("own.pdf", own=True)]
    messages = thread(photo("1.png"), report("a.pdf"), photo("2.png"), photo("3.png"), own=own)
    left_out, rest = steps(messages, Refusal("picture", "broken"))
    assert left_out == ["1.png, 2.png", "3.png", "4.png", "the earlier messages of this conversation", "own.pdf"]
    assert len(rest) == 1


def test_an_unknown_refusal_costs_files_then_the_conversation_then_the_own_files():
    messages = thread(photo("1.png"), report("a.pdf"), own=[photo("4.png", own=True)])
    left_out, rest = steps(messages, Refusal("any", "refused"))
    assert left_out == ["1.png", "a.pdf", "the earlier messages of this conversation", "4.png"]
    assert len(rest) == 1


def test_the_limit_that_was_told_counts_whichever_file_was_named():
    messages = thread(report("old.pdf", 30), own=[report("own.pdf", 40, own=True)])
    found = once(messages, Refusal("media", "50 pages", most=50, place=(2, 1)))
    assert names(found.messages) == ["own.pdf"]


def test_a_place_in_an_earlier_message_costs_the_conversation_at_once():
    messages = thread(photo("1.png"))
    assert once(messages, Refusal("any", "odd", place=(1, 0))).what == "the earlier messages of this conversation"


def test_the_questions_own_words_are_never_left_out():
    messages = thread(photo("1.png"))
    assert lighter(messages, Refusal("any", "odd", place=(2, 0)), 0) is None
    assert lighter(thread(), Refusal("any", "odd"), 0) is None


def test_other_peoples_messages_in_front_of_the_question_are_conversation_too():
    merged = ({"role": "user", "content": [words("Eve: odd"), photo("1.png"), words("what is 2+2")]},)
    left_out, rest = steps(merged, Refusal("any", "odd"))
    assert left_out == ["1.png", "the earlier messages of this conversation"]
    assert blocks_of(rest[0]) == [words("what is 2+2")]


def test_the_line_that_says_who_asks_is_no_conversation():
    asked = [words("[Friday 19:30] Anna:"), words("what is 2+2")]
    assert lighter(({"role": "user", "content": asked},), Refusal("any", "odd"), 0) is None
    _, rest = steps(({"role": "user", "content": [words("Eve: odd"), *asked]},), Refusal("any", "odd"))
    assert blocks_of(rest[0]) == asked


def test_a_place_that_is_not_there_is_no_place():
    assert once(thread(photo("1.png")), Refusal("picture", "odd", place=(9, 9))).what == "1.png"


FILES = st.lists(st.tuples(st.booleans(), st.integers(1, 120)), max_size=8)
CAUSES = st.sampled_from(["pdf", "picture", "file", "media", "size", "any"])
PLACES = st.none() | st.tuples(st.integers(0, 20), st.integers(0, 9))


@given(FILES, FILES, CAUSES, st.none() | st.integers(1, 200), PLACES)
def test_every_refusal_ends_after_few_steps_with_the_question_whole(earlier, own, cause, most, place):
    messages = thread(
        *[report(f"{n}.pdf", pages) if is_pdf else photo(f"{n}.png") for n, (is_pdf, pages) in enumerate(earlier)],
        own=[
            report(f"own{n}.pdf", pages, own=True) if is_pdf else photo(f"own{n}.png", own=True)
            for n, (is_pdf, pages) in enumerate(own)
        ],
    )
    left_out, rest = steps(messages, Refusal(cause, "odd", most, place))
    assert len(left_out) <= 12
    assert blocks_of(rest[-1])[-1] == words("what is 2+2")
    assert rest[0]["role"] == "user"


@pytest.mark.parametrize("cause", ["pdf", "picture", "any", "media", "size"])
def test_every_step_leaves_less(cause):
    messages = thread(report("a.pdf", 9), photo("b.png"), own=[report("c.pdf", 9, own=True), photo("d.png", own=True)])
    sizes: list[int] = []
    while (found := lighter(messages, Refusal(cause, "odd"), len(sizes))) is not None:
        sizes.append(len(names(messages)) + len(messages))
        messages = found.messages
        assert len(names(messages)) + len(messages) < sizes[-1]
