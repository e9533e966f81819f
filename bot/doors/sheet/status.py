"""The status cell: words people understand, and at their end the token that names the row."""

from __future__ import annotations

import re
import secrets
from collections.abc import Container, Iterable

LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
"""What a token is made of: nothing that looks like something else."""

REASON_CHARACTERS = 300
PROMISES = frozenset({"working", "waiting"})
"""Words that say that an answer is to come."""
ADDED = "added"
"""Word of a row that a rule's `reply` has added."""
_SHAPE = re.compile(r"\s*(working|waiting|done|error|skipped|sent on|added)\b.* ?· ([0-9a-z]{8})\s*", re.DOTALL)


def new_token(taken: Container[str]) -> str:
    """A fresh name for one version of one row."""
    while True:
        token = "".join(secrets.choice(LETTERS) for _ in range(8))
        if token not in taken:
            return token


def parse(status: str) -> tuple[str, str]:
    """(word, token) of a status of ours; ("", "") of anything else."""
    found = _SHAPE.fullmatch(status)
    return (found[1], found[2]) if found else ("", "")


def working(token: str) -> str:
    """Claimed: Claude is asked."""
    return f"working · {token}"


def waiting(words: str, token: str) -> str:
    """Claude is asked later; `words` say why, and until about when."""
    return f"waiting: {_short(words)} · {token}"


def done(time_words: str, token: str) -> str:
    """The answer stands in the row; `time_words` as 14:03."""
    return f"done {time_words} · {token}"


def sent_on(time_words: str, token: str) -> str:
    """The answer goes elsewhere, by the rule's `reply`."""
    return f"sent on {time_words} · {token}"


def added(time_words: str, token: str) -> str:
    """The row came from elsewhere, by a rule's `reply`: nothing is asked in it."""
    return f"{ADDED} {time_words} · {token}"


def not_added(reason: str, token: str) -> str:
    """A row from elsewhere that has no answer, and why."""
    return f"error: {_short(reason)} · {token}"


def skipped(token: str) -> str:
    """Somebody filled the answer's cell first: it stays as it is."""
    return f"skipped: already filled · {token}"


def error(reason: str, token: str) -> str:
    """No answer, why, and what to do."""
    return f"error: {_short(reason)} · clear this cell to retry · {token}"


def _short(words: str) -> str:
    line = " ".join(words.split())
    return line if len(line) <= REASON_CHARACTERS else line[: REASON_CHARACTERS - 1].rstrip() + "…"


def is_own_column(statuses: Iterable[str]) -> bool:
    """Whether a column of such cells is a person's own: it holds words, and none of them are of ours."""
    filled = [one for one in statuses if one.strip()]
    return bool(filled) and not any(parse(one)[1] for one in filled)


def own_column_words(tab: str, header: str) -> str:
    """What is wrong then, and what to set."""
    return (
        f'Column "{header}" of tab "{tab}" holds words that are not Bellhop\'s, so it seems to be your own. Set '
        "SHEET_STATUS_COLUMN to another header; Bellhop makes that column. (If it is Bellhop's, empty its cells.)"
    )
