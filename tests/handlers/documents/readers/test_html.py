"""The tests of reading web pages: what a person would see, and nothing that only a machine would."""

import pytest

from handlers.documents.readers.html import html_lines, read_html
from tests.handlers.documents.readers.reading_lines import text_of_file


def seen(markup):
    return "\n".join(html_lines(markup)).strip()


def test_paragraphs_headings_and_lists_become_lines():
    lines = seen("<h1>Plan</h1><p>one\n two<p>three<ul><li>a<li>b</ul>").splitlines()
    assert [line for line in lines if line] == ["Plan", "one two", "three", "- a", "- b"]


def test_tables_are_separated_by_tabs():
    markup = "<table><tr><th>Item<th>Price<tr><td><p>Chair</p><td>12 €</table>"
    assert seen(markup).splitlines() == ["Item\tPrice", "Chair\t12 €"]


def test_an_empty_cell_keeps_its_column():
    assert "a\t\tc" in seen("<table><tr><td>a</td><td></td><td>c</td></tr></table>")


def test_links_are_shown_with_their_host():
    assert seen('<a href="https://example.com/x?y=secret">here</a>') == "here (example.com)"
    assert seen('<a href="mailto:ada@example.com">Ada</a>') == "Ada (ada@example.com)"
    assert seen('<a href="#top">up</a> <a href="http://[broken">x</a>') == "up x"


@pytest.mark.parametrize(
    "hidden",
    [
        '<p style="display: none">secret</p>',
        '<p style="DISPLAY:NONE !important">secret</p>',
        "<p hidden>secret</p>",
        '<span style="visibility:hidden">secret</span>',
        '<span style="font-size:0px">secret</span>',
        '<span style="font-size:0.0em">secret</span>',
        '<span style="opacity:0">secret</span>',
        '<span style="color:#fff">secret</span>',
        '<div style="background:#123456"><span style="color:#123456">secret</span></div>',
        '<div style="display:none"><div>secret</div><p>secret</div>',
        "<script>secret</script>",
        "<style>secret</style>",
        "<template>secret</template>",
        "<noscript>secret</noscript>",
        "<!-- secret -->",
        '<input type="hidden" value="secret">',
        '<img alt="secret" style="display:none">',
        '<head><meta name="x" content="secret"><style>secret</style></head>',
    ],
)
def test_hidden_text_is_dropped(hidden):
    assert seen(f"<html>{hidden}<p>shown") == "shown"


@pytest.mark.parametrize(
    "markup",
    [
        '<div style="background:#000"><span style="color:#fff">shown</span></div>',
        '<table bgcolor="navy"><tr><td style="color:white">shown</table>',
        '<span style="font-size:0.9em">shown</span>',
        '<span style="opacity:0.5">shown</span>',
        "<title>shown</title>",
        '<img alt="shown">',
        "<p hidden>secret<p>shown",
        "<li hidden>secret<li>shown",
    ],
)
def test_what_a_person_sees_is_not_dropped(markup):
    assert "shown" in seen(markup)
    assert "secret" not in seen(markup)


def test_the_declared_charset_is_followed(tmp_path):
    page = '<html><meta charset="windows-1251"><p>Привет'.encode("cp1251")
    assert text_of_file(read_html, page, tmp_path).strip() == "Привет"


def test_preformatted_lines_stay():
    assert "a\nb" in seen("<pre>a\nb</pre>")


def test_deep_and_broken_markup_does_no_harm():
    assert seen("<div>" * 20_000 + "x" + "</p></b></div>" * 100) == "x"
    assert seen("<p <b>x</p") is not None
