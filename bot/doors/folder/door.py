"""The folder door as data, and what its rules may not watch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bot.door import Door, Mistake, Profile, ReadKind, ReplyKind
from bot.doors.folder.paths import absolute, is_own_state, is_shared
from bot.doors.folder.rule import FolderRule
from bot.doors.folder.settings import FolderSettings
from bot.events import Event, FilePath
from bot.rules.keys import RuleKeys
from bot.rules.rule import Rule
from bot.secrecy import shown_path
from bot.settings import Settings

FILE = (
    "You answer about a file that somebody dropped into a folder; nobody can be asked back. Answer in the language of "
    "the file unless the request says otherwise, in simple Markdown, with figures, names and dates exactly as they "
    "stand there. Say so when something cannot be read or is missing."
)
ASK = "Read the attached file {filename} and summarise what it says, with every figure and date that matters."


def _missing(settings: Settings, keys: RuleKeys | None) -> tuple[str, ...]:
    return () if keys is not None or settings.door(FolderSettings).watch_folder else ("WATCH_FOLDER",)


def _derived_rule(settings: Settings) -> Rule:
    path = str(settings.door(FolderSettings).watch_folder)
    return Rule(name="folder", on="folder", ask=ASK, options=FolderRule(path=path))


def _check_rules(rules: Sequence[Rule], settings: Settings) -> Mistake | None:
    before: list[Rule] = []
    for rule in rules:
        fault = _fault_of(rule.of(FolderRule).path, settings) or _clash(rule, before)
        if fault:
            return Mistake(rule, "path", fault, "WATCH_FOLDER")
        before.append(rule)
    return None


def _fault_of(path: str, settings: Settings) -> str:
    whole = absolute(path)
    if is_own_state(whole, settings.state_dir):
        return f"expected a folder of yours, and {shown_path(whole)} is where Bellhop keeps its own state (STATE_DIR)"
    # A folder that is not there yet is no mistake: it is waited for, as a mount is.
    return f"expected a folder, and {shown_path(whole)} is a file" if Path(whole).is_file() else ""


def _clash(rule: Rule, before: Sequence[Rule]) -> str:
    mine = absolute(rule.of(FolderRule).path)
    for other in before:
        others = absolute(other.of(FolderRule).path)
        if is_shared(mine, others):
            both = f'{shown_path(mine)} and {shown_path(others)}, which rule "{other.name}" watches,'
            return f"expected a folder of its own, neither around nor inside another rule's: {both} hold the same files"
    return ""


def _file(place: str, event: Event) -> FilePath:
    return FilePath(root=str(Path(place).expanduser().absolute()), name=_file_name(event))


def _file_name(event: Event) -> str:
    if isinstance(event.reply_to, FilePath):
        return event.reply_to.name
    name = event.attachments[0].name if event.attachments else event.id
    return "".join(letter if letter.isalnum() or letter in " ._-" else "_" for letter in name).strip(" .") or "answer"


DOOR = Door(
    name="folder",
    settings=FolderSettings,
    rule_keys=FolderRule,
    missing=_missing,
    derived_rule=_derived_rule,
    profile=Profile(FILE),
    opened_by={"WATCH_FOLDER": ""},
    check_rules=_check_rules,
)

BATCH_RULE = Rule(name="bot batch", on="folder", ask=ASK, lane="night", options=FolderRule(path="."))
"""The rule of `bot batch`; no written rule is likely to have its name."""

REPLY = ReplyKind("file", "file:DIR", address=_file, is_quiet=True)
READ = ReadKind("folder:DIR")
