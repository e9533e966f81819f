"""The judgement of a failed call: ask again, change the question, or tell the person in plain words.

Source: https://platform.claude.com/docs/en/api/errors and the error codes in the SDK's `types.shared`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Literal

from bot.errors import FAULT, OUTAGE, SETTING
from handlers.claude.refusal import TOO_MUCH_DATA, Refusal, refusal_of, setting_of

KEYS_PAGE = "https://console.anthropic.com/settings/keys"
HOST = "api.anthropic.com"
BILLING_PAGE = "https://console.anthropic.com/settings/billing"

NO_KEY = f"ANTHROPIC_API_KEY is not set. Make a key at {KEYS_PAGE} and put it into .env as ANTHROPIC_API_KEY=sk-ant-…"
WRONG_KEY = f"The Anthropic API key was not accepted. Check ANTHROPIC_API_KEY in .env; keys are made at {KEYS_PAGE}"
SPENT = (
    f"The Anthropic account has reached its spend limit or has no credit left. Its owner can raise it at {BILLING_PAGE}"
)
TOO_LONG = "The question with its documents is longer than the model can read. Send fewer or shorter documents."
TOO_LARGE = "The files are too large to send to Claude together (32 MB is the most). Send fewer or smaller ones."
UNKNOWN_MODEL = "Claude does not know this model or address"
NOT_ALLOWED = "The Anthropic API key in ANTHROPIC_API_KEY is not allowed to do this"
UNACCEPTED = "Claude did not accept this question as it is. Ask in other words, or without files."
FILTERED = "Claude's content filter stopped this answer. Ask in other words, or for something else."
UNSENDABLE = "This question holds something that cannot be sent to Claude. Ask in other words, or without files."
"""Our own mistake, told as that: the network has nothing to do with it, and another try would end the same way."""
WRONG_URL = "ANTHROPIC_BASE_URL is no address that can be called; it should look like https://api.anthropic.com"

Course = Literal["again", "refuse", "shorten", "lighten", "bare"]
"""again: a passing fault. refuse: no use. shorten: too long, drop old turns. lighten: drop what may have been refused.
bare: without thinking and effort."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do about a failed call, and `words` for the person. `after_s`: how long the vendor asks us to wait.

    `words` are ours: no sentence of the API, which names places in a request that nobody has seen, is ever shown.
    `refusal`: what its files or its history may have to do with it.
    `code` is SETTING where only whoever set Bellhop up can mend it, OUTAGE or FAULT where Claude's side failed.
    """

    course: Course
    words: str
    after_s: float | None = None
    code: str = ""
    refusal: Refusal | None = None


STATUS_OF_KIND = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}
"""An error inside a stream comes with status 200; only its kind tells what it is."""

PASSING = frozenset({408, 409, 429})
AWAY = frozenset({429, 502, 503, 529})
"""Nobody is answered then, whatever they ask."""
SPENT_CODES = ("spend_limit_reached", "billing_unavailable", "billing_not_authorized", "not_billable")


def judge(error: Exception, now: datetime) -> Verdict:
    """What to do about `error`, which a call raised or its stream ended with. `now` reads dates in Retry-After."""
    import anthropic

    if isinstance(error, anthropic.APIStatusError):
        status = error.status_code
        if status < 400:
            status = STATUS_OF_KIND.get(error.type or "", 500)
        words = error.api_message or ""
        return judge_status(status, error.error_code or "", words, error.response.headers, now)
    if _is_wrong_url(error):
        return Verdict("refuse", WRONG_URL, code=SETTING)
    if _is_local(error):
        return Verdict("refuse", UNSENDABLE)
    return Verdict("again", f"The connection to Claude{_elsewhere(error)} failed. Try again in a moment.", code=OUTAGE)


def _elsewhere(error: Exception) -> str:
    """The host that was asked, where ANTHROPIC_BASE_URL names another than Anthropic's.

    With a proxy of one's own, or a slip in the address, Claude itself may have nothing to do with it.
    """
    try:
        url = error.request.url  # type: ignore[attr-defined]  # both the SDK's errors and its client's know their request
    except (AttributeError, RuntimeError):
        return ""
    return "" if url.host == HOST else f" at {url.host}{f':{url.port}' if url.port else ''} (ANTHROPIC_BASE_URL)"


def judge_status(status: int, code: str, words: str, headers: Mapping[str, str], now: datetime) -> Verdict:
    """What to do about a refusal, by its status, its code and what the API said."""
    after_s = wait_s(headers, now)
    lower = words.lower()
    if status == 402 or code.endswith(SPENT_CODES) or "credit balance" in lower:
        return Verdict("refuse", SPENT)
    if status in PASSING or status >= 500:
        return Verdict("again", _passing_words(status), after_s, OUTAGE if status in AWAY else FAULT)
    if status == 401:
        return Verdict("refuse", WRONG_KEY, code=SETTING)
    if status == 413:
        return Verdict("lighten", TOO_LARGE, refusal=Refusal("size", TOO_MUCH_DATA))
    if status == 400:
        return _of_bad_request(words)
    return Verdict("refuse", _refusal(status, words), code=SETTING if status in (403, 404) else "")


def _of_bad_request(said: str) -> Verdict:
    lower, refusal = said.lower(), refusal_of(said)
    if _is_too_long(lower):
        return Verdict("shorten", TOO_LONG, refusal=Refusal("size", "together it was longer than the model can read"))
    if "content filter" in lower:
        return Verdict("lighten", FILTERED, refusal=Refusal("any", "Claude's content filter stopped the answer to it"))
    words = _setting_words(setting_of(said)) if refusal is None else UNACCEPTED
    if any(word in lower for word in ("thinking", "effort", "output_config")):
        return Verdict("bare", words, refusal=refusal)
    return Verdict("lighten", words, refusal=refusal) if refusal else Verdict("refuse", words)


def _setting_words(name: str | None) -> str:
    if name == "max_tokens":
        return "max_tokens is more than this model can write. Lower the rule's max_tokens or CLAUDE_MAX_TOKENS."
    if name == "output_config":
        return "Claude did not accept the columns of this rule. Check `columns`, or give the rule another model."
    return f"Claude did not accept {name} as it is set here. Check the rule and CLAUDE_MODEL."


def _is_too_long(lower: str) -> bool:
    return "prompt is too long" in lower or "context window" in lower or "context limit" in lower


def _passing_words(status: int) -> str:
    if status == 429:
        return "Claude's rate limit for this account is reached just now. Try again in a minute."
    if status == 529:
        return "Claude is overloaded just now. Try again in a minute."
    return "Claude has a fault on its side just now. Try again in a minute."


def _refusal(status: int, said: str) -> str:
    if status == 404:
        named = _MODEL.fullmatch(said)
        return f"{UNKNOWN_MODEL}{f': {named[1]}' if named else ''}. Check CLAUDE_MODEL and ANTHROPIC_BASE_URL."
    if status == 403:
        return f"{NOT_ALLOWED}. Its owner can check it at {KEYS_PAGE}"
    return f"Claude did not accept the request (status {status}). The details are in Bellhop's log."


_MODEL = re.compile(r"model: ([\w.:@-]{1,100})")


def said_by(error: Exception) -> str:
    """What the API said itself, for the log and never for a person; "" when it said nothing."""
    import anthropic

    said = error.api_message if isinstance(error, anthropic.APIStatusError) else ""
    return " ".join((said or "").split())[:500]


def may_be_paid(error: Exception) -> bool:
    """Whether a call that failed like this, without a word of answer, may stand on the bill all the same.

    It does not when it was refused, or never reached the other side.
    """
    import anthropic
    import httpx2

    never_sent = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.InvalidURL)
    refused = isinstance(error, anthropic.APIStatusError)
    return not (refused or _is_local(error) or _is_wrong_url(error) or isinstance(error.__cause__ or error, never_sent))


def _is_local(error: BaseException | None) -> bool:
    seen = 0
    while error is not None and seen < 5:
        if isinstance(error, UnicodeEncodeError | TypeError):
            return True
        error, seen = error.__cause__, seen + 1
    return False


def _is_wrong_url(error: BaseException | None) -> bool:
    import httpx2

    seen = 0
    while error is not None and seen < 5:
        if isinstance(error, httpx2.UnsupportedProtocol | httpx2.InvalidURL):
            return True
        error, seen = error.__cause__, seen + 1
    return False


def wait_s(headers: Mapping[str, str], now: datetime) -> float | None:
    """How many seconds `retry-after-ms` or `retry-after` (seconds or an HTTP date) asks for; None when neither does."""
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    value = headers.get("retry-after")
    return _until(value, now) if _number(value) is None else _number(value)


def _number(value: str | None) -> float | None:
    try:
        number = float(value or "")
    except ValueError:
        return None
    return max(0.0, number) if math.isfinite(number) else None


def _until(value: str | None, now: datetime) -> float | None:
    try:
        moment = parsedate_to_datetime(value or "")
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (aware - now).total_seconds())
