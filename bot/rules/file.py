"""The reading of rules.toml, which names every mistake by file, line, key and what was expected."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from bot.errors import SettingsError
from bot.rules.checks import line_of, refuse_closed_doors, refuse_doubles, refuse_shared_folders, refuse_watch_folder
from bot.rules.rule import Rule, RuleBook, derived_rule, derived_rules
from bot.settings import DOORS, Settings

KINDS = ("text", "integer", "number", "boolean", "date")
REPLY = re.compile(r"^(slack|file):\S")
OF_DOOR = {
    "channels": "slack",
    "spreadsheet": "sheet",
    "tab": "sheet",
    "columns": "sheet",
    "path": "folder",
}


def load_rules(settings: Settings) -> RuleBook:
    """The rules in force: those of RULES_FILE, and a derived one for each open door that no rule there speaks of.

    Raises SettingsError, one line `rules.toml:12: rule "invoices", key "max_tokens": expected …`.
    """
    path = settings.rules_file
    if not path.is_file():
        if "rules_file" in settings.model_fields_set:
            raise SettingsError(f"RULES_FILE is {path}, but there is no such file.")
        book = derived_rules(settings)
        refuse_watch_folder(book.rules, settings)
        return book
    text = _read(path)
    written = parse_rules(text, str(path))
    spoken_for = {rule.on for rule in written.rules}
    derived = tuple(derived_rule(door, settings) for door in settings.open_doors() if door not in spoken_for)
    book = RuleBook(written.rules + derived)
    refuse_closed_doors(book, settings, text, str(path))
    refuse_shared_folders(written, settings, text, str(path))
    refuse_watch_folder(derived, settings)
    return book


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")  # some editors begin a file with a mark that TOML does not know
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise SettingsError(f"{path}:{line}: expected text in UTF-8; save the file as UTF-8.") from None
    except OSError as error:
        raise SettingsError(f"{path}: it cannot be read ({error.strerror}).") from None


def parse_rules(text: str, file: str) -> RuleBook:
    """The rules written in `text`; `file` is the name that errors carry."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{file}{_place_of(error)}: {error}. This is not valid TOML.") from None
    unknown = next((key for key in data if key != "rule"), None)
    if unknown is not None:
        raise SettingsError(f'{file}:{line_of(text, 0, unknown)}: key "{unknown}": expected only [[rule]] tables.')
    tables = data.get("rule", [])
    if not isinstance(tables, list):
        raise SettingsError(f"{file}:{line_of(text, 0, 'rule')}: expected [[rule]], with two brackets on each side.")
    rules = tuple(_Table(text, file, number, table).rule() for number, table in enumerate(tables, 1))
    refuse_doubles(rules, text, file)
    return RuleBook(rules)


def _place_of(error: tomllib.TOMLDecodeError) -> str:
    # Python before 3.14 tells the place in words only.
    place = re.search(r"\(at line (\d+), ", str(error))
    return f":{place[1]}" if place else ""


class _Table:
    """One `[[rule]]` table on its way to a Rule; knows where it stands, so that errors can say it."""

    def __init__(self, text: str, file: str, number: int, table: Mapping[str, Any]) -> None:
        self._text, self._file, self._number, self._table = text, file, number, table

    def rule(self) -> Rule:
        for key in self._table:
            self._known(key)
        values = {key: self._value(key, value) for key, value in self._table.items()}
        for needed in ("name", "on"):
            if not values.get(needed):
                raise self._wrong(needed, f"it is missing; expected {EXPECTED[needed]}")
        for key, door in OF_DOOR.items():
            if key in values and values["on"] != door:
                raise self._wrong(key, f'it belongs to rules with on = "{door}", and this one has "{values["on"]}"')
        if values["on"] == "folder" and not values.get("path"):
            raise self._wrong("path", "it is missing; expected the folder to watch")
        return Rule(**values)

    def _known(self, key: str) -> None:
        names = [field.name for field in fields(Rule)]
        if key not in names:
            near = _nearest(key, names)
            raise self._wrong(key, f"there is no such key{f'; did you mean {near}?' if near else ''}")

    def _value(self, key: str, value: Any) -> Any:
        accepted = ACCEPTS[key](value)
        if accepted is None:
            raise self._wrong(key, f"expected {EXPECTED[key]}, found {value!r}")
        return accepted

    def _wrong(self, key: str, words: str) -> SettingsError:
        name = self._table.get("name", self._number)
        line = line_of(self._text, self._number, key)
        return SettingsError(f'{self._file}:{line}: rule "{name}", key "{key}": {words}.')


def _text_value(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _filled(value: Any) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


def _one_of(*choices: str) -> Any:
    return lambda value: value if isinstance(value, str) and value in choices else None


def _names(value: Any) -> tuple[str, ...] | None:
    return tuple(value) if isinstance(value, list) and all(_filled(name) for name in value) else None


def _count(value: Any) -> int | None:
    return value if type(value) is int and 1 <= value <= 128_000 else None


def _money(value: Any) -> float | None:
    return float(value) if type(value) in (int, float) and value >= 0 else None


def _columns(value: Any) -> Mapping[str, Any] | None:
    if not isinstance(value, dict) or not value:
        return None
    kinds = {name: (tuple(kind) if isinstance(kind, list) else kind) for name, kind in value.items()}
    fine = all(
        kind in KINDS if isinstance(kind, str) else isinstance(kind, tuple) and kind and all(map(_filled, kind))
        for kind in kinds.values()
    )
    return kinds if fine else None


def _reply(value: Any) -> str | None:
    return value if isinstance(value, str) and REPLY.match(value) else None


ACCEPTS: dict[str, Any] = {
    "name": _filled,
    "on": _one_of(*DOORS),
    "ask": _filled,
    "system": _text_value,
    "model": _filled,
    "max_tokens": _count,
    "reply": _reply,
    "columns": _columns,
    "daily_budget_usd": _money,
    "allow": _names,
    "channels": _names,
    "spreadsheet": _filled,
    "tab": _filled,
    "path": _filled,
}
EXPECTED = {
    "name": "a name in quotes, used once",
    "on": "one of " + ", ".join(f'"{door}"' for door in DOORS),
    "ask": "the prompt, in quotes",
    "system": "text in quotes",
    "model": 'a model\'s name such as "claude-sonnet-5-5"',
    "max_tokens": "a whole number from 1 to 128000",
    "reply": '"slack:CHANNEL" or "file:DIR"',
    "columns": 'a table such as {Category = ["bug", "wish"], Urgency = "integer"} with the types ' + ", ".join(KINDS),
    "daily_budget_usd": "an amount in US dollars such as 2.50",
    "allow": "a list of names in quotes",
    "channels": "a list of channel ids in quotes",
    "spreadsheet": "a spreadsheet's id or URL in quotes",
    "tab": "a tab's name in quotes",
    "path": "a folder's path in quotes",
}


def _nearest(key: str, names: list[str]) -> str:
    import difflib

    return next(iter(difflib.get_close_matches(key, names, n=1)), "")
