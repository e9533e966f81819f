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

KEYS_PAGE = "https://console.anthropic.com/settings/keys"
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
WRONG_URL = "ANTHROPIC_BASE_URL is no address that can be called; it should look like https://api.anthropic.com"

Course = Literal["again", "refuse", "shorten", "bare"]
"""again: a passing fault. refuse: no use. shorten: too long, drop old turns. bare: without thinking and effort."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do about a failed call, and `words` for the person. `after_s`: how long the vendor asks us to wait."""

    course: Course
    words: str
    after_s: float | None = None


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
SPENT_CODES = ("spend_limit_reached", "billing_unavailable", "billing_not_authorized", "not_billable")


def judge(error: Exception, now: datetime) -> Verdict:
    """What to do about `error`, which a call raised or its stream ended with. `now` reads dates in Retry-After."""
    import anthropic

    if isinstance(error, anthropic.APIStatusError):
        status = error.status_code
        if status < 400:
            status = STATUS_OF_KIND.get(error.type or "", 500)
        words = error.api_message or ""
        return _of_status(status, error.error_code or "", words, error.response.headers, now)
    if _is_wrong_url(error):
        return Verdict("refuse", WRONG_URL)
    return Verdict("again", "The connection to Claude failed. Try again in a moment.")


def _of_status(status: int, code: str, words: str, headers: Mapping[str, str], now: datetime) -> Verdict:
    after_s = wait_s(headers, now)
    lower = words.lower()
    if status == 402 or code.endswith(SPENT_CODES) or "credit balance" in lower:
        return Verdict("refuse", SPENT)
    if status in PASSING or status >= 500:
        return Verdict("again", _passing_words(status), after_s)
    if status == 401:
        return Verdict("refuse", WRONG_KEY)
    if status == 413 or (status == 400 and _is_too_long(lower)):
        return Verdict("shorten", TOO_LARGE if status == 413 else TOO_LONG)
    if status == 400 and any(word in lower for word in ("thinking", "effort", "output_config")):
        return Verdict("bare", _refusal(status, words))
    return Verdict("refuse", _refusal(status, words))


def _is_too_long(lower: str) -> bool:
    return "prompt is too long" in lower or "context window" in lower or "context limit" in lower


def _passing_words(status: int) -> str:
    if status == 429:
        return "Claude's rate limit for this account is reached just now. Try again in a minute."
    if status == 529:
        return "Claude is overloaded just now. Try again in a minute."
    return "Claude has a fault on its side just now. Try again in a minute."


def _refusal(status: int, words: str) -> str:
    said = _PLACE.sub("", " ".join(words.split()))[:300].rstrip(".")
    detail = f": {said}." if said else "."
    if status == 404:
        return f"{UNKNOWN_MODEL}{detail} Check CLAUDE_MODEL and ANTHROPIC_BASE_URL."
    if status == 403:
        return f"{NOT_ALLOWED}{detail} Its owner can check it at {KEYS_PAGE}"
    return f"Claude did not accept the request{detail}"


_PLACE = re.compile(r"\b(?:messages|system|tools)(?:\.\w+)+\s*:\s*")
"""Where in the request something stands ("messages.0.content.1.image.source.base64.data: "): of no use to a person."""


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
