"""The rules: which event asks Claude what, with which model and limits, and where the answer goes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeVar

from bot.rules.keys import RuleKeys

ColumnKind = Literal["text", "integer", "number", "boolean", "date"] | tuple[str, ...]
"""The type of one answer column; a tuple names the only values it may hold."""

K = TypeVar("K", bound=RuleKeys)


@dataclass(frozen=True, slots=True)
class Rule:
    """One `[[rule]]` of rules.toml, or one derived from an open door. Empty means "the setting's default".

    `on` is the door's name, `options` the keys that only its door knows (see `of`). `stream` None: as its door does.
    `reply` names the places that the answer goes to; empty: where the event came from. `read` names what is read
    for it.
    `lane` "night": asked through Message Batches; what those fail to answer goes by `lane_fallback`.
    """

    name: str
    on: str
    ask: str = ""
    system: str = ""
    model: str = ""
    max_tokens: int | None = None
    reply: tuple[str, ...] = ()
    read: tuple[str, ...] = ()
    when_nothing: Literal["ask", "skip"] = "ask"
    columns: Mapping[str, ColumnKind] = field(default_factory=dict)
    stream: bool | None = None
    lane: Literal["now", "night"] = "now"
    lane_fallback: Literal["now", "fail"] = "now"
    daily_budget_usd: float | None = None
    allow: tuple[str, ...] = ()
    options: RuleKeys | None = None

    def with_overrides(self, overrides: Mapping[str, Any]) -> Rule:
        """The rule with values that an event brings for some of its keys; whoever made the event has checked them."""
        columns = overrides.get("columns", self.columns)
        kinds = {name: tuple(kind) if isinstance(kind, list) else kind for name, kind in columns.items()}
        return replace(self, **{**overrides, "columns": kinds})

    def of(self, keys: type[K]) -> K:
        """The keys of this rule's own door, typed; a rule without any has that door's defaults."""
        if self.options is None:
            return keys()
        assert isinstance(self.options, keys), f'the rule "{self.name}" is on {self.on}'
        return self.options


@dataclass(frozen=True, slots=True)
class RuleBook:
    """All rules in force, found by name or by door."""

    rules: tuple[Rule, ...]

    def on(self, door: str) -> tuple[Rule, ...]:
        """The rules of one door, in the order they stand in the file."""
        return tuple(rule for rule in self.rules if rule.on == door)

    def named(self, name: str) -> Rule | None:
        """The rule of that name; None when it was removed since the event came in."""
        return next((rule for rule in self.rules if rule.name == name), None)
