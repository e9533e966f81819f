"""The schedule door as data, and the reply of a report that goes nowhere else."""

from __future__ import annotations

from collections.abc import Sequence

from bot.door import Door, Mistake, Profile, ReadKind, ReplyKind
from bot.doors.schedule.rule import ScheduleRule, timetable_of
from bot.doors.schedule.settings import ScheduleSettings
from bot.doors.schedule.timetable import NoTimetable
from bot.rules.keys import RuleKeys
from bot.rules.rule import Rule
from bot.settings import Settings

REPORT = (
    "You write what a schedule asks for, such as a report; nobody can be asked back. Answer in the language of the "
    "request, to the point and without preamble, in simple Markdown, with figures, names and dates exactly as they "
    "stand in the material. Say so when something is missing."
)
MOST_NAME_BYTES = 200


def _missing(_settings: Settings, keys: RuleKeys | None) -> tuple[str, ...]:
    return ("RULES_FILE",) if keys is None else ()  # only a written rule says when


def _derived_rule(_settings: Settings) -> Rule:
    raise AssertionError("a schedule is never derived: only a written rule opens this door")


def _check_rules(rules: Sequence[Rule], _settings: Settings) -> Mistake | None:
    for rule in rules:
        try:
            timetable_of(rule)
        except NoTimetable as error:
            return Mistake(rule, error.key, error.words)
        if not rule.name.isprintable() or len(rule.name.encode()) > MOST_NAME_BYTES:
            return Mistake(rule, "name", f"expected one line of at most {MOST_NAME_BYTES} bytes, for it names each run")
        if not rule.ask.strip():
            return Mistake(rule, "ask", "it is missing; expected the prompt, in quotes: a schedule brings no words")
    return None


DOOR = Door(
    name="schedule",
    settings=ScheduleSettings,
    rule_keys=ScheduleRule,
    missing=_missing,
    derived_rule=_derived_rule,
    profile=Profile(REPORT),
    opened_by={},
    check_rules=_check_rules,
)

REPLY = ReplyKind("kept", is_quiet=True)
READ = ReadKind("events:RULE", is_rule=True)
