"""What is checked once all rules are known: doubled names, closed doors, ways not set up, what a door itself finds."""

from __future__ import annotations

from bot.door import Known
from bot.errors import SettingsError
from bot.rules.lines import Source, quoted
from bot.rules.rule import Rule, RuleBook
from bot.settings import Settings


def refuse_doubles(rules: tuple[Rule, ...], source: Source) -> None:
    """Raise SettingsError when two rules have the same name."""
    seen: set[str] = set()
    for number, rule in enumerate(rules, 1):
        if rule.name in seen:
            raise source.wrong(number, "name", f'"{quoted(rule.name)}" is used twice; expected each name once')
        seen.add(rule.name)


def refuse_taken_names(written: RuleBook, derived: RuleBook, source: Source) -> None:
    """Raise SettingsError for a rule that is called like one that an open door has without it."""
    for number, rule in enumerate(written.rules, 1):
        if derived.named(rule.name):
            words = f'"{quoted(rule.name)}" is what a rule is called that another open door has by itself'
            raise source.wrong(number, "name", f"{words}; expected another name", rule.name)


def refuse_closed_doors(written: RuleBook, known: Known, settings: Settings, source: Source) -> None:
    """Raise SettingsError for a rule whose door lacks its variables."""
    for number, rule in enumerate(written.rules, 1):
        door = known.doors[rule.on]
        missing = door.missing(settings, rule.options)
        if missing:
            where = f". {door.opened_by.get(missing[0], '')}".rstrip(". ")
            raise source.wrong(number, "on", f"{rule.on} needs {' and '.join(missing)} to be set{where}", rule.name)


def refuse_lanes(written: RuleBook, known: Known, source: Source) -> None:
    """Raise SettingsError for a rule of the night lane at a door where a person sits and waits."""
    for number, rule in enumerate(written.rules, 1):
        if rule.lane == "night" and not known.doors[rule.on].has_night:
            allowed = ", ".join(door.name for door in known.doors.values() if door.has_night)
            words = f'expected "now" for {rule.on}, where a person waits for the answer; "night" is for {allowed}'
            raise source.wrong(number, "lane", words, rule.name)


def refuse_ways_not_set_up(written: RuleBook, known: Known, settings: Settings, source: Source) -> None:
    """Raise SettingsError for a `reply` whose way lacks its variables."""
    for number, rule in enumerate(written.rules, 1):
        for kind, missing in ((kind, known.replies[kind].missing(settings)) for kind in kinds_of(rule)):
            if missing:
                words = f"to answer by {kind}, {' and '.join(missing)} must be set, and it is not"
                raise source.wrong(number, "reply", words, rule.name)


def refuse_sources_not_set_up(written: RuleBook, rules: RuleBook, known: Known, settings: Settings, at: Source) -> None:
    """Raise SettingsError for a `read` whose way lacks its variables, or that names a rule which there is not."""
    for number, rule in enumerate(written.rules, 1):
        for name, _, place in (source.partition(":") for source in rule.read):
            kind = known.reads[name]
            if missing := kind.missing(settings):
                words = f"to read {name}, {' and '.join(missing)} must be set, and it is not"
                raise at.wrong(number, "read", words, rule.name)
            if kind.is_rule and rules.named(place.strip()) is None:
                raise at.wrong(number, "read", f'there is no rule "{quoted(place.strip())}"', rule.name)


def kinds_of(rule: Rule) -> list[str]:
    """The kinds of reply that a rule names."""
    return [reply.partition(":")[0] for reply in rule.reply]


def refuse_mistakes(
    written: RuleBook, derived: RuleBook, known: Known, settings: Settings, source: Source | None
) -> None:
    """Raise SettingsError for what a door finds wrong with its rules beyond the types of their keys."""
    for door in known.doors.values():
        mistake = door.check_rules(written.on(door.name), settings)
        if mistake and source:
            number = written.rules.index(mistake.rule) + 1
            raise source.wrong(number, mistake.key, mistake.words, mistake.rule.name)
        mistake = door.check_rules(derived.on(door.name), settings)
        if mistake:
            raise SettingsError(f"{mistake.variable} is wrong: {mistake.words}.")
