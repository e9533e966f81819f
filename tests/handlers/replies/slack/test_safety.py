"""The tests of what a model's text may not do in Slack."""

import pytest

from bot.doors.slack.wire import escaped
from handlers.replies.slack.safety import breaks_code, host_of, link_hosts, neutralised

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
    assert neutralised(f"a {token} b") == f"a <{J}{token[1:]} b"


NOTIFIES = ["<!channel>", "<!here>", "<!everyone|x>", "<!subteam^S123>", "<@U0ANNA>", "<@W0ANNA|anna>"]
HARMLESS = ["<#C0GENERAL|general>", "<https://evil.example|bank.com>", "<!date^1^{date}|x>", "<mailto:a@b.c|mail>"]
IN_CODE = ["`{}`", "x `` a ` {} `` y", "```\n{}\n```", "- a\n  ```py\n  {}\n  ```\n", "~~~\n{}", "`a\n{} b` c"]


@pytest.mark.parametrize("code", IN_CODE)
def test_in_code_that_people_copy_only_what_notifies_somebody_is_broken_and_that_is_said(code):
    for token in NOTIFIES:
        made = neutralised(code.format(token))
        assert made == code.format(f"<{J}{token[1:]}")
        assert breaks_code(made)
    for token in HARMLESS:
        assert neutralised(code.format(token)) == code.format(token)


@pytest.mark.parametrize("text", ["a ` <#C0GENERAL> b", "`a\n\n<#C0GENERAL> b`", "```\nx\n```\n<#C0GENERAL>"])
def test_what_only_looks_like_code_is_none(text):
    assert J in neutralised(text)
    assert not breaks_code(neutralised(text))


@pytest.mark.parametrize(
    "label",
    [
        "README.md",
        "Node.js",
        "v2.0",
        "e.g.",
        "i.e.",
        "main.py",
        "setup.sh",
        "archive.zip",
        "package.json",
        "`console.info`",
        "`obj.stream`",
        "ASP.NET",
        "Ph.D.",
        "3.14",
        "index.html",
        "user.name",
        "D3.js",
        "Inc.",
        "a.b.c",
        "Vue.js 3.0",
        "see README.md",
        "libfoo.so",
        "Cargo.toml",
        "[1]",
        "`os.path`",
        "U.S.",
        "lib.rs",
        "st.",
        "1.2.3",
    ],
)
def test_a_label_that_names_no_host_is_left_alone(label):
    text = f"[{label}](https://docs.example/x)"
    assert neutralised(text) == text


@pytest.mark.parametrize(
    "label",
    [
        "bank.com",
        "BANK.com",
        "www.bank.md",
        "https://bank.py/x",
        "bank.co.uk",
        "allegro.pl/x",
        "sparkasse.de",
        "bank.app",
        "`bank.com`",
        "bank.com:8443/x",
        "bank.io",
        "bücher.de",
        "paypal.com?x=1",
        "user@bank.com",
    ],
)
def test_a_label_that_names_another_real_host_is_shown_with_the_one_it_leads_to(label):
    assert "→ evil.example" in neutralised(f"[{label}](https://evil.example/x)")


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
