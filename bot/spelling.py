"""Names in `.env` that nearly are a setting: what is misspelt there would be passed over without a word."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bot.door import Known
from bot.rules.rule import RuleBook
from bot.settings import Settings

NEAR = 0.8
"""So much alike are a name and what is meant by it; two that merely begin or end alike are less so."""


def misspelt(settings: Settings, known: Known, rules: RuleBook) -> dict[str, str]:
    """Each name in `.env` that is no setting, but nearly one that is not set, with that one.

    Variables that rules name are known, and what is set in the environment alone is other programs' matter.
    """
    models = (settings, *(settings.door(door.settings) for door in known.doors.values()))
    names = {name.upper() for model in models for name in type(model).model_fields}
    unset = names - {name.upper() for model in models for name in model.model_fields_set}
    ours = names | {name.upper() for rule in rules.rules if rule.options for name in _named(rule.options.model_dump())}
    written = [name for name, value in settings.in_file().items() if value and name.upper() not in ours]
    near = {name: _nearest(name.upper(), names) for name in written}
    return {name: meant for name, meant in near.items() if meant in unset}


def misspelt_words(found: Mapping[str, str]) -> list[str]:
    """A sentence for each."""
    return [f"{name} in .env is no setting: did you mean {meant}?" for name, meant in found.items()]


def _nearest(name: str, names: Iterable[str]) -> str:
    # SLACK_BOT_TOKEN_OLD is no slip of the keys: somebody keeps it, for later or for another program.
    others = (one for one in names if not name.startswith(f"{one}_") and not name.endswith(f"_{one}"))
    return next(iter(difflib.get_close_matches(name, sorted(others), n=1, cutoff=NEAR)), "")


def _named(keys: Mapping[str, Any]) -> Iterator[str]:
    """The variables that a rule's keys name (`secret_env`, one or a list), in tables within it too."""
    for key, value in keys.items():
        if key.endswith("_env"):
            yield from (value,) if isinstance(value, str) else value or ()
        for table in value if isinstance(value, list | tuple) else (value,):
            if isinstance(table, Mapping):
                yield from _named(table)
