"""What the model may not do in Slack: ping people, or dress one web address up as another.

It works on the whole text so far, never on a delta: a token may be split between two.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

JOINER = "\u2060"
"""WORD JOINER: invisible and unbreakable. After `<` it leaves text that reads the same and is no token.

An escape (`&lt;`) would stand there literally inside code, where Slack shows entities as they are.
"""

PINGS = re.compile(
    r"<(?="
    r"!(?i:channel|here|everyone|group|subteam|date)\b"
    r"|[@#][A-Z0-9]{2,}[>|]"
    r"|(?i:https?://|mailto:)[^<>\s|]*\|"
    r")"
)
"""The openings of Slack's tokens: broadcasts, groups, people, channels, and links that carry a label of their own.

Source: https://docs.slack.dev/messaging/formatting-message-text#advanced
"""
LINK = re.compile(r"\[([^\[\]\n]{1,300})\]\((\s*<?(?i:https?://)[^\s()]*(?:\([^\s()]*\)[^\s()]*)*)([^\n)]*)\)")
REFERENCE = re.compile(r"^ {0,3}\[[^\]\n]+\]:\s*<?((?i:https?://)\S+)", re.MULTILINE)
NAMES_A_HOST = re.compile(r"(?i:https?://)?((?:[\w-]+\.)+[a-zA-Z]{2,})(?:[/:?#].*)?$")


def neutralised(text: str, asker: str | None = None) -> str:
    """The same text, with no power: pings are broken (the asker's own name excepted), lying labels name their host.

    Text without tokens and lying labels comes back unchanged, to the last character.
    """
    # In code too: what Slack takes for code is not for us to say.
    return LINK.sub(_honest, PINGS.sub(lambda match: _broken(match, text, asker), text))


def link_hosts(text: str) -> tuple[str, ...]:
    """The hosts that the text's labelled links lead to, in order, each once: what a reader cannot see in them."""
    urls = [match[2] for match in LINK.finditer(text)] + [match[1] for match in REFERENCE.finditer(text)]
    return tuple(dict.fromkeys(host for url in urls if (host := host_of(url))))


def host_of(url: str) -> str:
    """The host a web address really leads to, in the ASCII form that look-alike letters cannot hide in."""
    try:
        host = urlsplit(url.strip().strip("<>")).hostname or ""
        return host if host.isascii() else host.encode("idna").decode()
    except (UnicodeError, ValueError):
        return ""


def escaped(text: str) -> str:
    """Text for Slack's own markup (`text`, sections), where these three characters have a meaning."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _broken(match: re.Match[str], text: str, asker: str | None) -> str:
    own = asker is not None and text.startswith((f"<@{asker}>", f"<@{asker}|"), match.start())
    return "<" if own else "<" + JOINER


def _honest(match: re.Match[str]) -> str:
    label, url, rest = match.groups()
    claim = NAMES_A_HOST.match(label.strip().strip("*_`"))
    real = host_of(url)
    if not claim or not real or _same_site(claim[1].lower(), real):
        return match[0]
    return f"[{label} → {real}]({url}{rest})"


def _same_site(claimed: str, real: str) -> bool:
    return claimed.removeprefix("www.") == real.removeprefix("www.")
