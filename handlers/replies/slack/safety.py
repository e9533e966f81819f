"""What the model may not do in Slack: ping people, or dress one web address up as another.

It works on the whole text so far, never on a delta: a token may be split between two.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from bot.doors.slack.wire import JOINER
from bot.hosts import named_host

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
FENCED = re.compile(
    r"^[ \t]*(?:[-*+>]|\d+[.)])?[ \t]*(?P<run>`{3,}|~{3,})[^\n`]*\n(?P<code>.*?)(?:^[ \t]*(?P=run)[`~]*[ \t]*$|\Z)",
    re.MULTILINE | re.DOTALL,
)
INLINE_CODE = re.compile(r"(?<!`)(`+)(?!`)(?:(?!\n[ \t]*\n).)+?(?<!`)\1(?!`)", re.DOTALL)
REFERENCE = re.compile(r"^ {0,3}\[[^\]\n]+\]:\s*<?((?i:https?://)\S+)", re.MULTILINE)
HARMLESS_IN_CODE = re.compile(r"<(?:#|!(?i:date)\b|(?i:https?://|mailto:))")
"""What notifies nobody: in code it stays as it is, so that it can be copied."""


def neutralised(text: str, asker: str | None = None) -> str:
    """The same text, with no power: pings are broken (the asker's own name excepted), lying labels name their host.

    Text without tokens and lying labels comes back unchanged, to the last character.
    """
    code = _code_spans(text) if PINGS.search(text) else ()
    return LINK.sub(_honest, PINGS.sub(lambda match: _broken(match, text, asker, code), text))


def breaks_code(text: str) -> bool:
    """Whether a joiner stands in the code of a neutralised text, where somebody may copy it."""
    return JOINER in text and any("<" + JOINER in text[start:end] for start, end in _code_spans(text))


def _code_spans(text: str) -> tuple[tuple[int, int], ...]:
    """Where code begins and ends: within fences, and between equal runs of backticks of one paragraph."""
    fences = [match.span("code") for match in FENCED.finditer(text)]
    borders = [0, *(border for span in fences for border in span), len(text)]
    inline = [
        (start + match.start(), start + match.end())
        for start, end in zip(borders[::2], borders[1::2], strict=True)
        for match in INLINE_CODE.finditer(text[start:end])
    ]
    return (*fences, *inline)


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


def _broken(match: re.Match[str], text: str, asker: str | None, code: tuple[tuple[int, int], ...]) -> str:
    at = match.start()
    own = asker is not None and text.startswith((f"<@{asker}>", f"<@{asker}|"), at)
    copied = HARMLESS_IN_CODE.match(text, at) and any(start <= at < end for start, end in code)
    return "<" if own or copied else "<" + JOINER


def _honest(match: re.Match[str]) -> str:
    label, url, rest = match.groups()
    claim = named_host(label)
    real = host_of(url)
    if not claim or not real or _same_site(claim, real):
        return match[0]
    return f"[{label} → {real}]({url}{rest})"


def _same_site(claimed: str, real: str) -> bool:
    return claimed.removeprefix("www.") == real.removeprefix("www.")
