"""The tests of the few properties of CSS that hide letters or move them."""

import pytest

from handlers.documents.readers.css import cascade, colour_of, declarations, ground_of, is_removed, size_is_tiny


@pytest.mark.parametrize(
    "style",
    [
        "display:none",
        "DISPLAY : none !important",
        "opacity: 0.0",
        "text-indent:-9999px",
        "position:absolute; left:-10000px",
        "position:absolute;clip:rect(0 0 0 0)",
        "max-height:0;overflow:hidden",
        "clip-path:inset(50%)",
        "transform:scale(0)",
    ],
)
def test_what_is_out_of_sight_is_removed(style):
    assert is_removed(cascade(declarations(style)))


@pytest.mark.parametrize(
    "style", ["display:block", "opacity:.5", "left:-9999px", "max-height:0", "height:20px;overflow:hidden", ""]
)
def test_what_is_in_sight_is_not(style):
    assert not is_removed(cascade(declarations(style)))


def test_later_declarations_win_and_important_ones_over_all():
    assert cascade(declarations("color:red!important"), declarations("color:blue;display:none")) == {
        "color": "red",
        "display": "none",
    }


def test_letters_and_ground():
    assert colour_of({"color": "rgba(0,0,0,0)"}, None)[1]
    assert ground_of({"background": "url(x.png)"}, (1, 2, 3)) is None
    assert ground_of({"background-color": "transparent"}, (1, 2, 3)) == (1, 2, 3)
    assert size_is_tiny("1px", around=False)
    assert size_is_tiny("2em", around=True)
    assert not size_is_tiny("9pt", around=True)
