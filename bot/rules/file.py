"""The reading of rules.toml, which names every mistake by file, line, key, what was expected and what was found."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from bot.door import Known
from bot.errors import SettingsError
from bot.rules.checks import (
    refuse_closed_doors,
    refuse_doubles,
    refuse_lanes,
    refuse_mistakes,
    refuse_sources_not_set_up,
    refuse_taken_names,
    refuse_ways_not_set_up,
)
from bot.rules.keys import CommonKeys
from bot.rules.lines import Source, no_toml, quoted
from bot.rules.rule import K, Rule, RuleBook
from bot.secrecy import looks_secret, shown, shown_path
from bot.settings import Settings


def load_rules(settings: Settings, known: Known) -> RuleBook:
    """The rules in force: those of RULES_FILE, and a derived one for each open door where those leave room.

    Raises SettingsError, one line `rules.toml:12: rule "invoices", key "max_tokens": expected …`.
    """
    source = _source(settings)
    written = parse_rules(source, known) if source else RuleBook(())
    with_room = [door for door in known.open_doors(settings) if door.leave_room(written.on(door.name))]
    derived = tuple(door.derived_rule(settings) for door in with_room)
    if source:
        refuse_lanes(written, known, source)
        refuse_taken_names(written, RuleBook(derived), source)
        refuse_closed_doors(written, known, settings, source)
        refuse_ways_not_set_up(written, known, settings, source)
        refuse_sources_not_set_up(written, RuleBook(written.rules + derived), known, settings, source)
    refuse_mistakes(written, RuleBook(derived), known, settings, source)
    return RuleBook(written.rules + derived)


def _source(settings: Settings) -> Source | None:
    path = settings.rules_file
    if not path.is_file():
        if "rules_file" in settings.model_fields_set:
            raise SettingsError(f"RULES_FILE is {shown_path(path)}, but there is no such file.")
        return None
    return Source(str(path), _read(path))


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")  # some editors begin a file with a mark that TOML does not know
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise SettingsError(f"{path}:{line}: expected text in UTF-8; save the file as UTF-8.") from None
    except OSError as error:
        raise SettingsError(f"{path}: it cannot be read ({error.strerror}).") from None


def parse_rules(source: Source, known: Known) -> RuleBook:
    """The rules written in a file, whatever the settings are."""
    try:
        data = tomllib.loads(source.text)
    except tomllib.TOMLDecodeError as error:
        raise no_toml(source, error) from None
    unknown = next((key for key in data if key != "rule"), None)
    if unknown is not None:
        raise source.wrong(0, unknown, "expected only [[rule]] tables")
    tables = data.get("rule", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise SettingsError(f"{source.file}:{source.line_of(0, 'rule')}: expected [[rule]], with two brackets each.")
    rules = tuple(_Table(source, known, number, table).rule() for number, table in enumerate(tables, 1))
    refuse_doubles(rules, source)
    return RuleBook(rules)


class _Table:
    """One `[[rule]]` table on its way to a Rule; knows where it stands, so that errors can say it."""

    def __init__(self, source: Source, known: Known, number: int, table: Mapping[str, Any]) -> None:
        self._source, self._known, self._number, self._table = source, known, number, table
        self._owners = {name: door.rule_keys.keys() for name, door in known.doors.items()}

    def rule(self) -> Rule:
        self._refuse_unknown()
        common = self._validated(CommonKeys)
        on = common.on
        if on not in self._known.doors:
            raise self._unexpected("on", f"one of {_quoted(self._known.doors)}{_meant(on, self._known.doors)}")
        for reply in common.reply:
            self._check_reply(reply, on)
        for source in common.read:
            self._check_source(source)
        self._refuse_foreign(on)
        written = {name: getattr(common, name) for name in common.model_fields_set}
        return Rule(**written, options=self._validated(self._known.doors[on].rule_keys))

    def _refuse_unknown(self) -> None:
        keys = [*CommonKeys.keys(), *(key for own in self._owners.values() for key in own)]
        for key in self._table:
            if key not in keys:
                raise self._wrong(key, f"there is no such key{_meant(key, keys)}")

    def _refuse_foreign(self, on: str) -> None:
        for key in self._table:
            owners = [name for name, own in self._owners.items() if key in own]
            if owners and on not in owners:
                words = f'it belongs to rules with on = {_quoted(owners, " or ")}, and this one has "{on}"'
                raise self._wrong(key, words)

    def _validated(self, model: type[K]) -> K:
        """Those of the table's keys that belong to this model; raises SettingsError for the first that is wrong."""
        keys = model.keys()
        values = {key: value for key, value in self._table.items() if key in keys}
        try:
            return model.model_validate(values)
        except ValidationError as error:
            places = [one["loc"] for one in error.errors(include_url=False, include_input=False)]
            wrong = {str(place[0]): place[1:] for place in reversed(places)}
            key = next(key for key in (*values, *keys) if key in wrong)
            if key in values:
                raise self._unexpected(key, keys[key], _part(wrong[key])) from None
            raise self._wrong(key, f"it is missing; expected {keys[key]}") from None

    def _check_reply(self, reply: str, on: str) -> None:
        ways = {name: kind for name, kind in self._known.replies.items() if not kind.only_on or on in kind.only_on}
        forms = [kind.form for kind in ways.values() if kind.form]
        name, _, place = reply.partition(":")
        kind = ways.get(name)
        if kind is None or not kind.form or bool(place.strip()) != (":" in kind.form):
            near = _meant(name, [form.partition(":")[0] for form in forms]) if kind is None else ""
            raise self._unexpected("reply", _quoted(forms, " or ") + near)
        if fault := kind.fault(place):
            raise self._wrong("reply", fault)

    def _check_source(self, source: str) -> None:
        forms = [kind.form for kind in self._known.reads.values()]
        name, _, place = source.partition(":")
        kind = self._known.reads.get(name)
        if kind is None or not kind.is_place(place.strip()):
            near = _meant(name, self._known.reads) if kind is None else ""
            raise self._unexpected("read", f"a list of {_quoted(forms, ' or ')}{near}")

    def _unexpected(self, key: str, expected: str, part: str = "") -> SettingsError:
        # Whoever takes the key of a variable's name for the secret's own place must not see it quoted.
        found = "something else" if key.endswith("_env") else shown(self._table[key])
        return self._wrong(key, f"expected {expected}, found {found}{part}")

    def _wrong(self, key: str, words: str) -> SettingsError:
        return self._source.wrong(self._number, key, words, self._name())

    def _name(self) -> object:
        """What an error calls this rule: its name, as far as that is one."""
        name = self._table.get("name")
        return name if isinstance(name, str) and not looks_secret(name) else self._number


def _quoted(names: Iterable[str], between: str = ", ") -> str:
    return between.join(f'"{name}"' for name in names)


def _part(place: tuple[int | str, ...]) -> str:
    """Which part of a list or a table is wrong, where a value has parts."""
    if not place:
        return ""
    return (
        f" whose item {place[0] + 1} is wrong" if isinstance(place[0], int) else f' whose "{quoted(place[0])}" is wrong'
    )


def _meant(name: str, names: Iterable[str]) -> str:
    import difflib

    near = next(iter(difflib.get_close_matches(name, list(names), n=1)), "")
    return f' (did you mean "{near}"?)' if near else ""
