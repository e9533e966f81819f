import json

from hypothesis import given
from hypothesis import strategies as st

from bot.doors.folder.filenames import from_text, readable, to_text

ANY_NAME = st.binary(min_size=1, max_size=60).map(
    lambda raw: raw.replace(b"\0", b"?").decode("utf-8", "surrogateescape")
)


@given(ANY_NAME)
def test_any_name_comes_back_as_it_was(name):
    text = to_text(name)
    assert from_text(text) == name
    assert from_text(json.loads(json.dumps(text))) == name
    text.encode("utf-8")


@given(ANY_NAME, ANY_NAME)
def test_different_names_never_become_the_same_text(one, other):
    assert (to_text(one) == to_text(other)) == (one == other)


@given(ANY_NAME)
def test_what_people_read_is_one_printable_line(name):
    assert readable(name).isprintable()


@given(st.text(st.characters(min_codepoint=0xD7F0, max_codepoint=0xE010), max_size=9))
def test_half_an_emoji_is_replaced_for_people_and_escaped_for_storage(name):
    readable(name).encode("utf-8")
    to_text(name).encode("utf-8")
    assert from_text(to_text(from_text(to_text(name)))) == from_text(to_text(name))


def test_ordinary_names_stay_as_they_are():
    assert to_text("sub/Bericht über 2026.pdf") == "sub/Bericht über 2026.pdf"
