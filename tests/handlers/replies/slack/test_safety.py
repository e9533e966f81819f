"""The tests of what a model's text may not do in Slack."""

import pytest

from handlers.replies.slack.safety import escaped, host_of, link_hosts, neutralised

J = "\u2060"


@pytest.mark.parametrize(
    "token",
    [
        "<!channel>", "<!here>", "<!everyone>", "<!Channel|x>", "<!subteam^S123>", "<!subteam^S123|@team>", "<!group>",
        "<@U0ANNA>", "<@W0ANNA|anna>", "<#C0GENERAL>", "<#C0GENERAL|general>", "<https://evil.example|bank.com>",
        "<!date^1^{date}^https://evil.example|x>", "<mailto:a@b.c|mail>",
    ],
)  # fmt: skip
def test_a_token_loses_its_power_and_reads_the_same(token):
    assert neutralised(f"a {token} b `{token}`") == f"a <{J}{token[1:]} b `<{J}{token[1:]}`"


@pytest.mark.parametrize(
    "text",
    [
        "if a < b and c > d: return", "List<String> x; Map<String, List<@NonNull String>> m", "<!-- note -->", "a <- b",
        "<!DOCTYPE html>", "<https://docs.example/x>", "@channel @here", "# <h1>", "a@b <@ c", "x <#1> y", "a && b",
        "[docs](https://docs.example)", "[www.docs.example](https://docs.example/a)", "![alt](https://x.example/a.png)",
        "[x][1]\n\n[1]: https://docs.example", "[readme.md](./readme.md)", "[a.b](https://a.b/c_(d))", "[ ] todo",
    ],
)  # fmt: skip
def test_harmless_text_stays_as_it_is_to_the_last_character(text):
    assert neutralised(text) == text


def test_the_asker_may_be_named_and_nobody_else():
    assert neutralised("<@U1> <@U1|al> <@U12>", "U1") == f"<@U1> <@U1|al> <{J}@U12>"


EVIL = "https://evil.example/x"


@pytest.mark.parametrize(
    ("text", "honest"),
    [
        (f"[bank.com]({EVIL})", f"[bank.com → evil.example]({EVIL})"),
        (f"[**bank.com**]({EVIL} 't')", f"[**bank.com** → evil.example]({EVIL} 't')"),
        ("[bank.com/in](https://bank.com@evil.example)", "[bank.com/in → evil.example](https://bank.com@evil.example)"),
        (
            "[bank.com](https://bank.com.evil.example)",
            "[bank.com → bank.com.evil.example](https://bank.com.evil.example)",
        ),
    ],
)
def test_a_label_that_names_another_host_is_shown_with_the_real_one(text, honest):
    assert neutralised(text) == honest


def test_neutralising_twice_changes_nothing_more():
    once = neutralised("<!channel> [bank.com](https://evil.example)")
    assert neutralised(once) == neutralised(neutralised(once))


def test_the_hosts_of_labelled_links_are_told_once_and_in_order():
    text = "[a](https://one.example) [b](https://two.example/x) [c](https://one.example/y) [d][1]\n[1]: https://three.example"
    assert link_hosts(text) == ("one.example", "two.example", "three.example")


def test_a_host_in_look_alike_letters_is_shown_in_ascii():
    assert host_of("https://\u0430pple.com/x").startswith("xn--")
    assert host_of("https://[broken") == ""


def test_slacks_own_markup_needs_three_characters_escaped():
    assert escaped("a<b>&c") == "a&lt;b&gt;&amp;c"
