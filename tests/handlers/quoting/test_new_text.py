"""What is new in a mail is told from what it quotes, in eleven languages; what people wrote new is never lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.quoting.new_text import part
from tests.handlers.quoting.kept import ABOVE, ABOVE_MARKED, BLOCKS, FORWARDS, SENT_WITH

OLD = "The old answer has two lines.\n\nThis is the second one."
MARKED = "\n".join(f"> {line}" for line in OLD.splitlines())
MARKED_ABOVE = ABOVE | ABOVE_MARKED
NEW = "And for two people?\n\nBest regards\nAnna"


def answer(text: str) -> str:
    return part(text, "Re: A question").new


@pytest.mark.parametrize("program", MARKED_ABOVE)
def test_above_marked_history_is_new(program):
    assert answer(f"{NEW}\n\n{MARKED_ABOVE[program]}\n\n{MARKED}\n") == NEW


@pytest.mark.parametrize("program", ABOVE)
def test_above_history_that_is_not_marked_is_new(program):
    assert answer(f"{NEW}\n\n{ABOVE[program]}\n\n{OLD}\n") == NEW


@pytest.mark.parametrize("program", BLOCKS)
def test_above_a_header_block_is_new(program):
    assert answer(f"{NEW}\n\n{BLOCKS[program]}\n\n{OLD}\n") == NEW


@pytest.mark.parametrize("program", MARKED_ABOVE)
def test_below_history_is_new(program):
    assert answer(f"{MARKED_ABOVE[program]}\n{MARKED}\n\n{NEW}\n") == NEW


@pytest.mark.parametrize("program", MARKED_ABOVE)
def test_between_history_is_new_with_what_it_answers(program):
    said = answer(f"Hi,\n\n{MARKED_ABOVE[program]}\n> First?\n\nYes.\n\n> Second?\n\nNo.\n\n> Third?\n")
    assert "Hi," in said
    assert said.index("First?") < said.index("Yes.") < said.index("Second?") < said.index("No.")
    assert "Third?" not in said


@pytest.mark.parametrize("last", SENT_WITH)
@pytest.mark.parametrize("rest", ["", f"\n\n{ABOVE['gmail en']}\n{MARKED}", f"\n\n{BLOCKS['outlook web en']}\n\n{OLD}"])
def test_what_a_phone_adds_is_not_new(last, rest):
    assert answer(f"{NEW}\n\n{last}{rest}") == NEW


@pytest.mark.parametrize(
    "signature", ["-- \nAnna Berg\nPeople Ltd · +49 228 123", "--\nAnna Berg", "--\n\nSent from my iPhone"]
)
def test_a_signature_is_not_new(signature):
    assert answer(f"What is the price?\n\n{signature}\n") == "What is the price?"
    assert part(f"What is the price?\n\n{signature}\n", answers=False).new == "What is the price?"


@pytest.mark.parametrize("marker", FORWARDS)
def test_a_mail_that_was_passed_on_stays_whole(marker):
    text = f"What do you think?\n\n{marker}\n{BLOCKS['outlook en']}\n\n{OLD}\n\n> older still"
    assert part(text, "A question").new == text
    assert part(text, "Re: A question").new == text


@pytest.mark.parametrize(
    "subject", ["Fwd: x", "FW: x", "WG: x", "TR: x", "RV: x", "I: x", "VB: x", "转发：x", "転送: x", "Doorst: x"]
)
def test_a_subject_that_says_passed_on_keeps_the_mail_whole(subject):
    text = f"Please see.\n\n{BLOCKS['outlook de']}\n\n{OLD}"
    assert part(text, subject).new == text
    assert part(text, f"Re: {subject}").new == "Please see."


@pytest.mark.parametrize(
    "word", ["see my answers below", "Antworten im Text", "voir ci-dessous", "在下面回复", "以下に書きました"]
)
def test_who_points_further_down_is_read_whole(word):
    text = f"{word}\n\n{BLOCKS['outlook en']}\n\nFirst?\nYes!\nSecond?\nNo!"
    assert answer(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "In 2024 my boss wrote:\nthe price is 5.\nIs that right?",
        "On Monday 3 people wrote:\nno\nAre they right?",
        "Compare:\n> 5 kg\n> 6 kg\nWhich is more?",
        "To: my boss\nSubject: a rise\nPlease write that letter.",
        "From: Bonn\nTo: Paris\nWhich train?",
        "Sent with love from Paris.\n\nSent from the bottom of my heart",
        "A list:\n--\nIs that one?",
        "Title\n-----\nText",
        f"{ABOVE['gmail en']}\n\nWhat does the line above mean?",
        "Price:\n\n--\n" + "A long line of somebody's own words, which is no signature at all, as it goes on and on.",
    ],
)
def test_in_doubt_the_text_is_kept(text):
    assert answer(text) == text


def test_nothing_new_at_all_is_kept_whole():
    assert "old answer" in answer(f"{ABOVE['gmail en']}\n{MARKED}")


def test_what_is_taken_away_is_handed_over_as_history():
    parted = part(f"{NEW}\n\n{ABOVE['gmail en']}\n{MARKED}", "Re: x")
    assert "old answer" in parted.history
    assert "two people" not in parted.history


words = st.text(
    st.characters(whitelist_categories=("Ll", "Lu", "Lo", "Nd"), max_codepoint=0x9FFF), min_size=1, max_size=9
)
sentences = st.lists(words, min_size=1, max_size=9).map(lambda found: " ".join(found) + ".")
paragraphs = st.lists(sentences, min_size=1, max_size=4)
quotes = st.lists(sentences, min_size=1, max_size=4).map(lambda found: [f"> {line}" for line in found])
LAST = ("", "\n\nSent from my iPhone", "\n\n-- \nAnna")


@given(
    paragraphs,
    st.sampled_from(list(MARKED_ABOVE.values())),
    quotes,
    paragraphs | st.just([]),
    quotes | st.just([]),
    paragraphs | st.just([]),
)
def test_what_people_wrote_new_around_marked_history_is_never_lost(top, above, first, middle, second, bottom):
    said = answer("\n\n".join(["\n".join(top), above + "\n" + "\n".join(first), *middle, *second, *bottom]))
    assert all(line in said.splitlines() for line in (*top, *middle, *bottom))


@given(paragraphs, st.sampled_from([*ABOVE.values(), *BLOCKS.values()]), paragraphs, st.sampled_from(LAST))
def test_what_people_wrote_new_above_history_is_never_lost(top, above, old, last):
    said = answer("\n\n".join(top) + last + f"\n\n{above}\n\n" + "\n".join(old))
    assert all(line in said.splitlines() for line in top)


@given(st.text(max_size=400), st.text(max_size=30), st.booleans())
def test_any_text_is_parted_and_no_line_with_words_is_lost(text, subject, answers):
    parted = part(text, subject, answers=answers)
    both = (parted.new + "\n" + parted.history).splitlines()
    assert all(line.strip() in {kept.strip() for kept in both} for line in text.splitlines() if line.strip())


@pytest.mark.parametrize("line", ["On " + "1 " * 190 + ":", "On " + "1, " * 60 + " wrote " + "1 <a@b> " * 20 + ":"])
def test_a_mail_that_is_made_to_keep_us_busy_stays_whole(line):
    text = "\n".join([line] * 500)
    assert answer(text) == text
