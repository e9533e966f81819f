"""Typed answer columns: the JSON schema Claude is held to, and the values read back from its answer."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from bot.errors import Refused, TryAgain
from bot.events import Answer
from bot.rules.rule import ColumnKind
from bot.text import whole

Columns = Mapping[str, ColumnKind]

UNFITTING = "The answer did not fit into {limit} tokens, so its columns stay empty. Raise the rule's max_tokens."

_SCHEMAS: dict[str, dict[str, Any]] = {
    "text": {"type": "string"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
}


def schema_of(columns: Columns) -> dict[str, Any] | None:
    """The JSON schema of an answer with these columns, every one required; None where there are none.

    The vendor takes simple keys only, so a column's own name stands in its description.
    """
    if not columns:
        return None
    keys = _keys(columns)
    properties = {keys[name]: {**_schema(kind), "description": name} for name, kind in columns.items()}
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def typed_values(columns: Columns, json_text: str) -> dict[str, Any]:
    """The value of every column; dates as "YYYY-MM-DD". Raises TryAgain when the answer does not fit."""
    try:
        found = json.loads(json_text)
    except ValueError:
        raise TryAgain("Claude's answer was not in the form that the columns need.") from None
    if not isinstance(found, dict):
        raise TryAgain("Claude's answer was not in the form that the columns need.")
    keys = _keys(columns)
    return {name: _value(name, kind, found.get(keys[name], found.get(name))) for name, kind in columns.items()}


def values_text(values: Mapping[str, Any]) -> str:
    """The values as lines of text, for places that have no columns."""
    return "\n".join(f"{name}: {_shown(value)}" for name, value in values.items())


def _shown(value: Any) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _schema(kind: ColumnKind) -> dict[str, Any]:
    return {"type": "string", "enum": list(kind)} if isinstance(kind, tuple) else _SCHEMAS[kind]


def _keys(columns: Columns) -> dict[str, str]:
    keys: dict[str, str] = {}
    for number, name in enumerate(columns, 1):
        plain = re.sub(r"[^A-Za-z0-9_-]+", "_", name).strip("_")[:50] or f"column_{number}"
        keys[name] = f"{plain}_{number}" if plain in keys.values() else plain
    return keys


def _value(name: str, kind: ColumnKind, value: Any) -> Any:
    if not (value in kind if isinstance(kind, tuple) else _FITS[kind](value)):
        raise TryAgain(f'Claude gave no fitting value for the column "{name}".')
    return int(value) if kind == "integer" else value


def _is_whole(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and float(value).is_integer()


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < float("inf")


def _is_date(value: Any) -> bool:
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


_FITS: dict[str, Callable[[Any], bool]] = {
    "text": lambda value: isinstance(value, str),
    "integer": _is_whole,
    "number": _is_number,
    "boolean": lambda value: isinstance(value, bool),
    "date": _is_date,
}


def with_values(answer: Answer, columns: Columns, max_tokens: int) -> Answer:
    """The answer with its typed columns, where there are some. Raises TryAgain when it does not fit them."""
    if not columns:
        return answer
    if answer.stop_reason == "stopped":
        return replace(answer, text="")
    if answer.stop_reason not in {"end_turn", "stop_sequence"}:
        raise Refused(UNFITTING.format(limit=max_tokens))
    values = whole(typed_values(columns, answer.text))  # JSON may name half a character
    return replace(answer, text=values_text(values), values=values)
