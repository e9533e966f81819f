"""Events, answers and receipts as plain JSON, and back: what must survive a crash."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from bot.events import Answer, Event, Receipt

if TYPE_CHECKING:
    from pydantic import TypeAdapter

T = TypeVar("T")


def to_json(value: Event | Answer | Receipt) -> dict[str, Any]:
    """Plain JSON data of an event, answer or receipt."""
    data: dict[str, Any] = _adapter(type(value)).dump_python(value, mode="json")
    return data


def from_json(kind: type[T], data: Mapping[str, Any]) -> T:
    """The event, answer or receipt that `to_json` wrote."""
    value: T = _adapter(kind).validate_python(data)
    return value


_adapters: dict[Any, TypeAdapter[Any]] = {}


def _adapter(kind: Any) -> TypeAdapter[Any]:
    # Imported here: `bot --help` must not pay for pydantic.
    from pydantic import TypeAdapter

    if kind not in _adapters:
        _adapters[kind] = TypeAdapter(kind)
    return _adapters[kind]
