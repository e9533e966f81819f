"""JSON from outside, read strictly: whatever two readers could understand differently is refused."""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

from bot.events import Json
from bot.text import whole_text
from bot.web.problem import Problem

MOST_DEPTH = 64
MOST_DIGITS = 400


def parse_json(body: bytes) -> Json:
    """The value; raises Problem 400 for what is no sound JSON in UTF-8.

    Not sound: NaN and infinities, numbers of absurd length, the same key twice, half a character, a depth above 64.
    """
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Problem(400, "This is not UTF-8.") from None
    try:
        value: Json = json.loads(
            text, parse_int=_integer, parse_float=_finite, parse_constant=_no_number, object_pairs_hook=_once_each
        )
    except RecursionError:
        raise _too_deep() from None
    except ValueError as error:
        where = f" (line {error.lineno}, column {error.colno})" if isinstance(error, json.JSONDecodeError) else ""
        raise Problem(400, f"This is not JSON{where}.") from None
    _check(value)
    return value


def _check(value: Json) -> None:
    level: list[Any] = [value]
    for _ in range(MOST_DEPTH):
        if not level:
            return
        for one in level:
            if isinstance(one, str):
                _check_text(one)
            elif isinstance(one, dict):
                for key in one:
                    _check_text(key)
        level = [inner for one in level for inner in _inside(one)]
    if level:
        raise _too_deep()


def _inside(value: Json) -> list[Json]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _check_text(text: str) -> None:
    if whole_text(text) is not text:
        raise Problem(400, "A text in this JSON holds half a character (a lone surrogate).")


def _too_deep() -> Problem:
    return Problem(400, f"This JSON is nested deeper than {MOST_DEPTH} levels.")


def _integer(digits: str) -> int:
    if len(digits) > MOST_DIGITS:
        raise Problem(400, "A number in this JSON is too long.")
    return int(digits)


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number) or len(digits) > MOST_DIGITS:
        raise Problem(400, "A number in this JSON is too large.")
    return number


def _no_number(name: str) -> NoReturn:
    raise Problem(400, f"{name} is no number in JSON.")


def _once_each(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Problem(400, "A key stands twice in the same object of this JSON.")
    return found
