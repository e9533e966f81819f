"""THE registry: one line for each door and for each kind of reply, and how the modules it names are opened.

A line names modules, which are imported when they are first used: no command pays for a door that it does not touch,
and no SDK is loaded for a door that is closed. What such a module must hold is said at `DoorLine` and `ReplyLine`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from typing import TYPE_CHECKING, Any

from bot.door import Door, Finding, Known, Profile, ReplyKind
from bot.events import Event, Trigger
from bot.parts import Parts, Replies
from bot.rules.file import load_rules
from bot.rules.rule import Rule, RuleBook
from bot.settings import Settings

if TYPE_CHECKING:
    from handlers.prompt import Gathered


@dataclass(frozen=True, slots=True)
class DoorLine:
    """The modules of one door.

    `door` holds `DOOR: Door`. `trigger` holds `open_trigger(parts, rules) -> Trigger` and
    `check(settings, rules) -> list[Finding]` (async). `reader`, where the source knows more than its events tell, holds
    `open_reader(parts) -> (event) -> Gathered`. `presence`, where what an event was about may go before its answer
    comes, holds `open_presence(parts) -> (event) -> None` (async, raises NotWanted).
    """

    door: str
    trigger: str
    reader: str = ""
    presence: str = ""


@dataclass(frozen=True, slots=True)
class ReplyLine:
    """The modules of one kind of reply: `kind` holds `REPLY: ReplyKind`, `replies` holds `open_replies(parts)`.

    `record` is what it is called there, where one module holds two; `replies` is "" for one whose addresses are of
    another kind. `check`, where a place that a rule names can be tested, holds
    `check_replies(settings, [(rule, place), …]) -> list[Finding]` (async).
    """

    kind: str
    replies: str
    record: str = "REPLY"
    check: str = ""


DOORS: Mapping[str, DoorLine] = {
    "slack": DoorLine("bot.doors.slack.door", "triggers.slack.opening", "handlers.context.slack.opening"),
    "sheet": DoorLine("bot.doors.sheet.door", "triggers.sheet", presence="handlers.context.sheet"),
    "folder": DoorLine(
        "bot.doors.folder.door", "triggers.folder", "handlers.context.folder", "handlers.context.folder"
    ),
    "webhook": DoorLine("bot.doors.webhook.door", "triggers.webhook.opening", "handlers.context.webhook"),
    "mail": DoorLine("bot.doors.mail.door", "triggers.mail", "handlers.context.mail.reader"),
    "schedule": DoorLine("bot.doors.schedule.door", "triggers.schedule"),
}
REPLIES: Mapping[str, ReplyLine] = {
    "slack": ReplyLine("bot.doors.slack.door", "handlers.replies.slack.slack_replies", check="triggers.slack.check"),
    "sheet": ReplyLine("bot.doors.sheet.door", "handlers.replies.sheet", check="handlers.replies.sheet_tab.check"),
    "sheet_tab": ReplyLine("bot.doors.sheet.door", "handlers.replies.sheet_tab.opening", "ADDED_ROW"),
    "file": ReplyLine("bot.doors.folder.door", "handlers.replies.file.reply", check="triggers.folder.check"),
    "kept": ReplyLine("bot.doors.schedule.door", "handlers.replies.kept"),
    "http": ReplyLine("bot.doors.webhook.door", "handlers.replies.http"),
    "mail": ReplyLine("bot.doors.mail.door", "handlers.replies.mail.opening"),
    "draft": ReplyLine("bot.doors.mail.door", "", "DRAFT"),
}


@dataclass(frozen=True, slots=True)
class ReadLine:
    """The modules of one kind of source: `kind` holds `READ: ReadKind`, `source` holds `open_source(parts)`.

    `check`, where it can be tested, holds `check_sources(settings, places) -> list[Finding]` (async).
    """

    kind: str
    source: str
    check: str = ""


READS: Mapping[str, ReadLine] = {
    "sheet": ReadLine("bot.doors.sheet.door", "handlers.reading.sheet", check="triggers.sheet.check"),
    "folder": ReadLine("bot.doors.folder.door", "handlers.reading.folder", check="triggers.folder.check"),
    "events": ReadLine("bot.doors.schedule.door", "handlers.reading.events"),
}
BATCH = "batch"
"""The source of what `bot batch` asks: files, as at the folder door."""


def known() -> Known:
    """Every door, every kind of reply and every kind of source, as data."""
    doors: dict[str, Door] = {name: import_module(line.door).DOOR for name, line in DOORS.items()}
    kinds: dict[str, ReplyKind] = {
        name: getattr(import_module(line.kind), line.record) for name, line in REPLIES.items()
    }
    return Known(doors, kinds, {name: import_module(line.kind).READ for name, line in READS.items()})


def rules_of(settings: Settings) -> RuleBook:
    """The rules in force for these settings; raises SettingsError."""
    return load_rules(settings, known())


def with_replies(parts: Parts) -> Parts:
    """The parts with every kind of reply that is set up; the caller closes them."""
    kinds = known().replies
    lines = {name: line for name, line in REPLIES.items() if line.replies and not kinds[name].missing(parts.settings)}
    opened: dict[str, Replies] = {name: import_module(line.replies).open_replies(parts) for name, line in lines.items()}
    return replace(parts, replies=opened)


def open_triggers(parts: Parts) -> list[Trigger]:
    """A trigger for each door that has a rule."""
    return [open_trigger(parts, name) for name in DOORS if parts.rules.on(name)]


def open_trigger(parts: Parts, door: str) -> Trigger:
    """The trigger of one door, made anew from what its door is now."""
    trigger: Trigger = import_module(DOORS[door].trigger).open_trigger(parts, parts.rules.on(door))
    return trigger


def source_readers(parts: Parts) -> Mapping[str, Callable[[Event], Awaitable[Gathered]]]:
    """For each source that has one: what reads the thread an event stands in, or a file that was not copied."""
    readers: dict[str, Any] = {
        name: import_module(line.reader).open_reader(parts)
        for name, line in DOORS.items()
        if line.reader and parts.rules.on(name)
    }
    return {**readers, BATCH: import_module(DOORS["folder"].reader).open_reader(parts)}


def schedules_in_words(rules: RuleBook, settings: Settings) -> dict[str, str]:
    """Each schedule by its rule: when it runs, in words, and its next instants."""
    if not rules.on("schedule"):
        return {}
    words: dict[str, str] = import_module(DOORS["schedule"].trigger).in_words_of(settings, rules.on("schedule"))
    return words


def event_by_hand(rule: Rule, settings: Settings) -> Event:
    """The event of a schedule rule that somebody starts at this moment."""
    event: Event = import_module(DOORS[rule.on].trigger).run_by_hand(rule, settings)
    return event


def sources_of(parts: Parts) -> Mapping[str, Any]:
    """The kinds of source that any rule's `read` names, open."""
    named = {source.partition(":")[0] for rule in parts.rules.rules for source in rule.read}
    return {name: import_module(line.source).open_source(parts) for name, line in READS.items() if name in named}


