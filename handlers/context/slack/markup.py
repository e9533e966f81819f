"""Slack's own writing turned into what a person reads: names for ids, labels for links, no escapes.

Everything a message says is kept in this writing (`&lt;`, `<@U1>`, `<https://…|label>`) until the names are known.
https://docs.slack.dev/messaging/formatting-message-text
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, tzinfo
from itertools import pairwise

TOKEN = re.compile(r"<([^<>\n]+)>")
ID = re.compile(r"<(?:@([UW][A-Z0-9]+)|#([CGD][A-Z0-9]+)|!subteam\^(S[A-Z0-9]+))(?:\|([^<>]*))?>")
BARE = re.compile(r"<([@#!][^|<>\n]+)\|?>")
SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:")
SPOKEN_TOKENS = re.compile(r"<(?:[@#][A-Z0-9]+|!(?:here|channel|everyone|subteam\^[A-Z0-9]+))(?:\|[^<>\n]*)?>")
DATE_PLACES = re.compile(r"\{([a-z_]+)\}")
DATE_FORMATS = {
    "date_num": "%Y-%m-%d",
    "date_slash": "%Y/%m/%d",
    "date_short": "%b %-d, %Y",
    "date_long": "%A, %B %-d, %Y",
    "date": "%B %-d, %Y",
    "time": "%H:%M",
    "time_secs": "%H:%M:%S",
}
"""https://docs.slack.dev/messaging/formatting-message-text#date-formatting; a "_pretty" one is given in full."""


def readable(writing: str, names: Mapping[str, str], zone: tzinfo = UTC) -> str:
    """The writing as people see it. `names` are those of people, channels and groups by id; times are `zone`'s."""
    return unescaped(TOKEN.sub(lambda token: _token(token[0], token[1], names, zone), writing))


def escaped(text: str) -> str:
    """Plain text in Slack's writing."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescaped(writing: str) -> str:
    """Slack escapes these three characters and no others."""
    return writing.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def escaped_but_tokens(text: str) -> str:
    """Text that was never escaped, in Slack's writing; people, channels and groups in it keep their power."""
    ends = [0, *(at for token in SPOKEN_TOKENS.finditer(text) for at in token.span()), len(text)]
    pieces = [text[start:end] for start, end in pairwise(ends)]
    return "".join(piece if number % 2 else escaped(piece) for number, piece in enumerate(pieces))


def ids_in(writings: Iterable[str]) -> set[str]:
    """Of whom and what names are needed: all people, and the channels and groups whose names do not stand there."""
    found = [token for writing in writings for token in ID.finditer(writing)]
    return {token[1] or token[2] or token[3] for token in found if token[1] or not token[4]}


def labels_in(text: str) -> dict[str, str]:
    """What tokens of a text call their targets; a message's blocks name the ids alone."""
    tokens = (token[1].partition("|") for token in TOKEN.finditer(text))
    return {target: label for target, _, label in tokens if label and target[0] in "#!"}


def labelled(writing: str, labels: Mapping[str, str]) -> str:
    """The same writing, its bare tokens with the labels that are known."""
    return BARE.sub(lambda token: f"<{token[1]}|{labels[token[1]]}>" if token[1] in labels else token[0], writing)


def _token(whole: str, inner: str, names: Mapping[str, str], zone: tzinfo) -> str:
    target, _, label = inner.partition("|")
    if target[0] in "@#":
        return target[0] + (names.get(target[1:]) or label.lstrip("@#") or target[1:])
    if target[0] == "!":
        return _special(target[1:], label, names, zone)
    return _link(target, label) if SCHEME.match(target) else whole


def _special(target: str, label: str, names: Mapping[str, str], zone: tzinfo) -> str:
    kind, *rest = target.split("^")
    if kind == "subteam" and rest:
        return "@" + (names.get(rest[0]) or label.lstrip("@") or rest[0])
    if kind == "date" and rest:
        return _date(rest, label, zone)
    return "@" + kind if kind in {"here", "channel", "everyone"} else label or "@" + kind


def _date(parts: list[str], fallback: str, zone: tzinfo) -> str:
    try:
        at = datetime.fromtimestamp(float(parts[0]), zone)
    except (ValueError, OverflowError, OSError):
        return fallback
    template = parts[1] if len(parts) > 1 and parts[1] else "{date} {time}"

    def filled(place: re.Match[str]) -> str:
        name = "date" if place[1] == "ago" else place[1].removesuffix("_pretty")
        return at.strftime(DATE_FORMATS[name]) if name in DATE_FORMATS else place[0]

    return DATE_PLACES.sub(filled, template)


def _link(target: str, label: str) -> str:
    shown = re.sub(r"^(mailto:|tel:)", "", target)
    bare = re.sub(r"^https?://", "", target).rstrip("/")
    same = label in {target, shown, bare} or label.rstrip("/") in {target.rstrip("/"), bare}
    return f"{label} ({shown})" if label and not same else shown
