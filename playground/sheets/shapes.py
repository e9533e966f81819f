"""What a request's JSON may look like: every name and type checked as strictly as Google does.

The table beside it (`shapes.txt`) lists the messages; a test holds it to Google's discovery document.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from playground.sheets.refusals import Json, Refused, malformed

_PROTO_TYPES = {"str": "TYPE_STRING", "int": "TYPE_INT32", "bool": "TYPE_BOOL", "num": "TYPE_DOUBLE"}
_LIST_VALUE = "type.googleapis.com/google.protobuf.ListValue"
Violations = list[tuple[str, str]]


@cache
def messages() -> dict[str, dict[str, str]]:
    """Message name → field name → type."""
    lines = [line.split() for line in _lines() if not line.startswith("=")]
    return {name: dict(field.split(":", 1) for field in fields) for name, *fields in lines}


@cache
def enumerations() -> dict[str, tuple[str, ...]]:
    """Enumeration name → its values."""
    lines = [line.split() for line in _lines() if line.startswith("=")]
    return {name: tuple(values) for _, name, *values in lines}


def _lines() -> list[str]:
    text = Path(__file__).with_name("shapes.txt").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def checked(body: bytes, message: str) -> Json:
    """The JSON in `body` (empty: {}), sure to fit `message`. Raises Refused naming each unknown name or wrong type."""
    try:
        data = json.loads(body) if body.strip() else {}
    except ValueError as error:
        text = f"Invalid JSON payload received. {str(error)[:1].upper()}{str(error)[1:]}"
        raise malformed([("", text)]) from error
    violations: Violations = []
    _check(data, message, "", violations)
    if violations:
        raise malformed(violations)
    fitting: Json = data
    return fitting


def check_enum(value: str, enum: str, path: str) -> None:
    """Raises Refused when a query parameter's value is none of the enumeration's."""
    if value not in enumerations()[enum]:
        raise malformed([(path, f"Invalid value at '{path}' ({_enum_name(enum)}), {json.dumps(value)}")])


def unknown_parameter(name: str) -> Refused:
    """A query parameter that the method does not have."""
    field = f"Field '{name}' could not be found in request message."
    text = f'Invalid JSON payload received. Unknown name "{name}": Cannot bind query parameter. {field}'
    return malformed([("", text)])


def _check(value: Any, kind: str, path: str, violations: Violations) -> None:
    if value is None and not kind.startswith("[["):
        return
    if kind == "[[any]]":
        _check_values(value, path, violations)
    elif kind.startswith("["):
        _check_list(value, kind[1:-1], path, violations)
    elif kind in messages():
        _check_message(value, kind, path, violations)
    elif not _fits(value, kind):
        _wrong(value, _PROTO_TYPES.get(kind) or _enum_name(kind), path, violations)


def _check_list(value: Any, kind: str, path: str, violations: Violations) -> None:
    if not isinstance(value, list):
        _wrong(value, _PROTO_TYPES.get(kind, f"type.googleapis.com/google.apps.sheets.v4.{kind}"), path, violations)
        return
    for index, part in enumerate(value):
        _check(part, kind, f"{path}[{index}]", violations)


def _check_message(value: Any, kind: str, path: str, violations: Violations) -> None:
    if not isinstance(value, dict):
        _wrong(value, f"type.googleapis.com/google.apps.sheets.v4.{kind}", path or kind, violations)
        return
    fields = messages()[kind]
    for name, part in value.items():
        if name not in fields:
            place = f" at '{path}'" if path else ""
            text = f'Invalid JSON payload received. Unknown name "{name}"{place}: Cannot find field.'
            violations.append((path, text))
            continue
        inside = f"{path}.{_snake(name)}" if path else _snake(name)
        _check(part, fields[name], inside, violations)


def _check_values(value: Any, path: str, violations: Violations) -> None:
    """Rows of scalars: what a cell cannot hold is refused with its place."""
    if value is None:
        return
    if not isinstance(value, list):
        _wrong(value, _LIST_VALUE, path, violations)
        return
    for index, row in enumerate(value):
        if not isinstance(row, list):
            _wrong(row, _LIST_VALUE, f"{path}[{index}]", violations)


def nested_value(values: list[list[Any]]) -> Refused | None:
    """The refusal for a list or an object inside a row, which the schema lets through and the method does not."""
    for row, cells in enumerate(values):
        for column, value in enumerate(cells):
            if isinstance(value, dict | list):
                kind = "struct_value" if isinstance(value, dict) else "list_value"
                return Refused.argument(f"Invalid values[{row}][{column}]: {kind} {json.dumps(value)}")
    return None


def _fits(value: Any, kind: str) -> bool:
    if kind == "any":
        return True
    if kind == "str":
        return isinstance(value, str)
    if kind == "bool":
        return isinstance(value, bool)
    if kind == "int":
        return isinstance(value, int | float) and not isinstance(value, bool) and float(value).is_integer()
    if kind == "num":
        return isinstance(value, int | float) and not isinstance(value, bool)
    return value in enumerations()[kind]


def _wrong(value: Any, kind: str, path: str, violations: Violations) -> None:
    violations.append((path, f"Invalid value at '{path}' ({kind}), {json.dumps(value)}"))


def _enum_name(enum: str) -> str:
    return f"type.googleapis.com/google.apps.sheets.v4.{enum}"


def _snake(name: str) -> str:
    return re.sub(r"[A-Z]", lambda match: "_" + match[0].lower(), name)