def source_presence(parts: Parts) -> dict[str, Callable[[Event], Awaitable[None]]]:
    """For each source that has one: what raises NotWanted for an event whose row or file is gone."""
    found = {
        name: import_module(line.presence).open_presence(parts)
        for name, line in DOORS.items()
        if line.presence and parts.rules.on(name)
    }
    return {**found, BATCH: import_module(DOORS["folder"].presence).open_presence(parts)}


def batch_rule(overrides: Mapping[str, Any]) -> Rule:
    """The rule of `bot batch`, which answers as the folder door does, with what its events say in its place."""
    rule: Rule = import_module(DOORS["folder"].door).BATCH_RULE
    return rule.with_overrides(overrides)


def folder_profile() -> Profile:
    """How Claude answers about a file."""
    door: Door = import_module(DOORS["folder"].door).DOOR
    return door.profile


def ignored_in(root: str, settings: Settings) -> Any:
    """Which names below a folder are nobody's question, as at the folder door."""
    return import_module("bot.doors.folder.own_names").ignored_below(root, settings)


async def check_doors(settings: Settings, rules: RuleBook) -> list[Finding]:
    """What `bot check` found: Claude first, then every door that has a rule, or is answered through."""
    from handlers.claude import Claude

    claude = Claude(settings)
    try:
        findings = await claude.check({rule.model for rule in rules.rules if rule.model})
    finally:
        await claude.aclose()
    answered_through = {reply.partition(":")[0] for rule in rules.rules for reply in rule.reply}
    for name, line in DOORS.items():
        if rules.on(name) or name in answered_through:
            findings += await import_module(line.trigger).check(settings, rules.on(name))
    findings += await check_places(settings, rules.rules)
    for name, read_line in READS.items():
        places = [place for rule in rules.rules for place in _places(name, rule.read)]
        if places and read_line.check:
            findings += await import_module(read_line.check).check_sources(settings, tuple(dict.fromkeys(places)))
    return findings


async def check_places(settings: Settings, rules: Iterable[Rule]) -> list[Finding]:
    """What `bot check` found of the places that these rules send answers to."""
    findings: list[Finding] = []
    for name, line in REPLIES.items():
        routed = [(rule, place) for rule in rules for place in _places(name, rule.reply)]
        if routed and line.check:
            findings += await import_module(line.check).check_replies(settings, routed)
    return findings


def _places(kind: str, named: Iterable[str]) -> list[str]:
    """What stands behind the colons of those names that are of this kind."""
    return [name.partition(":")[2].strip() for name in named if name.startswith(f"{kind}:")]
